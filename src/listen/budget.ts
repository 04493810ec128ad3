import type { HeardEvent } from '../model/overheard.ts';
import type { Level } from '../model/severity.ts';

/** An alert in which words were heard. */
export interface HeardAlert {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Its rule's id. */
  readonly rule: string;
  readonly title: string;
  readonly level: Level;
}

/** What was heard, of the same datasets: who may hear of one of it may hear of all. The first few are shown, all are counted. */
export interface HeardPart {
  readonly datasets: readonly string[];
  readonly events: number;
  readonly alerts: number;
  readonly shownEvents: readonly HeardEvent[];
  readonly shownAlerts: readonly HeardAlert[];
}

/** What waits to be told to somebody. */
export interface Waiting {
  /** When the first of it was heard, milliseconds since the epoch. */
  readonly since: number;
  /** The words that were heard. */
  readonly phrases: readonly string[];
  readonly parts: readonly HeardPart[];
}

/** What somebody was told in this hour, and what waits. */
export interface Account {
  /** When the hour began: with the first message in it. */
  readonly hourFrom: number;
  /** Messages in it. */
  readonly told: number;
  readonly waiting?: Waiting | undefined;
}

export const NEW_ACCOUNT: Account = { hourFrom: 0, told: 0 };

const HOUR_MS = 3_600_000;
const AGAIN_MS = 5_000;
/** What one message shows; the rest of it is a number. */
export const SHOWN = 5;
const NAMED = 10;
/** Of different datasets, in what waits for one. */
const PARTS = 100;

export interface Turn {
  readonly now: number;
  /** Messages in an hour. */
  readonly perHour: number;
  /** When quiet hours end; absent where it is not quiet. */
  readonly quietUntil?: number | undefined;
  /** What was told last has not reached its place yet. */
  readonly isOnItsWay?: boolean;
}

export interface Decision {
  readonly account: Account;
  /** To be told now. */
  readonly tell?: Waiting;
  /** When to look again, where something waits. */
  readonly dueAt?: number;
  /** This is the last message of its hour: what comes is summed up when it is over. */
  readonly isLast?: boolean;
}

/**
 * Says what of all that waits is told now: what is held is summed up in one message later. Nothing is left out. While a target does not take
 * messages one waits for it, and not those of all hours: else they would come all at once when it is back.
 */
export function decide({ waiting, ...before }: Account, { now, perHour, quietUntil, isOnItsWay }: Turn): Decision {
  const isOver = now >= before.hourFrom + HOUR_MS || now < before.hourFrom;
  if (waiting === undefined) return { account: before };
  if (quietUntil !== undefined) return { account: { ...before, waiting }, dueAt: quietUntil };
  if (isOnItsWay === true) return { account: { ...before, waiting }, dueAt: now + AGAIN_MS };
  const hour = isOver ? { hourFrom: now, told: 0 } : before;
  if (hour.told >= perHour) return { account: { ...hour, waiting }, dueAt: hour.hourFrom + HOUR_MS };
  const told = hour.told + 1;
  return { account: { ...hour, told }, tell: waiting, isLast: told === perHour };
}

/** All of it together; undefined where there is nothing. */
export function joined(...some: readonly (Waiting | undefined)[]): Waiting | undefined {
  const all = some.filter((each) => each !== undefined);
  const [first, second] = all;
  if (first === undefined || second === undefined) return first;
  const byDatasets = Map.groupBy(
    all.flatMap(({ parts }) => parts),
    ({ datasets }) => datasets.join('\n'),
  );
  return {
    since: all.reduce((least, { since }) => Math.min(least, since), Number.POSITIVE_INFINITY),
    phrases: [...new Set(all.flatMap(({ phrases }) => phrases))].slice(0, NAMED),
    parts: [...byDatasets.values()].map((parts) => ({
      datasets: parts[0]?.datasets ?? [],
      events: sum(parts, 'events'),
      alerts: sum(parts, 'alerts'),
      shownEvents: firstOf(parts, ({ shownEvents }) => shownEvents),
      shownAlerts: firstOf(parts, ({ shownAlerts }) => shownAlerts),
    })),
  };
}

function firstOf<T>(parts: readonly HeardPart[], shown: (part: HeardPart) => readonly T[]): T[] {
  const first: T[] = [];
  for (const part of parts) {
    if (first.length >= SHOWN) break;
    first.push(...shown(part).slice(0, SHOWN - first.length));
  }
  return first;
}

/** What of it somebody may hear of now; undefined where that is nothing. */
export function allowed(waiting: Waiting | undefined, may: (datasets: readonly string[]) => boolean): Waiting | undefined {
  const parts = waiting?.parts.filter(({ datasets }) => may(datasets)) ?? [];
  return waiting === undefined || parts.length === 0 ? undefined : { ...waiting, parts };
}

/** The same in so many parts that it can be kept, however many datasets a sender makes up: beyond them it is a number alone. */
export function bounded(waiting: Waiting | undefined): Waiting | undefined {
  if (waiting === undefined || waiting.parts.length <= PARTS) return waiting;
  const rest = waiting.parts.slice(PARTS - 1);
  const datasets = rest.flatMap((part) => part.datasets).slice(0, PARTS);
  const last = { datasets, events: sum(rest, 'events'), alerts: sum(rest, 'alerts'), shownEvents: [], shownAlerts: [] };
  return { ...waiting, parts: [...waiting.parts.slice(0, PARTS - 1), last] };
}

export const sum = (parts: readonly HeardPart[], what: 'events' | 'alerts'): number => parts.reduce((all, part) => all + part[what], 0);
