import { describe, expect, it } from 'vitest';
import { UTC, zoneOf } from '../../formats/time-zone.ts';
import { stretchAt } from './stretches.ts';

const HOUR = 3_600_000;
const helsinki = zoneOf('Europe/Helsinki') ?? UTC;

const shown = (at: string, zone = UTC) => {
  const { kind, start, end } = stretchAt(Date.parse(at), zone);
  return `${kind} ${new Date(start).toISOString().slice(0, 16)} ${new Date(end).toISOString().slice(0, 16)}`;
};

describe('stretches of time', () => {
  it.each([
    ['2026-11-16T00:00Z', 'weekend 2026-11-13T19:00 2026-11-16T07:00'],
    ['2026-11-16T06:59:59.999Z', 'weekend 2026-11-13T19:00 2026-11-16T07:00'],
    ['2026-11-16T07:00Z', 'work 2026-11-16T07:00 2026-11-16T19:00'],
    ['2026-11-16T19:00Z', 'night 2026-11-16T19:00 2026-11-17T07:00'],
    ['2026-11-17T03:00Z', 'night 2026-11-16T19:00 2026-11-17T07:00'],
    ['2026-11-20T06:00Z', 'night 2026-11-19T19:00 2026-11-20T07:00'],
    ['2026-11-20T18:59Z', 'work 2026-11-20T07:00 2026-11-20T19:00'],
    ['2026-11-20T19:00Z', 'weekend 2026-11-20T19:00 2026-11-23T07:00'],
    ['2026-11-22T12:00Z', 'weekend 2026-11-20T19:00 2026-11-23T07:00'],
  ])('%s is in: %s', (at, stretch) => {
    expect(shown(at)).toBe(stretch);
  });

  it('go by the clocks of the zone, also where these are changed', () => {
    expect(shown('2026-11-16T05:00Z', helsinki)).toBe('work 2026-11-16T05:00 2026-11-16T17:00');
    expect(shown('2026-03-29T12:00Z', helsinki)).toBe('weekend 2026-03-27T17:00 2026-03-30T04:00');
    expect(shown('2026-10-25T12:00Z', helsinki)).toBe('weekend 2026-10-23T16:00 2026-10-26T05:00');
  });

  it('follow one another without a gap through a year', () => {
    const zones = ['UTC', 'Europe/Helsinki', 'America/Sao_Paulo', 'Australia/Lord_Howe', 'Pacific/Chatham'].map(
      (name) => zoneOf(name) ?? UTC,
    );
    for (const zone of zones) {
      const end = Date.UTC(2027, 0, 5);
      for (let at = Date.UTC(2026, 0, 1); at < end; ) {
        const stretch = stretchAt(at, zone);
        expect(stretchAt(stretch.end - 1, zone)).toEqual(stretch);
        expect(stretchAt(stretch.end, zone).start).toBe(stretch.end);
        expect(stretch.end - stretch.start).toBeGreaterThanOrEqual(11 * HOUR);
        at = stretch.end;
      }
    }
  });
});
