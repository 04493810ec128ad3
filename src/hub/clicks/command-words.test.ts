import { describe, expect, it } from 'vitest';
import { durationMs, splitSpan, unquoted } from './command-words.ts';

/** A Thursday, 12:00 in the zone of the machine. */
const NOON = new Date(2026, 0, 1, 12).getTime();
const at = (day: number, hour = 0, minute = 0) => new Date(2026, 0, day, hour, minute).getTime();
const HOUR = 3_600_000;

describe('the time at the end of what somebody typed', () => {
  it.each([
    ['prod-db', 'prod-db', NOON - 24 * HOUR, NOON],
    ['prod-db today', 'prod-db', at(1), NOON],
    ['prod-db YESTERDAY', 'prod-db', at(0), at(1)],
    ['prod db since 2h', 'prod db', NOON - 2 * HOUR, NOON],
    ['prod-db since 3d', 'prod-db', NOON - 72 * HOUR, NOON],
    ['prod-db since 09:30', 'prod-db', at(1, 9, 30), NOON],
    ['prod-db since 13:00', 'prod-db', at(0, 13), NOON],
    ['prod-db since Monday', 'prod-db', at(-2), NOON],
    ['prod-db since thursday', 'prod-db', at(1), NOON],
    ['prod-db since 2025-12-24', 'prod-db', new Date(2025, 11, 24).getTime(), NOON],
    ['prod-db since now-90m', 'prod-db', NOON - 1.5 * HOUR, NOON],
    ['the today show', 'the today show', NOON - 24 * HOUR, NOON],
    ['birthday', 'birthday', NOON - 24 * HOUR, NOON],
    ['', '', NOON - 24 * HOUR, NOON],
  ])('%s', (text, rest, from, to) => {
    expect(splitSpan(text, NOON)).toEqual({ rest, span: { from, to } });
  });

  it.each(['x since tomorrow', 'x since 2099-01-01', 'x since 31.12.', 'x since 0h'])('%s names none', (text) => {
    expect(splitSpan(text, NOON)).toBeUndefined();
  });
});

it('takes quotes of any keyboard off', () => {
  expect(['"a b"', '“a b”', "'a b'", '‘a b’', 'a "b"', '""', '"'].map(unquoted)).toEqual(['a b', 'a b', 'a b', 'a b', 'a "b"', '""', '"']);
});

it('reads how long', () => {
  expect(['30m', '2h', '1d', '2w', '90', 'h', '0h', '12345h', '1y'].map(durationMs)).toEqual([
    30 * 60_000,
    2 * HOUR,
    24 * HOUR,
    14 * 24 * HOUR,
    ...Array.from({ length: 5 }, () => undefined),
  ]);
});
