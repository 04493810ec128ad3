import type { EventEngine } from '../../store/store.ts';
import { askApart } from './apart.ts';
import { type Moment, momentRows } from './moments.ts';
import { type Asked, type Heads, momentsOf, type TriggerSpan, triggersOf } from './sql/triggers.ts';
import { spellingKey, spellings, type Touched } from './touched.ts';
import type { Watched } from './watched.ts';

/** Times between which it is asked whether something holds; milliseconds since the epoch, inclusive. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A group that was looked at between two times: nothing else holds in it there. */
export interface Reviewed extends Range {
  readonly identity: string;
  readonly groupKey: string;
}

/** What one step has found. */
export interface Step {
  readonly held: readonly Held[];
  readonly reviewed: readonly Reviewed[];
}

/** A correlation has held in a group. */
export interface Held {
  readonly watched: Watched;
  readonly groupKey: string;
  /** Values of the group, as the events spell them. */
  readonly values: readonly string[];
  readonly first: number;
  readonly last: number;
  /** The largest value of its windows. */
  readonly value: number;
  /** No event that comes later makes the value less. */
  readonly certain: boolean;
}

export interface Look {
  readonly engine: EventEngine;
  readonly watched: ReadonlyMap<string, Watched>;
  readonly heads: Heads;
  /** Between which times a touched group is asked for; undefined where another pass does it. */
  rangeOf(watched: Watched, touched: Touched): Range | undefined;
  /**
   * Absent where what holds now holds for good. Else up to when what holds is settled, in the time of the events; what was announced is
   * looked at anew, from its beginning to its end, as less may hold.
   */
  settledAt?(watched: Watched): number;
  /** When what was announced in these stretches held. */
  announced(stretches: readonly Reviewed[]): Promise<readonly Reviewed[]>;
  /** Writes moments as rows of those that count them. */
  write(moments: readonly Moment[]): Promise<void>;
  /** The engine has not the time or memory for this group: nothing is known of it, and it is to be asked for again. */
  tooMuch(touched: Touched): void;
  /** It took too much before, and waits for its turn, with these times too. */
  waits(touched: Touched): boolean;
  /** Groups of one step. */
  readonly most: number;
}

/** Looks at what was touched, and at what counts its moments. Stops after each few statements, and goes on when it is asked to. */
export async function* look(all: readonly Touched[], options: Look): AsyncGenerator<Step, void> {
  const { watched, most } = options;
  const waiting = new Map<string, Touched>();
  for (const each of all) touch(waiting, each);
  for (let depth = 0; waiting.size > 0; depth++) {
    const now = [...waiting.values()].filter(({ identity }) => (watched.get(identity)?.depth ?? 0) <= depth);
    for (const { identity, groupKey } of now) waiting.delete(spellingKey(identity, groupKey));
    for (let at = 0; at < now.length; at += most) {
      const { step, touched } = await lookAt(now.slice(at, at + most), options);
      for (const each of touched) touch(waiting, each);
      yield step;
    }
  }
}

/** A group is asked for once, over all the times at which it was touched. */
function touch(waiting: Map<string, Touched>, touched: Touched): void {
  const key = spellingKey(touched.identity, touched.groupKey);
  const known = waiting.get(key) ?? touched;
  waiting.set(key, { ...touched, first: Math.min(known.first, touched.first), last: Math.max(known.last, touched.last) });
}

async function lookAt(touched: readonly Touched[], options: Look): Promise<{ step: Step; touched: readonly Touched[] }> {
  const { engine, heads, watched } = options;
  const settled = options.settledAt !== undefined;
  const asked = await reviewing(
    touched.filter((each) => !options.waits(each)).flatMap((each) => askedOf(each, options)),
    options,
  );
  const failed = new Set<Asked>();
  const spans = await askApart(
    asked,
    (some) => triggersOf(engine, some, {}, heads),
    (one) => failed.add(one),
  );
  for (const { identity, groupKey, from, to } of failed) options.tooMuch({ identity, groupKey, first: from, last: to });
  const certainly = spans.filter(({ mayFall }) => settled || !mayFall);
  const values = await spellings(engine, certainly);
  const held = certainly.flatMap((span) => heldOf(span, watched, values) ?? []);
  const answered = asked.filter((each) => !failed.has(each));
  const moments = await momentsFor(answered, certainly, values, options);
  await options.write(moments);
  const reviewed = settled ? answered.filter(({ identity }) => watched.get(identity)?.atLast) : [];
  return {
    step: { held, reviewed: reviewed.map(({ identity, groupKey, from, to }) => ({ identity, groupKey, from, to })) },
    touched: moments.map(({ counter, groupKey, t }) => ({ identity: counter, groupKey, first: t, last: t })),
  };
}

function askedOf(touched: Touched, { watched, rangeOf }: Look): Asked[] {
  const { identity, groupKey } = touched;
  const of = watched.get(identity);
  const range = of && rangeOf(of, touched);
  return of === undefined || range === undefined || range.from > range.to
    ? []
    : [{ correlation: of.correlation, identity, groupKey, ...range }];
}

/** With what was announced in a range, whole: only then is it known what of it still holds. */
async function reviewing(asked: readonly Asked[], { watched, settledAt, announced }: Look): Promise<readonly Asked[]> {
  if (settledAt === undefined) return asked;
  const anew = asked.filter(({ identity }) => watched.get(identity)?.atLast);
  if (anew.length === 0) return asked;
  const near = Map.groupBy(await announced(anew), ({ identity, groupKey }) => spellingKey(identity, groupKey));
  return asked.map((each) => {
    const of = watched.get(each.identity);
    const known = near.get(spellingKey(each.identity, each.groupKey)) ?? [];
    const from = known.reduce((first, span) => Math.min(first, span.from), each.from);
    const to = known.reduce((last, span) => Math.max(last, span.to), each.to);
    return { ...each, from, to: of === undefined ? to : Math.min(to, settledAt(of)) };
  });
}

function heldOf(
  { identity, groupKey, first, last, value, mayFall }: TriggerSpan,
  watched: Look['watched'],
  values: ReadonlyMap<string, readonly string[]>,
): Held | undefined {
  const of = watched.get(identity);
  return (
    of && {
      watched: of,
      groupKey,
      values: values.get(spellingKey(identity, groupKey)) ?? [],
      first,
      last,
      value,
      certain: of.atOnce && !mayFall,
    }
  );
}

/** The moments of those that others count, where they hold. */
async function momentsFor(
  asked: readonly Asked[],
  spans: readonly TriggerSpan[],
  values: ReadonlyMap<string, readonly string[]>,
  { engine, watched, heads }: Look,
): Promise<Moment[]> {
  const holds = new Set(spans.map(({ identity, groupKey }) => spellingKey(identity, groupKey)));
  const counted = asked.filter(
    ({ identity, groupKey }) => (watched.get(identity)?.outer.length ?? 0) > 0 && holds.has(spellingKey(identity, groupKey)),
  );
  if (counted.length === 0) return [];
  return (await momentsOf(engine, counted, {}, heads)).flatMap(({ identity, groupKey, at }) => {
    const of = watched.get(identity);
    return of === undefined ? [] : momentRows(of, groupKey, values.get(spellingKey(identity, groupKey)) ?? [], at);
  });
}
