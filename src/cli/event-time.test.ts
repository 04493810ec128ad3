import { describe, expect, it } from 'vitest';
import { eventTime } from './event-time.ts';

describe('eventTime', () => {
  it.each([
    ['2026-11-20T10:00:00Z', '2026-11-20T10:00:00.000Z'],
    ['2026-11-20T10:00:00', '2026-11-20T10:00:00.000Z'],
    ['2026-11-20 10:00:00,123', '2026-11-20T10:00:00.123Z'],
    ['2026-11-20T10:00:00.1234567+02:00', '2026-11-20T08:00:00.123Z'],
    ['2026-11-20T10:00:00-0530', '2026-11-20T15:30:00.000Z'],
    ['2026-11-20t10:00z', '2026-11-20T10:00:00.000Z'],
    ['2026-11-20', '2026-11-20T00:00:00.000Z'],
    [1_795_168_800_000, '2026-11-20T10:00:00.000Z'],
  ])('reads %s', (value, expected) => {
    expect(new Date(eventTime(value) ?? Number.NaN).toISOString()).toBe(expected);
  });

  it.each(['', 'yesterday', '2026-13-20T10:00:00Z', '20 Nov 2026', '1795168800000', null, true, 1e300])('does not read %s', (value) => {
    expect(eventTime(value)).toBeUndefined();
  });
});
