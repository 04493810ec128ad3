import type { Event } from '../model/event.ts';
import { FieldSet } from '../model/field-set.ts';
import {
  between,
  boundsWithin,
  type Condition,
  clampRange,
  eventsWhere,
  expandingWindows,
  fetchEvents,
  type Position,
  QUERY_SETTINGS,
  type Window,
} from '../store/event-sql.ts';
import { type Sql, sql, u64 } from '../store/sql.ts';
import { EngineError, type EventEngine, type QueryBounds } from '../store/store.ts';
import type { Rule } from './sigma/rule.ts';
import { type RuleSqlOptions, ruleSql } from './sql/rule-sql.ts';
import { compileRules } from './stream/rule-set.ts';

export interface HitSearch extends Window, Pick<QueryBounds, 'lane'> {
  /** Of these events only. */
  readonly only?: Condition;
  /** At most so many candidates: hits, and events that must be judged again. */
  readonly limit: number;
  readonly signal?: AbortSignal;
  /** False: events of every log source. */
  readonly routing?: boolean;
}

/** Some of a rule's hits, newest first. */
export interface HitPage {
  readonly events: readonly Event[];
  /** How many of `events` SQL decided alone. */
  readonly decided: number;
  /** How many events SQL could not judge exactly, and the stream's engine judged again; those of them that it hits are in `events`. */
  readonly judgedAgain: number;
  /** All of the range from here on, in milliseconds since the epoch, has been searched. */
  readonly searchedFrom: number;
  /** Why the search ended before its range did. */
  readonly stopped?: 'limit' | 'timeout' | 'memory';
}

/** A place where a rule hits, or may hit. */
export interface Candidate extends Position {
  /** SQL cannot say: the event is to be judged as the stream judges. */
  readonly odd: boolean;
}

/** All the time that one search may take, in milliseconds. */
const SEARCH_MS = 60_000;
/** How many events are fetched at a time. */
const PAGE = 500;

/** The events of the past that a rule hits, by SQL over the store, newest first. Throws EngineError. */
export async function* sqlHits(engine: EventEngine, rule: Rule, search: HitSearch, now: () => number): AsyncGenerator<HitPage> {
  const deadline = now() + SEARCH_MS;
  let left = search.limit;
  let searchedFrom = search.to;
  for (const window of expandingWindows(clampRange(search), 'older', now())) {
    let found: readonly Candidate[];
    try {
      found = await candidatesIn(engine, rule, window, { ...search, limit: left + 1 }, deadline - now());
    } catch (error) {
      const code = error instanceof EngineError ? error.fault.code : undefined;
      if (code !== 'timeout' && code !== 'memory') throw error;
      yield { events: [], decided: 0, judgedAgain: 0, searchedFrom, stopped: code };
      return;
    }
    const taken = found.slice(0, left);
    left -= taken.length;
    for (let at = 0; at < taken.length; at += PAGE) {
      const page = taken.slice(at, at + PAGE);
      searchedFrom = page.at(-1)?.ts ?? searchedFrom;
      yield { ...(await judged(engine, rule, page, search)), searchedFrom };
    }
    if (found.length > taken.length) {
      yield { events: [], decided: 0, judgedAgain: 0, searchedFrom, stopped: 'limit' };
      return;
    }
    searchedFrom = window.from;
    yield { events: [], decided: 0, judgedAgain: 0, searchedFrom };
  }
}

async function judged(engine: EventEngine, rule: Rule, page: readonly Candidate[], search: HitSearch) {
  const events = await fetchEvents(engine, page, search, PAGE);
  const odd = new Set(page.filter((candidate) => candidate.odd).map(({ node, seq }) => `${node}-${seq}`));
  if (odd.size === 0) return { events, decided: events.length, judgedAgain: 0 };
  const stream = compileRules([rule], { routing: search.routing !== false });
  const hits = events.filter((event) => !odd.has(`${event.node}-${event.seq}`) || stream.match(judgedOf(event)).length > 0);
  return { events: hits, decided: page.length - odd.size, judgedAgain: odd.size };
}

/** A stored event as rules see it. */
export const judgedOf = ({ fields, raw, timestamp, receivedAt, source }: Event) => ({
  fields: FieldSet.of(fields),
  text: raw.toString('utf8'),
  timestamp,
  receivedAt,
  source,
});

interface CandidateRow {
  readonly ts_ms: string;
  readonly node: number;
  readonly seq: string;
  readonly is_odd: number;
}

/** ClickHouse's CANNOT_COMPILE_REGEXP: its RE2 has a smaller bound on repetitions than ours. */
const REGEX_REFUSED = 427;

/** Where a rule hits, or may hit, newest first. Throws EngineError. */
export async function candidatesIn(
  engine: EventEngine,
  rule: Rule,
  window: Window,
  search: Pick<HitSearch, 'only' | 'limit' | 'signal' | 'routing' | 'lane'>,
  timeoutMs: number,
): Promise<readonly Candidate[]> {
  const options: RuleSqlOptions = { routing: search.routing !== false };
  const bounds = { ...boundsWithin(timeoutMs, 0, search.limit, search.signal), ...(search.lane && { lane: search.lane }) };
  const ask = (how: RuleSqlOptions) => engine.query<CandidateRow>(candidateSql(rule, window, search, how), bounds);
  if (ruleSql(rule, 'columns', { ...options, routeOnly: true }) === undefined) return [];
  let rows: readonly CandidateRow[];
  try {
    rows = await ask(options);
  } catch (error) {
    if (!(error instanceof EngineError) || error.fault.engineCode !== REGEX_REFUSED) throw error;
    rows = await ask({ ...options, routeOnly: true });
  }
  return rows.map(({ ts_ms, node, seq, is_odd }) => ({ ts: Number(ts_ms), node: Number(node), seq: Number(seq), odd: is_odd === 1 }));
}

function candidateSql(rule: Rule, window: Window, search: Pick<HitSearch, 'only' | 'limit'>, options: RuleSqlOptions): Sql {
  const says = { columns: ruleSql(rule, 'columns', options), anywhere: ruleSql(rule, 'anywhere', options) };
  const limit = u64(search.limit);
  const found = eventsWhere(
    (reading) => sql`${between(window.from, window.to)} AND ${search.only?.(reading) ?? sql`1`} AND ${says[reading]?.where ?? sql`0`}`,
    (from, reading) =>
      sql`SELECT ts, node, seq, toUInt8(${says[reading]?.odd ?? sql`0`}) AS is_odd FROM ${from} ORDER BY ts DESC, node DESC, seq DESC LIMIT ${limit}`,
  );
  return sql`SELECT toUnixTimestamp64Milli(ts) AS ts_ms, node, seq, is_odd FROM ${found}
    ORDER BY ts DESC, node DESC, seq DESC LIMIT ${limit} SETTINGS ${QUERY_SETTINGS}`;
}
