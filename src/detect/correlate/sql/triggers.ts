import { type Sql, sql } from '../../../store/sql.ts';
import type { EventEngine } from '../../../store/store.ts';
import type { Correlation } from '../../sigma/correlation.ts';
import { withoutAbsent } from './absence.ts';
import { asking, chunks, inBatches, type Query } from './ask.ts';
import { chainLength } from './chain-length.ts';
import { eventCount } from './event-count.ts';
import { hotRows, rememberRows } from './hot.ts';
import { FEW, type Heads, type Lane } from './lane.ts';
import { canStandFor, latestBefore } from './latest.ts';
import { type Numbers, numbersIn, type Point, percentilePoints } from './percentile.ts';
import { below, closer, type Scanned, scan, scanFresh } from './scan.ts';
import { seenCount } from './seen-count.ts';
import { type SmallGroup, smallGroups, smallPoints } from './small.ts';
import { together } from './temporal.ts';
import { inOrder } from './temporal-ordered.ts';
import { valueAvg } from './value-avg.ts';
import { valueCount } from './value-count.ts';
import { valueSum } from './value-sum.ts';

export type { Heads } from './lane.ts';
export { isMonotone } from './monotone.ts';

/** One group of one correlation: at which moments in `[from, to]` does it hold? Milliseconds since the epoch, inclusive. */
export interface Asked {
  readonly correlation: Correlation;
  readonly identity: string;
  readonly groupKey: string;
  readonly from: number;
  readonly to: number;
}

/** Moments at which a correlation holds in a group, no further apart than its timespan. */
export interface TriggerSpan {
  readonly identity: string;
  readonly groupKey: string;
  readonly first: number;
  readonly last: number;
  /** The largest value of their windows; how many rules there are, for temporal types with a number, and 0 without one. */
  readonly value: number;
  /** A sum with a number below zero in it: an event that comes later may undo it, however {@link isMonotone} the correlation is. */
  readonly mayFall: boolean;
}

export interface TriggerOptions {
  readonly signal?: AbortSignal;
  /** Groups with so many rows at most in their windows are read, and judged here. */
  readonly small?: number;
  /** With more than so many each is asked by itself, and of what was there before as little as can be. */
  readonly large?: number;
}

const SMALL = 1_000;
const LARGE = 50_000;

/**
 * When the correlations hold, by SQL over the table of hits. `evaluate` says what that means; this gives the same of the rows up to
 * `heads`. Few statements, whatever the number of groups: they are asked by kind. Throws EngineError.
 */
export async function triggersOf(
  engine: EventEngine,
  asked: readonly Asked[],
  options: TriggerOptions,
  heads: Heads,
): Promise<TriggerSpan[]> {
  return joined(await spansOf(asked, { engine, heads, ...options }, sql`any(spans[i])`), asked);
}

/** A moment at which a correlation holds in a group. */
export interface TriggerMoment {
  readonly identity: string;
  readonly groupKey: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** As {@link triggersOf}, each moment by itself. Throws EngineError. */
export async function momentsOf(
  engine: EventEngine,
  asked: readonly Asked[],
  options: TriggerOptions,
  heads: Heads,
): Promise<TriggerMoment[]> {
  const spans = await spansOf(asked, { engine, heads, ...options }, sql`toInt64(-1)`);
  const moments = spans.map(({ identity, groupKey, first }) => ({ identity, groupKey, at: first }));
  // Alternatives of one correlation may hold at the same moment.
  return [...new Map(moments.map((moment) => [`${moment.identity} ${moment.groupKey} ${moment.at}`, moment])).values()];
}

/** Moments, of large groups folded while they are no further apart. */
async function spansOf(asked: readonly Asked[], options: Asking, apart: Sql): Promise<TriggerSpan[]> {
  const { engine, heads, signal, small = SMALL, large = LARGE } = options;
  const query = asking(engine, heads, signal);
  const few: Closer[] = [];
  const many: Closer[] = [];
  for (const { lane, scanned, rows } of await scanAll(asked.map(laneOf), options, query)) {
    const known = { rows, negative: scanned.negative === 1 };
    const left = closer(lane, scanned).map((each) => ({ ...each, ...known }));
    if (left.length === 0) continue;
    if (known.rows > small) for (const each of left) many.push(await shortened(each, large, query));
    else few.push({ ...lane, from: Number(scanned.first), to: Number(scanned.last), ...known });
  }
  const spans: TriggerSpan[] = [];
  const add = (lanes: readonly Closer[], folded: readonly Folded[]): void => {
    const negative = new Set(lanes.flatMap((lane) => (lane.negative ? lane.question : [])));
    for (const { question, first, last, value } of folded) {
      const of = asked[question];
      if (of === undefined) continue;
      const mayFall = of.correlation.type === 'value_sum' && negative.has(question);
      spans.push({ identity: of.identity, groupKey: of.groupKey, first: Number(first), last: Number(last), value: Number(value), mayFall });
    }
  };
  const askFew = async (lanes: readonly Closer[]): Promise<void> => {
    const groups = await query<SmallGroup>(lanes, smallGroups(lanes));
    const points = groups.flatMap((group) => ofLane(lanes, group, smallPoints));
    add(lanes, foldPoints(lanes, points));
  };
  const askMany = async (lanes: readonly Closer[]): Promise<void> => {
    if (!isPercentile(lanes[0])) return add(lanes, await query<Folded>(lanes, fold(pointsOf(lanes, heads), apart)));
    const numbers = await query<Numbers>(lanes, numbersIn(lanes));
    const points = numbers.flatMap((each) => ofLane(lanes, each, percentilePoints));
    add(lanes, foldPoints(lanes, points));
  };
  const kinds = [...Map.groupBy(many, kindOf).values()].flatMap((group) => inBatches(group, rowsIn));
  // The engine has two seats for these: a large group and the many small ones need not wait for one another.
  await Promise.all([...inBatches(few, rowsIn).map(askFew), ...kinds.map(askMany)]);
  return spans;
}

interface Asking extends TriggerOptions {
  readonly engine: EventEngine;
  readonly heads: Heads;
}

/** Where the lanes have rows at all. Those that are known to have very many are not read through for it. */
async function scanAll(
  lanes: readonly Lane[],
  { engine, large = LARGE }: Asking,
  query: Query,
): Promise<{ readonly lane: Lane; readonly scanned: Scanned; readonly rows: number }[]> {
  const found: { lane: Lane; scanned: Scanned; rows: number }[] = [];
  const rowsOf = (lane: Lane) => hotRows(engine, lane);
  const scanBatch = async (batch: readonly Lane[], isHot: boolean): Promise<void> => {
    const falls = isHot ? await falling(batch, query) : () => ({});
    for (const scanned of await query<Scanned>(batch, isHot ? scanFresh(batch) : scan(batch))) {
      const lane = batch[scanned.i - 1];
      if (lane === undefined) continue;
      // It may have grown since it was counted, and have hits of each rule by now.
      const unknown = { n: 'Infinity', refs: lane.correlation.refs.map((_, ref) => ref) };
      if (isHot) found.push({ lane, scanned: { ...scanned, ...unknown, ...falls(lane) }, rows: rowsOf(lane) ?? large });
      else {
        rememberRows(engine, lane, Number(scanned.n), large);
        found.push({ lane, scanned, rows: Number(scanned.n) });
      }
    }
  };
  const { hot = [], others = [] } = Object.groupBy(lanes, (lane) => (rowsOf(lane) === undefined ? 'others' : 'hot'));
  // Of very large groups few go together: each is then a range of its own.
  await Promise.all([
    ...chunks(hot, FEW).map((batch) => scanBatch(batch, true)),
    ...inBatches(others).map((batch) => scanBatch(batch, false)),
  ]);
  return found;
}

/** Of sums over very many rows, whether one of these is below zero: what is fresh does not say so. */
async function falling(lanes: readonly Lane[], query: Query): Promise<(lane: Lane) => Partial<Scanned>> {
  const sums = lanes.filter(({ correlation: { type } }) => type === 'value_sum');
  if (sums.length === 0) return () => ({});
  const found = new Set((await query<{ readonly i: number }>(sums, below(sums))).map(({ i }) => sums[i - 1]));
  return (lane) => (sums.includes(lane) ? { negative: found.has(lane) ? 1 : 0 } : {});
}

/** Of what was there before in a group with very many rows, only what matters, where that can be told. */
async function shortened(lane: Closer, large: number, query: Query): Promise<Closer> {
  if (lane.correlation.type !== 'temporal_ordered' || lane.rows <= large || !canStandFor(lane)) return lane;
  return { ...lane, before: await latestBefore(lane, query), rows: 0 };
}

interface Closer extends Lane {
  readonly rows: number;
  readonly negative: boolean;
}

const rowsIn = ({ rows }: Closer): number => rows;

/** Asks about the lane that a row is of. */
function ofLane<Row extends { readonly i: number }>(lanes: readonly Lane[], row: Row, points: (lane: Lane, row: Row) => Point[]): Point[] {
  const lane = lanes[row.i - 1];
  return lane === undefined ? [] : points(lane, row);
}

const laneOf = ({ correlation, identity, groupKey, from, to }: Asked, question: number): Lane => ({
  question,
  correlation,
  identity,
  groupKey,
  from,
  to,
  legs: [],
  absent: [],
});

/** Lanes of one kind are asked by one form of statement. */
function kindOf({ question, correlation: { type, bounds, refs }, legs, absent, before }: Lane): string {
  if (before !== undefined) return `alone ${question} ${legs.join()} ${absent.join()}`;
  if (type === 'value_median') return 'value_percentile';
  if (type !== 'temporal' && type !== 'temporal_ordered') return type;
  if (bounds.length > 0) return type === 'temporal' ? 'seen' : `chain ${refs.length}`;
  return `${type} ${type === 'temporal' ? '' : legs.length} ${absent.length > 0}`;
}

const isPercentile = (lane: Lane | undefined): boolean => lane !== undefined && kindOf(lane) === 'value_percentile';

/** The moments of lanes of one kind: `i, p, v`. */
function pointsOf(lanes: readonly Lane[], heads: Heads): Sql {
  const type = lanes[0]?.correlation.type;
  const isCounted = lanes[0]?.correlation.bounds.length !== 0;
  switch (type) {
    case 'value_count':
      return valueCount(lanes);
    case 'value_sum':
      return valueSum(lanes);
    case 'value_avg':
      return valueAvg(lanes);
    case 'temporal':
      return isCounted ? seenCount(lanes) : complete(lanes, together(lanes), false);
    case 'temporal_ordered':
      return isCounted ? chainLength(lanes) : complete(lanes, inOrder(lanes), true);
    default:
      return eventCount(lanes, heads);
  }
}

const complete = (lanes: readonly Lane[], moments: Sql, ordered: boolean): Sql =>
  sql`SELECT i, p, toFloat64(0) AS v FROM (${lanes[0]?.absent.length === 0 ? moments : withoutAbsent(lanes, moments, ordered)})`;

interface Folded {
  readonly question: number;
  readonly first: string | number;
  readonly last: string | number;
  readonly value: string | number;
}

/** Moments no further apart than that, as one row. */
const fold = (points: Sql, apart: Sql): Sql => sql`SELECT question, min(p) AS first, max(p) AS last, toString(max(v)) AS value
  FROM (SELECT question, p, v, sum(begins) OVER (PARTITION BY question ORDER BY p ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS span
    FROM (SELECT question, p, v, p - lagInFrame(p, 1, p) OVER (PARTITION BY question ORDER BY p ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) > apart
        AS begins
      FROM (SELECT questions[i] AS question, p, max(v) AS v, ${apart} AS apart FROM (${points}) GROUP BY question, p)))
  GROUP BY question, span`;

const foldPoints = (lanes: readonly Lane[], points: readonly Point[]): Folded[] =>
  points.map(({ i, p, v }) => ({ question: lanes[i - 1]?.question ?? 0, first: p, last: p, value: v }));

/** Spans of several statements, alternatives of one correlation among them, no further apart than the timespan. */
function joined(spans: readonly TriggerSpan[], asked: readonly Asked[]): TriggerSpan[] {
  const apart = new Map(asked.map(({ identity, correlation }) => [identity, correlation.timespanMs]));
  const found: TriggerSpan[] = [];
  for (const group of Map.groupBy(spans, ({ identity, groupKey }) => `${identity} ${groupKey}`).values()) {
    let open: TriggerSpan | undefined;
    for (const span of group.toSorted((a, b) => a.first - b.first)) {
      if (open !== undefined && span.first - open.last <= (apart.get(span.identity) ?? 0)) open = both(open, span);
      else {
        if (open !== undefined) found.push(open);
        open = span;
      }
    }
    if (open !== undefined) found.push(open);
  }
  return found;
}

const both = (a: TriggerSpan, b: TriggerSpan): TriggerSpan => ({
  ...a,
  last: Math.max(a.last, b.last),
  value: Math.max(a.value, b.value),
  mayFall: a.mayFall || b.mayFall,
});
