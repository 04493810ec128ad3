import { type Sql, sql } from '../../../store/sql.ts';
import type { EventEngine } from '../../../store/store.ts';
import type { Correlation } from '../../sigma/correlation.ts';
import { alternativesOf } from '../temporal.ts';
import { asking, inBatches, type Query } from './ask.ts';
import { largeParts } from './ends.ts';
import { hotRows } from './hot.ts';
import { EVENT, type Heads, type Lane, rowsOf } from './lane.ts';
import { type InnerMoment, innerMoments } from './moments.ts';
import { triggersOf } from './triggers.ts';

/** Moments at which a correlation held in a group, no further apart than its timespan. */
export interface FoundEpisode {
  readonly correlation: Correlation;
  readonly identity: string;
  readonly groupKey: string;
  /** Milliseconds since the epoch. */
  readonly first: number;
  readonly last: number;
  /** The largest value that a window had, where it is known. */
  readonly value?: number | undefined;
}

/** What is in the windows of an episode. */
export interface EpisodeContents {
  /** Times of the first and the last event. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** Events, each once; of inner correlations their events, not the moments at which they held. */
  readonly count: number;
  /** The first ten and the last ten, ascending: `<node>-<seq>`. */
  readonly eventIds: readonly string[];
  /** The group's values, as the first event spells them. */
  readonly group: Readonly<Record<string, string>>;
  /** For each ref how many events hit it, or how often it held. */
  readonly legs: readonly number[];
  /** The largest value that a window had; undefined where nothing is counted. */
  readonly value: number | undefined;
}

export interface DescribeOptions {
  readonly signal?: AbortSignal;
  /** The correlations that others count, by id. */
  readonly inner?: ReadonlyMap<string, { readonly correlation: Correlation; readonly identity: string }>;
}

const EVIDENCE = 10;

/** What there is to say of episodes, in their order, by SQL over the table of hits. Throws EngineError. */
export async function describe(
  engine: EventEngine,
  episodes: readonly FoundEpisode[],
  options: DescribeOptions,
  heads: Heads,
): Promise<EpisodeContents[]> {
  const query = asking(engine, heads, options.signal);
  const own = episodes.map(laneOf);
  const inner = await innerLanes(own, options, query);
  const lanes = [...own, ...inner];
  const parts = await partsOf(engine, own, inner, heads, query);
  const distinct = await distinctEvents(lanes, parts, query);
  const values = await valuesOf(engine, episodes, options, heads);
  return episodes.map((episode, question) => {
    const of = parts.filter((part) => part.question === question);
    return { ...contentsOf(episode, of), count: distinct.get(question) ?? eventsIn(of), value: values[question] };
  });
}

const laneOf = ({ correlation, identity, groupKey, first, last }: FoundEpisode, question: number): Lane => ({
  question,
  correlation,
  identity,
  groupKey,
  from: first,
  to: last,
  legs: countedRefs(correlation),
  absent: [],
});

/** What must be absent is no part of what is found. */
function countedRefs(correlation: Correlation): number[] {
  const { type, bounds, refs } = correlation;
  if ((type !== 'temporal' && type !== 'temporal_ordered') || bounds.length > 0) return refs.map((_, ref) => ref);
  const alternatives = alternativesOf(correlation);
  return refs.flatMap((_, ref) => (alternatives.some(({ present }) => present.includes(ref)) ? ref : []));
}

/** The windows of inner correlations that held at the moments the lanes count, however deep. */
async function innerLanes(lanes: readonly Lane[], options: DescribeOptions, query: Query): Promise<Lane[]> {
  const found: Lane[] = [];
  for (const outer of inBatches(lanes.filter(hasInner))) {
    const inner = new Map(
      outer.flatMap(({ correlation: { refs } }) =>
        refs.flatMap(({ id }) => {
          const known = options.inner?.get(id);
          return known === undefined ? [] : [[known.identity, known.correlation] as const];
        }),
      ),
    );
    if (inner.size === 0) continue;
    const spans: Lane[] = [];
    for (const { i, identity, key, t } of await query<InnerMoment>(outer, innerMoments(outer, [...inner.keys()]))) {
      const [lane, correlation, at, last] = [outer[i - 1], inner.get(identity), Number(t), spans.at(-1)];
      if (lane === undefined || correlation === undefined) continue;
      const { question } = lane;
      const isSame = last?.question === question && last.identity === identity && last.groupKey === key;
      if (last !== undefined && isSame && at - last.to <= correlation.timespanMs) spans[spans.length - 1] = { ...last, to: at };
      else spans.push(laneOf({ correlation, identity, groupKey: key, first: at, last: at }, question));
    }
    found.push(...spans, ...(await innerLanes(spans, options, query)));
  }
  return found;
}

const hasInner = ({ correlation: { refs } }: Lane): boolean => refs.some(({ kind }) => kind === 'correlation');

export type Place = readonly [t: string, node: number | string, seq: string];

/** Events, or moments, of one ref in one lane. */
export interface Part {
  readonly question: number;
  readonly isOwn: boolean;
  readonly ref: number;
  readonly moment: 0 | 1;
  readonly n: string;
  readonly first: string;
  readonly last: string;
  readonly firsts: readonly Place[];
  /** Newest first, all numbers negative. */
  readonly lasts: readonly Place[];
  readonly spelled: string;
}

const PARTS_COLUMNS = sql`ref, moment, node, seq, if(shown = '', group_key, shown) AS spelling`;

const inParts = (lanes: readonly Lane[]): Sql =>
  sql`SELECT i, ref, moment, if(moment = 1, uniqExactIf((t, seq), moment = 1), count()) AS n, min(t) AS first, max(t) AS last,
      groupArraySorted(${TEN})((t, node, seq)) AS firsts, groupArraySorted(${TEN})((-t, -toInt64(node), -toInt64(seq))) AS lasts,
      argMin(spelling, t) AS spelled
    FROM ${rowsOf(lanes, { columns: PARTS_COLUMNS, where: sql`has(legs[i], ref)` })} GROUP BY i, ref, moment`;

const TEN: Sql = { text: `${EVIDENCE}`, params: {} };

async function partsOf(engine: EventEngine, own: readonly Lane[], inner: readonly Lane[], heads: Heads, query: Query): Promise<Part[]> {
  const parts: Part[] = [];
  const add = (lane: Lane, found: readonly Omit<Part, 'question' | 'isOwn'>[]) => {
    const isOwn = own.includes(lane);
    for (const part of found) parts.push({ ...part, question: lane.question, isOwn });
  };
  const lanes = [...own, ...inner];
  const isLarge = (lane: Lane) => hotRows(engine, lane) !== undefined && !hasInner(lane);
  for (const lane of lanes.filter(isLarge)) add(lane, await largeParts(lane, EVIDENCE, heads, query));
  for (const batch of inBatches(lanes.filter((lane) => !isLarge(lane)))) {
    const found = Map.groupBy(await query<Omit<Part, 'question' | 'isOwn'> & { readonly i: number }>(batch, inParts(batch)), ({ i }) => i);
    batch.forEach((lane, n) => {
      add(lane, found.get(n + 1) ?? []);
    });
  }
  return parts;
}

const eventsIn = (parts: readonly Part[]): number => parts.reduce((sum, { moment, n }) => sum + (moment === 0 ? Number(n) : 0), 0);

/** How many events there are where one may be in several parts. */
async function distinctEvents(lanes: readonly Lane[], parts: readonly Part[], query: Query): Promise<Map<number, number>> {
  const several = new Map<number, number>();
  for (const { question, moment } of parts) if (moment === 0) several.set(question, (several.get(question) ?? 0) + 1);
  const asked = lanes.filter(({ question }) => (several.get(question) ?? 0) > 1);
  const counts = new Map<number, number>();
  for (const batches of episodesTogether(asked)) {
    const [only] = batches;
    if (only !== undefined && batches.length === 1) {
      const body = sql`SELECT questions[i] AS question, uniqExact(event) AS n FROM ${eventsOf(only)} GROUP BY question`;
      for (const { question, n } of await query<{ question: number; n: string }>(only, body)) counts.set(question, Number(n));
      continue;
    }
    const events = new Set<string>();
    for (const batch of batches)
      for (const { event } of await query<{ event: string }>(batch, sql`SELECT DISTINCT event FROM ${eventsOf(batch)}`)) events.add(event);
    if (only?.[0] !== undefined) counts.set(only[0].question, events.size);
  }
  return counts;
}

const eventsOf = (lanes: readonly Lane[]): Sql =>
  rowsOf(lanes, { columns: sql`${EVENT} AS event`, where: sql`moment = 0 AND has(legs[i], ref)` });

/** Batches that go into one statement, each of whole episodes; an episode that needs several statements is by itself. */
function episodesTogether(lanes: readonly Lane[]): Lane[][][] {
  const groups: Lane[][][] = [];
  for (const of of Map.groupBy(lanes, ({ question }) => question).values()) {
    const [last] = groups.at(-1) ?? [];
    const joined = last === undefined || groups.at(-1)?.length !== 1 ? undefined : inBatches([...last, ...of]);
    if (joined?.length === 1) groups[groups.length - 1] = joined;
    else groups.push(inBatches(of));
  }
  return groups;
}

function contentsOf(
  { correlation, groupKey, first, last }: FoundEpisode,
  parts: readonly Part[],
): Omit<EpisodeContents, 'count' | 'value'> {
  // Moments stand for themselves only where nothing is known of what is behind them.
  const events = parts.filter(({ moment }) => moment === 0);
  const counted = events.length > 0 ? events : parts;
  const own = parts.filter(({ isOwn }) => isOwn);
  const spelled = own.toSorted((a, b) => Number(a.first) - Number(b.first) || a.ref - b.ref)[0]?.spelled ?? groupKey;
  return {
    firstAt: counted.reduce((least, part) => Math.min(least, Number(part.first)), first),
    lastAt: counted.length === 0 ? last : counted.reduce((most, part) => Math.max(most, Number(part.last)), Number.NEGATIVE_INFINITY),
    eventIds: evidence(events),
    group: named(correlation.groupNames, spelled),
    legs: correlation.refs.map((_, ref) => own.reduce((sum, part) => sum + (part.ref === ref ? Number(part.n) : 0), 0)),
  };
}

function evidence(parts: readonly Part[]): string[] {
  const firsts = parts.flatMap((part) => part.firsts.map(([t, node, seq]) => [Number(t), Number(node), Number(seq)] as const));
  const lasts = parts.flatMap((part) => part.lasts.map(([t, node, seq]) => [-Number(t), -Number(node), -Number(seq)] as const));
  const ids = (places: readonly (readonly [number, number, number])[]): string[] => [
    ...new Set(places.toSorted((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]).map(([, node, seq]) => `${node}-${seq}`)),
  ];
  return [...new Set([...ids(firsts).slice(0, EVIDENCE), ...ids(lasts).slice(-EVIDENCE)])];
}

/** The values of a group as a row has them: a JSON array of texts. */
function named(names: readonly string[], spelled: string): Record<string, string> {
  const values: unknown = spelled.startsWith('[') ? JSON.parse(spelled) : [];
  return Object.fromEntries(names.map((name, i) => [name, Array.isArray(values) ? String(values[i] ?? '') : '']));
}

async function valuesOf(
  engine: EventEngine,
  episodes: readonly FoundEpisode[],
  { signal }: DescribeOptions,
  heads: Heads,
): Promise<(number | undefined)[]> {
  const asked = episodes.flatMap(({ first: from, last: to, ...of }) =>
    of.correlation.bounds.length > 0 && of.value === undefined ? { ...of, from, to } : [],
  );
  const spans = asked.length === 0 ? [] : await triggersOf(engine, asked, { ...(signal && { signal }) }, heads);
  const byGroup = Map.groupBy(spans, ({ identity, groupKey }) => `${identity} ${groupKey}`);
  return episodes.map(({ identity, groupKey, first, last, value }) => {
    if (value !== undefined) return value;
    const own = (byGroup.get(`${identity} ${groupKey}`) ?? []).filter((span) => span.first >= first && span.last <= last);
    return own.length === 0 ? undefined : own.reduce((most, { value }) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  });
}
