import type { Level } from '../../model/severity.ts';
import { rejudgedWithin } from '../rejudged.ts';
import { ms, type Sql, sql, u64 } from '../sql.ts';
import type { EventEngine, QueryBounds } from '../store.ts';
import { boundsWithin, REQUEST_TIMEOUT_MS } from './bounds.ts';
import { searchCondition } from './candidate.ts';
import { QUERY_SETTINGS } from './compile-sql.ts';
import { barWidth } from './histogram.ts';
import type { QueryNode } from './node.ts';
import { hasHitsFrom, hitRulesOf } from './own-columns.ts';
import { between } from './position.ts';
import { eventsWhere, type Reading } from './reading.ts';
import { clampRange, type Window } from './windows.ts';

const DAY_MS = 86_400_000;
/** How far before the range we look for what is usual: four times its length, at least a week, at most a hundred days. */
const LOOK_BACK = { times: 4, least: 7 * DAY_MS, most: 100 * DAY_MS } as const;
const BARS = 80;
const MOST_SETS = 20_000;
const MOST_RULES = 2_000;
const MOST_FIRSTS = 50;

export interface DetectionSearch {
  /** Of what the asker may see. */
  readonly query: QueryNode;
  /** Events that only rules below it hit are left out. */
  readonly least: Level;
  /** Inclusive, milliseconds since the epoch. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly signal?: AbortSignal | undefined;
}

/** A rule as its hits name it. */
export interface HitRule {
  readonly id: string;
  readonly level: Level;
}

/** Events of one bar that the same rules hit. */
export interface HitSet {
  /** Start of the bar, milliseconds since the epoch. */
  readonly start: number;
  readonly rules: readonly HitRule[];
  readonly count: number;
}

export interface DetectedRule extends HitRule {
  readonly title: string;
  readonly count: number;
  /** Different `user.name`. */
  readonly people: number;
  readonly lastAt: number;
  /** Events in the time before the range. */
  readonly before: number;
}

/** Somebody whom a rule hit for the first time since `since`. Upper and lower case are the same, as in searches. */
export interface FirstTime {
  readonly person: string;
  readonly ruleId: string;
  readonly count: number;
  readonly firstAt: number;
}

/** Events that rules hit, in a range and in the time before it. */
export interface Detections {
  readonly intervalMs: number;
  /** Starts of all bars, in order. */
  readonly starts: readonly number[];
  /** Each event is in one of these. */
  readonly sets: readonly HitSet[];
  /** The most frequent first; those of which there was something before, and nothing in the range, are left out. */
  readonly rules: readonly DetectedRule[];
  readonly firsts: readonly FirstTime[];
  /** Events in as long a time just before the range. */
  readonly totalBefore: number;
  /** Where the time before the range begins that is compared with. */
  readonly since: number;
}

/** What rules have hit. Only events with hits are read beyond one narrow column. Throws EngineError. */
export async function detections(engine: EventEngine, search: DetectionSearch, now: () => number): Promise<Detections> {
  const { from, to } = clampRange(search);
  const span = Math.max(to - from, 1);
  const since = Math.max(from - Math.min(Math.max(LOOK_BACK.times * span, LOOK_BACK.least), LOOK_BACK.most), 0);
  const width = barWidth(span, undefined, BARS);
  const at = now();
  const rejudged = rejudgedWithin(engine, { from: since, to });
  const hit =
    (begin: number, end = to): Where =>
    (reading) =>
      sql`${between(begin, end)} AND ${hasHitsFrom(search.least)} AND ${searchCondition(search.query, at, reading)}`;
  const bounds = (rows: number): QueryBounds => boundsWithin(REQUEST_TIMEOUT_MS, 0, rows, search.signal);
  const [sets, byRule, [before]] = await Promise.all([
    engine.query<SetRow>(setsIn(hit(from), width, rejudged), bounds(MOST_SETS)),
    engine.query<RuleRow>(rulesSince(hit(since), from, rejudged), bounds(2 * MOST_RULES)),
    engine.query<{ readonly count: string }>(
      sql`SELECT count() AS count FROM ${eventsWhere(hit(Math.max(from - span, 0), from), (rows) => sql`SELECT 1 FROM ${rows}`, rejudged)}
        SETTINGS ${QUERY_SETTINGS}`,
      bounds(1),
    ),
  ]);
  return {
    intervalMs: width,
    starts: startsOf(from, to, width),
    sets: sets.map(({ start, set, count }) => ({ start: Number(start), rules: set.map(hitRule), count: Number(count) })),
    rules: byRule
      .filter(({ of_one }) => of_one === 0)
      .map((row) => ({
        ...lastHit(row),
        count: Number(row.count),
        people: Number(row.people),
        lastAt: Number(row.last_ms),
        before: Number(row.before),
      })),
    firsts: byRule
      .filter(({ of_one }) => of_one === 1)
      .slice(0, MOST_FIRSTS)
      .map((row) => ({ person: row.person, ruleId: row.id, count: Number(row.count), firstAt: Number(row.first_ms) })),
    totalBefore: Number(before?.count ?? 0),
    since,
  };
}

type Where = (reading: Reading) => Sql;

// Hits are written by our own encoder: their level is one of ours.
const hitRule = ([id, level]: readonly [string, string]): HitRule => ({ id, level: level as Level });

function lastHit({ id, last_hits }: RuleRow): HitRule & { readonly title: string } {
  const [, level, title] = (JSON.parse(last_hits) as (readonly [string, Level, string])[]).find(([rule]) => rule === id) ?? [];
  return { id, level: level ?? 'informational', title: title ?? id };
}

const setsIn = (where: Where, width: number, rejudged: Window | undefined): Sql =>
  sql`SELECT start, arraySort(arrayDistinct(arrayMap(h -> [h.1, h.2], ${hitRulesOf(sql`hit_rules`)}))) AS set, sum(n) AS count
    FROM ${eventsWhere(
      where,
      (rows) => sql`SELECT intDiv(toUnixTimestamp64Milli(ts), ${ms(width)}) * ${ms(width)} AS start, hit_rules, count() AS n
        FROM ${rows} GROUP BY start, hit_rules`,
      rejudged,
    )} GROUP BY start, set ORDER BY start, set SETTINGS ${QUERY_SETTINGS}`;

/**
 * What each rule has hit, and whom it hit for the first time since `from`. Events are counted by their word of hits and their person before
 * they are told apart by rule: both are words, and there are far fewer of them (measured, 10 M
 * events, a third with hits: a third of the time).
 */
function rulesSince(where: Where, from: number, rejudged: Window | undefined): Sql {
  const inRange = sql`ts >= fromUnixTimestamp64Milli(${ms(from)})`;
  const counted = eventsWhere(
    where,
    (rows) => sql`SELECT hit_rules, user_name, countIf(${inRange}) AS now, countIf(NOT ${inRange}) AS ago, min(ts) AS first, max(ts) AS last
      FROM ${rows} GROUP BY hit_rules, user_name`,
    rejudged,
  );
  const ofEach = sql`SELECT grouping(who) = 0 AS of_one, id, argMax(toString(user_name), last) AS person, argMax(toString(hit_rules), last) AS last_hits,
      sum(now) AS count, sum(ago) AS before, uniqExactIf(user_name, now > 0 AND user_name != '') AS people,
      toUnixTimestamp64Milli(min(first)) AS first_ms, toUnixTimestamp64Milli(max(last)) AS last_ms
    FROM (SELECT *, lowerUTF8(user_name) AS who, arrayJoin(arrayMap(h -> h.1, ${hitRulesOf(sql`hit_rules`)})) AS id FROM ${counted})
    GROUP BY GROUPING SETS ((id), (id, who)) HAVING if(of_one, who != '' AND first_ms >= ${ms(from)}, count > 0)`;
  return sql`SELECT * FROM (${ofEach}) ORDER BY of_one, if(of_one, first_ms, toInt64(count)) DESC, person, id
    LIMIT ${u64(MOST_RULES)} BY of_one SETTINGS ${QUERY_SETTINGS}`;
}

function startsOf(from: number, to: number, width: number): number[] {
  const starts: number[] = [];
  for (let start = Math.floor(from / width) * width; start < to; start += width) starts.push(start);
  return starts;
}

interface SetRow {
  readonly start: string;
  readonly set: readonly (readonly [string, string])[];
  readonly count: string;
}

/** A rule, or with `of_one` a rule and one person. */
interface RuleRow {
  readonly of_one: number;
  readonly id: string;
  readonly person: string;
  /** `hit_rules` of its last event. */
  readonly last_hits: string;
  readonly count: string;
  readonly before: string;
  readonly people: string;
  readonly first_ms: string;
  readonly last_ms: string;
}
