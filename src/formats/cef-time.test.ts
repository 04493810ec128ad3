import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCefTime, parseCefTime } from './cef-time.ts';

const reference = Date.parse('2026-07-27T12:00:00Z');
const read = (text: string, timeZone?: string, near = reference) => {
  const time = parseCefTime(text, { timeZone, reference: near });
  return time === undefined ? undefined : new Date(time).toISOString();
};

describe('parseCefTime', () => {
  it.each([
    ['1500464384997', '2017-07-19T11:39:44.997Z'],
    ['1500464384', '2017-07-19T11:39:44.000Z'],
    ['1500464384.5', '2017-07-19T11:39:44.500Z'],
    ['1500464384997123', '2017-07-19T11:39:44.997Z'],
    ['1500464384997123456', '2017-07-19T11:39:44.997Z'],
    ['Jul 19 10:50:21', '2026-07-19T10:50:21.000Z'],
    ['Jul 19 10:50:21.127', '2026-07-19T10:50:21.127Z'],
    ['Jul 19 10:50:21.127 CEST', '2026-07-19T08:50:21.127Z'],
    ['Jul 19 2017 10:50:21', '2017-07-19T10:50:21.000Z'],
    ['Jul 19 2017 10:50:21.127 EST', '2017-07-19T15:50:21.127Z'],
    ['Jul 19 2017 10:50:21 GMT+02:00', '2017-07-19T08:50:21.000Z'],
    ['Jul 19 2017 10:50:21 America/New_York', '2017-07-19T14:50:21.000Z'],
    ['2017-07-19T10:50:21.127+0530', '2017-07-19T05:20:21.127Z'],
    ['2017-07-19 10:50:21', '2017-07-19T10:50:21.000Z'],
    ['  2017/07/19 10:50:21 ', '2017-07-19T10:50:21.000Z'],
    ['Wed Jul 19 10:50:21 2017', '2017-07-19T10:50:21.000Z'],
    ['Wed Jul 19 10:50:21 UTC 2017', '2017-07-19T10:50:21.000Z'],
    ['19/Jul/2017:10:50:21 +0200', '2017-07-19T08:50:21.000Z'],
    ['Jul 19, 2017 10:50:21 PM', '2017-07-19T22:50:21.000Z'],
    ['Feb 29 2024 00:00:00', '2024-02-29T00:00:00.000Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
  ])('%s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it.each(['', ' ', 'Jul', 'Jul 19', 'Jul 32 10:50:21', 'Feb 29 2023 00:00:00', 'Foo 19 10:50:21', '2017-13-19T10:50:21Z'])(
    'refuses %j',
    (text) => {
      expect(read(text)).toBeUndefined();
    },
  );

  it.each(['Jul 19 10:50:21 tomorrow', '2017-07-19T10:50:21Zx', '2017-07-19T24:00:00Z', '1500464384997x', '12345678901234567'])(
    'refuses %j',
    (text) => {
      expect(read(text)).toBeUndefined();
    },
  );
});

describe('a missing year', () => {
  it.each([
    ['Dec 31 23:59:59', '2027-01-01T00:00:10Z', '2026-12-31T23:59:59.000Z'],
    ['Jan  1 00:00:05', '2026-12-31T23:59:50Z', '2027-01-01T00:00:05.000Z'],
    ['Jul 27 12:00:00', '2026-07-27T12:00:00Z', '2026-07-27T12:00:00.000Z'],
    ['Feb 29 12:00:00', '2025-01-10T12:00:00Z', '2024-02-29T12:00:00.000Z'],
  ])('%s near %s', (text, near, expected) => {
    expect(read(text, undefined, Date.parse(near))).toBe(expected);
  });
});

describe('a zone of the sender', () => {
  it.each([
    ['Europe/Berlin', 'Jul 19 2017 10:50:21', '2017-07-19T08:50:21.000Z'],
    ['Europe/Berlin', 'Jan 19 2017 10:50:21', '2017-01-19T09:50:21.000Z'],
    ['Europe/Berlin', '2017-07-19T10:50:21Z', '2017-07-19T10:50:21.000Z'],
    ['+03:00', 'Jul 19 2017 10:50:21', '2017-07-19T07:50:21.000Z'],
    ['No/Such_Zone', 'Jul 19 2017 10:50:21', '2017-07-19T10:50:21.000Z'],
    ['Asia/Shanghai', 'Jul 19 2017 10:50:21 CST', '2017-07-19T02:50:21.000Z'],
    ['America/Chicago', 'Jan 19 2017 10:50:21 CST', '2017-01-19T16:50:21.000Z'],
    // 02:30 does not exist on the night the clocks go forward: read with the offset before.
    ['Europe/Berlin', 'Mar 29 2026 02:30:00', '2026-03-29T01:30:00.000Z'],
  ])('%s, %s', (zone, text, expected) => {
    expect(read(text, zone)).toBe(expected);
  });

  it('reads the hour that comes twice as the one nearer to the receive time', () => {
    const early = Date.parse('2026-10-25T00:31:00Z');
    const late = Date.parse('2026-10-25T01:31:00Z');
    expect(read('Oct 25 02:30:00', 'Europe/Berlin', early)).toBe('2026-10-25T00:30:00.000Z');
    expect(read('Oct 25 02:30:00', 'Europe/Berlin', late)).toBe('2026-10-25T01:30:00.000Z');
  });
});

it('reads back what it writes, and ISO times of any year', () => {
  const date = fc.date({ min: new Date('1990-01-01'), max: new Date('2200-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(date, (when) => {
      expect(parseCefTime(formatCefTime(when.getTime()), { reference })).toBe(when.getTime());
      expect(parseCefTime(when.toISOString(), { reference, timeZone: 'Asia/Tokyo' })).toBe(when.getTime());
    }),
  );
});

it('agrees with Intl about every zone and moment', () => {
  const zones = fc.constantFrom(
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'America/St_Johns',
    'Africa/Casablanca',
  );
  const date = fc.date({ min: new Date('1990-01-01'), max: new Date('2037-12-01'), noInvalidDate: true });
  fc.assert(
    fc.property(zones, date, (timeZone, when) => {
      const time = Math.floor(when.getTime() / 1000) * 1000;
      const wall = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(time);
      // The reference picks the right one of an hour that comes twice.
      expect(parseCefTime(wall, { timeZone, reference: time })).toBe(time);
    }),
  );
});

it('never throws', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, timeZone) => void parseCefTime(text, { timeZone, reference })));
});
