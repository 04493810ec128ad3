import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress, parseNetwork, printAddress } from './address.ts';
import { barWidth, MOST_BARS } from './histogram.ts';
import { parseCursor, printCursor } from './position.ts';
import { eventTime, parseTime } from './time-literal.ts';
import { expandingWindows } from './windows.ts';

const NOW = Date.UTC(2026, 0, 31, 12, 34, 56, 789);
const DAY = 86_400_000;

describe('expandingWindows', () => {
  it('cover the range once, nearest first', () => {
    const time = fc.integer({ min: 0, max: 2 * NOW });
    fc.assert(
      fc.property(time, time, time, fc.constantFrom('older' as const, 'newer' as const), (from, to, now, direction) => {
        const windows = expandingWindows({ from, to }, direction, now);
        const ordered = direction === 'older' ? windows.toReversed() : windows;
        if (from >= to) expect(windows).toEqual([]);
        else expect([ordered[0]?.from, ordered.at(-1)?.to]).toEqual([from, to]);
        for (const [i, window] of ordered.entries()) {
          expect(window.from).toBeLessThan(window.to);
          if (i > 0) expect(window.from).toBe(ordered[i - 1]?.to);
        }
      }),
    );
  });

  it('begin with one hour', () => {
    expect(expandingWindows({ from: 0, to: NOW }, 'older', NOW)[0]).toEqual({ from: NOW - 3_600_000, to: NOW });
  });
});

describe('parseTime', () => {
  it.each([
    ['now', NOW, NOW],
    ['now-1h', NOW - 3_600_000, NOW - 3_600_000],
    ['now-1d/d', Date.UTC(2026, 0, 30), Date.UTC(2026, 0, 31) - 1],
    ['now/w', Date.UTC(2026, 0, 26), Date.UTC(2026, 1, 2) - 1],
    ['2026-02', Date.UTC(2026, 1, 1), Date.UTC(2026, 2, 1) - 1],
    ['2026-01-31', Date.UTC(2026, 0, 31), Date.UTC(2026, 1, 1) - 1],
    ['2026-01-31T10:00', Date.UTC(2026, 0, 31, 10), Date.UTC(2026, 0, 31, 10, 1) - 1],
    ['2026-01-31T10:00:00.5+02:00', Date.UTC(2026, 0, 31, 8, 0, 0, 500), Date.UTC(2026, 0, 31, 8, 0, 0, 500)],
    ['1769857200', 1_769_857_200_000, 1_769_857_200_999],
    ['1769857200123', 1_769_857_200_123, 1_769_857_200_123],
  ])('%s', (text, first, last) => {
    expect(parseTime(text, NOW)).toEqual({ first, last });
  });

  it.each(['', 'yesterday', '2026-02-30', '2026-13', '2026-01-31T24:00', 'now-1y', 'now - 1h', '12', '2026-01-31T10:00:00+15:00'])(
    'refuses %s',
    (text) => {
      expect(parseTime(text, NOW)).toBeUndefined();
    },
  );

  it('reads times inside events', () => {
    expect(eventTime('2026-01-31T10:00:00.123456Z')).toBe(Date.UTC(2026, 0, 31, 10, 0, 0, 123));
    expect(eventTime('2026-01')).toBeUndefined();
  });
});

describe('addresses', () => {
  it.each([
    ['192.0.2.1', 0xffff_c000_0201n],
    ['::ffff:192.0.2.1', 0xffff_c000_0201n],
    ['::', 0n],
    ['2001:db8::1', 0x2001_0db8_0000_0000_0000_0000_0000_0001n],
    ['010.0.0.1', undefined],
    ['fe80::1%eth0', undefined],
    ['1.2.3', undefined],
  ])('%s', (text, expected) => {
    expect(parseAddress(text)).toBe(expected);
    if (expected !== undefined) expect(parseAddress(printAddress(expected))).toBe(expected);
  });

  it.each(['10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/08', '10.0.0.0/', '/8', '2001:db8::/129', '10.0.0/8'])('%s is no network', (text) => {
    expect(parseNetwork(text)).toBeUndefined();
  });
});

describe('bars and cursors', () => {
  it('never makes more bars than the bound', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 * 365 * DAY }),
        fc.option(fc.integer({ min: 1, max: DAY }), { nil: undefined }),
        fc.integer({ min: 2, max: 1000 }),
        (span, interval, buckets) => {
          expect(Math.ceil(span / barWidth(span, interval, buckets)) + 1).toBeLessThanOrEqual(MOST_BARS + 1);
        },
      ),
    );
  });

  it('a cursor comes back, and nothing else is one', () => {
    const position = { ts: NOW, node: 3, seq: 2 ** 53 - 1 };
    expect(parseCursor(printCursor(position))).toEqual(position);
    for (const text of [
      '',
      'x',
      Buffer.from('1.2').toString('base64url'),
      Buffer.from('1.70000.2').toString('base64url'),
      'A'.repeat(200),
    ]) {
      expect(parseCursor(text)).toBeUndefined();
    }
  });
});
