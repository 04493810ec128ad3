import type { EventEngine } from '../../store/store.ts';
import type { Cursor, Pass } from './ledger.ts';
import { type Held, type Look, look, type Reviewed, type Step } from './look.ts';
import type { Moment } from './moments.ts';
import { freshGroups, groupsAfter, groupsBetween, type Seqs, type Touched } from './touched.ts';
import type { Watched } from './watched.ts';

/** A pass under way: where its cursor is when its steps are done. */
export interface Under {
  readonly steps: AsyncGenerator<Step, void>;
  readonly to: Cursor;
  /** Whether what was found is told to nobody. */
  isLate(held: Held): boolean;
}

/** How far the store is: rows up to `seqs` are there, and all that was received before the watermark. */
export interface Reach {
  readonly seqs: Seqs;
  readonly watermark: number;
}

export interface PassDeps {
  readonly engine: EventEngine;
  readonly watched: ReadonlyMap<string, Watched>;
  announced(stretches: readonly Reviewed[]): Promise<readonly Reviewed[]>;
  write(moments: readonly Moment[]): Promise<void>;
  tooMuch(touched: Touched): void;
  waits(touched: Touched): boolean;
}

/** Most senders tell whole seconds, and their clocks are not quite ours. */
const CLOCK_MS = 2_000;
/** Groups of one step: of what is told at once, and of what must not hold that up. */
const MOST = 2_000;
const FEW = 200;

/** What is there in time is looked at at once, where what holds now holds for good. Throws EngineError. */
export async function beginNow(deps: PassDeps, from: Cursor, reach: Reach): Promise<Under> {
  const { seqs, touched } = await fresh(deps, 0, from.seqs, reach.seqs);
  const whole = seqs === reach.seqs;
  const to = { seqs: farther(from.seqs, seqs), watermark: whole ? Math.max(from.watermark, reach.watermark) : from.watermark };
  return { steps: look(touched, atOnce(deps, seqs, MOST)), to, isLate: () => false };
}

/** What was late has a pass of its own: it widens the windows of none but its own group. Throws EngineError. */
export async function beginLate(
  deps: PassDeps,
  pass: Extract<Pass, 'late' | 'import'>,
  from: Cursor,
  reach: Reach,
  settled: number,
): Promise<Under> {
  const { seqs, touched } = await fresh(deps, pass === 'late' ? 1 : 2, from.seqs, reach.seqs);
  const to = { seqs: farther(from.seqs, seqs), watermark: Math.max(from.watermark, reach.watermark) };
  return { steps: bothWays(deps, touched, reach.seqs, settled), to, isLate: () => pass === 'import' };
}

/** What only time decides is looked at when its time has come, and sums once more. Throws EngineError. */
export async function beginSettled(deps: PassDeps, from: Cursor, reach: Reach): Promise<Under> {
  const last = [...deps.watched.values()].filter(({ atLast }) => atLast);
  const bySettling = Map.groupBy(last, ({ settleMs }) => settleMs);
  for (
    let watermark = Math.max(from.watermark, reach.watermark);
    ;
    watermark = from.watermark + Math.floor((watermark - from.watermark) / 2)
  ) {
    const all: (readonly Touched[] | undefined)[] = [];
    for (const [settleMs, of] of bySettling) {
      const identities = of.map(({ identity }) => identity);
      all.push(
        await groupsBetween(deps.engine, identities, from.watermark - settleMs, watermark - settleMs, watermark === from.watermark + 1),
      );
    }
    const found = all.filter((each) => each !== undefined);
    if (found.length < all.length) continue;
    return { steps: look(found.flat(), whenSettled(deps, reach.seqs, watermark)), to: { ...from, watermark }, isLate: () => false };
  }
}

/**
 * All groups of a counter whose rows of the past are all there. What held before it was loaded is told to nobody; what has held since,
 * while the past was filled in, is.
 */
export function beginWhole(deps: PassDeps, of: Watched, reach: Reach, settled: number): Under {
  // Those that it counts may have been watched before: their moments have no rows for it.
  const inner = [...deps.watched.values()].filter(({ outer }) => outer.some(({ watched }) => watched.identity === of.identity));
  return {
    steps: wholeOf(deps, [...inner, of], reach.seqs, settled),
    to: { seqs: reach.seqs, watermark: of.liveAt },
    isLate: ({ last }) => last <= of.beganAt - CLOCK_MS,
  };
}

async function* wholeOf(deps: PassDeps, all: readonly Watched[], seqs: Seqs, settled: number): AsyncGenerator<Step, void> {
  for (const { identity } of all) {
    for (let groups = await groupsAfter(deps.engine, identity, undefined, FEW); groups.length > 0; ) {
      yield* bothWays(deps, groups, seqs, settled);
      groups = await groupsAfter(deps.engine, identity, groups.at(-1)?.groupKey, FEW);
    }
  }
}

async function* bothWays(
  deps: PassDeps,
  touched: readonly Touched[],
  seqs: Seqs,
  settled: number,
  most: number = FEW,
): AsyncGenerator<Step, void> {
  yield* look(touched, atOnce(deps, seqs, most));
  const last = touched.filter(({ identity }) => deps.watched.get(identity)?.atLast);
  yield* look(last, { ...whenSettled(deps, seqs, settled), most });
}

/** What took too much is looked at again, one group a step. */
export const beginAgain = (deps: PassDeps, touched: readonly Touched[], reach: Reach, settled: number): Under => ({
  steps: bothWays(deps, touched, reach.seqs, settled, 1),
  to: { seqs: reach.seqs, watermark: reach.watermark },
  isLate: () => false,
});

/** An event changes the windows that end with it, or later. */
const after = ({ correlation }: Watched, { first, last }: Touched) => ({ from: first, to: last + correlation.timespanMs });

const atOnce = (deps: PassDeps, heads: Seqs, most: number): Look => ({
  ...deps,
  heads,
  most,
  rangeOf: (watched, touched) => (watched.atOnce ? after(watched, touched) : undefined),
});

const whenSettled = (deps: PassDeps, heads: Seqs, watermark: number): Look => {
  const settledAt = ({ settleMs }: Watched) => watermark - settleMs;
  return {
    ...deps,
    heads,
    most: MOST,
    settledAt,
    rangeOf: (watched, touched) => {
      const range = after(watched, touched);
      return watched.atLast ? { ...range, to: Math.min(range.to, settledAt(watched)) } : range;
    },
  };
};

/** Fresh groups, of as many rows as can be looked at at once. */
async function fresh(
  { engine, watched }: PassDeps,
  late: 0 | 1 | 2,
  from: Seqs,
  reach: Seqs,
): Promise<{ readonly seqs: Seqs; readonly touched: readonly Touched[] }> {
  for (let seqs = reach; ; seqs = half(from, seqs)) {
    const touched = await freshGroups(engine, { identities: [...watched.keys()], late, after: from, upTo: seqs });
    if (touched !== undefined) return { seqs, touched };
  }
}

const half = (from: Seqs, to: Seqs): Seqs => new Map([...to].map(([node, seq]) => [node, Math.floor(((from.get(node) ?? 0) + seq) / 2)]));

/** A head may fall back after a restart; what was looked at was looked at. */
const farther = (a: Seqs, b: Seqs): Seqs => {
  const all = new Map(a);
  for (const [node, seq] of b) all.set(node, Math.max(seq, all.get(node) ?? 0));
  return all;
};
