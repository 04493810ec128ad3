import type { Logsource } from '../sigma/logsource.ts';
import type { Expression } from './expression.ts';
import type { RuleNotes } from './imported.ts';
import { child, type Located, type LocatedMap, numberOf, textOf } from './located.ts';
import { detectionOf, type EventRule, head } from './rule-document.ts';

/** A rule of ElastAlert, and what is read of it so far. */
export interface Reading {
  readonly map: LocatedMap;
  /** The rule's name in ElastAlert. */
  readonly origin: string;
  readonly name: string;
  readonly notes: RuleNotes;
  readonly filter: Expression;
  readonly logsource: Logsource;
  readonly used: Set<string>;
}

const MAX_SECONDS = 366 * 86_400;

export const titleOf = ({ origin, name, map }: Reading) => ({
  origin,
  name,
  title: origin,
  description: textOf(child(map, 'description')) ?? '',
});

export const lineOf = (map: LocatedMap, key: string): number => child(map, key)?.line ?? map.line;

/** Seconds; undefined, and a note, where there is none that can be used. */
export function readTimeframe({ map, notes, used }: Reading): number | undefined {
  used.add('timeframe');
  const why = `\`timeframe\` is missing, or no whole number of seconds between 1 and ${MAX_SECONDS}`;
  return secondsOf(child(map, 'timeframe')) ?? notes.left(lineOf(map, 'timeframe'), 'rule', why);
}

/** The rule of the events that are counted. */
export const eventsOf = ({ origin, name, logsource, filter }: Reading): EventRule => ({
  ...head('elastalert', { origin: `${origin}/events`, name: `${name}_events`, title: `${origin}: the events that are counted` }),
  taxonomy: 'ecs',
  logsource,
  detection: detectionOf(filter),
  level: 'informational',
});

const SECONDS: Readonly<Record<string, number>> = { seconds: 1, minutes: 60, hours: 3600, days: 86_400, weeks: 604_800 };

/** A length of time as Python's `timedelta` takes it; undefined where it is none, or no whole number of seconds. */
export function secondsOf(node: Located | undefined): number | undefined {
  if (node?.kind !== 'map') return undefined;
  let sum = 0;
  for (const [unit, value] of node.entries) {
    const size = Object.hasOwn(SECONDS, unit) ? SECONDS[unit] : undefined;
    const number = numberOf(value);
    if (size === undefined || number === undefined) return undefined;
    sum += size * number;
  }
  return Number.isSafeInteger(sum) && sum > 0 && sum <= MAX_SECONDS ? sum : undefined;
}
