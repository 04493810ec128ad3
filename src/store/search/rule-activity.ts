import { rejudgedWithin } from '../rejudged.ts';
import { ms, sql } from '../sql.ts';
import type { EventEngine } from '../store.ts';
import { boundsWithin, REQUEST_TIMEOUT_MS } from './bounds.ts';
import { searchCondition } from './candidate.ts';
import { QUERY_SETTINGS } from './compile-sql.ts';
import type { QueryNode } from './node.ts';
import { HAS_HITS } from './own-columns.ts';
import { between } from './position.ts';
import { eventsWhere } from './reading.ts';

const DAY_MS = 86_400_000;
export const ACTIVITY_DAYS = 30;
/** More rules than this are not looked at: a hub with so many has another use for its memory. */
const MOST_RULES = 20_000;

export interface RuleActivity {
  readonly rule: string;
  /** Events that it matched in the last 24 hours, and in the last {@link ACTIVITY_DAYS} days. */
  readonly day: number;
  readonly month: number;
  /** Of each of the days, the oldest first; the last ends now. */
  readonly days: readonly number[];
  /** Time of the latest event, milliseconds since the epoch. */
  readonly lastAt: number;
}

/** What each rule has matched in the days before `to`; rules without a hit are left out. Throws EngineError. */
export async function ruleActivity(
  engine: EventEngine,
  { query, to, signal }: { readonly query: QueryNode; readonly to: number; readonly signal?: AbortSignal },
  now: () => number,
): Promise<RuleActivity[]> {
  const from = to - ACTIVITY_DAYS * DAY_MS;
  const day = sql`toUInt16(intDiv(toUnixTimestamp64Milli(ts) - ${ms(from)}, 86400000))`;
  const at = now();
  const hits = eventsWhere(
    (reading) => sql`${between(from, to)} AND ${HAS_HITS} AND ${searchCondition(query, at, reading)}`,
    (rows) => sql`SELECT ts, rules FROM ${rows}`,
    rejudgedWithin(engine, { from, to }),
  );
  // 30 is ACTIVITY_DAYS: an aggregate's parameters are literals.
  const statement = sql`SELECT rule, countResample(0, 30, 1)(${day}) AS days, toUnixTimestamp64Milli(max(ts)) AS last_ms
    FROM ${hits} ARRAY JOIN rules AS rule
    GROUP BY rule SETTINGS ${QUERY_SETTINGS}`;
  const rows = await engine.query<{ rule: string; days: readonly string[]; last_ms: string }>(
    statement,
    boundsWithin(REQUEST_TIMEOUT_MS, 0, MOST_RULES, signal),
  );
  return rows.map((row) => {
    const days = row.days.map(Number);
    return {
      rule: row.rule,
      day: days.at(-1) ?? 0,
      month: days.reduce((sum, count) => sum + count, 0),
      days,
      lastAt: Number(row.last_ms),
    };
  });
}
