import { type Zone, zoneOf } from '../formats/time-zone.ts';
import { type Enricher, placeOf, valueAt } from './enricher.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The days of a week since the epoch, which was a Thursday; Monday is 1, as in ISO 8601. */
const EPOCH_WEEKDAY = 3;

const ACTOR = placeOf('user.name');

/**
 * Adds the hour (0 to 23) and the weekday (1 is Monday, 7 is Sunday) as clocks in a zone show it, to events that say who acts: at what
 * time somebody works is a question about people. Throws for a zone that nobody knows.
 */
export function timeEnricher(timeZone: string): Enricher {
  const zone = zoneOf(timeZone);
  if (zone === undefined) throw new Error(`there is no time zone ${timeZone}`);
  return (event) => {
    if (valueAt(event.fields, ACTOR) === undefined) return;
    const { hour, weekday } = localTime(event.timestamp, zone);
    event.add('earshot.time.hour', hour);
    event.add('earshot.time.weekday', weekday);
  };
}

/** Times before 1970 have negative remainders: the moduli are taken twice. */
function localTime(utc: number, zone: Zone): { readonly hour: number; readonly weekday: number } {
  const local = utc + zone(utc);
  const hour = Math.floor((((local % DAY) + DAY) % DAY) / HOUR);
  const day = Math.floor(local / DAY) + EPOCH_WEEKDAY;
  return { hour, weekday: (((day % 7) + 7) % 7) + 1 };
}
