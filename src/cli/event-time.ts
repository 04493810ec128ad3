import type { Value } from '../model/event.ts';

const ISO = /^\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(Z|z|[+-]\d\d(?::?\d\d)?)?)?$/;

/** Milliseconds since the epoch of a time as `@timestamp` has it: ISO 8601 text, UTC where no zone is said, or milliseconds. */
export function eventTime(value: Value | undefined): number | undefined {
  if (typeof value === 'number') return Math.abs(value) <= 8.64e15 ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const match = ISO.exec(value);
  if (match === null) return undefined;
  const zone = match[1];
  const clock = (zone === undefined ? value : value.slice(0, -zone.length)).replace(',', '.').replace(' ', 'T').toUpperCase();
  const time = Date.parse(clock.length > 10 ? `${clock}${zoneText(zone)}` : clock);
  return Number.isNaN(time) ? undefined : time;
}

/** As the one form that every engine reads: `Z` or `+02:00`. */
function zoneText(zone: string | undefined): string {
  if (zone === undefined || zone.length === 1) return 'Z';
  const digits = zone.replace(':', '');
  return `${digits.slice(0, 3)}:${digits.slice(3) || '00'}`;
}
