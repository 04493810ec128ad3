import { LEVELS, type Level } from '../../model/severity.ts';
import { EVENTS_TABLE } from '../columns.ts';
import { joinSql, ms, type Sql, sql, u64 } from '../sql.ts';
import type { EventEngine } from '../store.ts';
import { boundsWithin, REQUEST_TIMEOUT_MS } from './bounds.ts';
import { searchCondition } from './candidate.ts';
import { compileQuery, QUERY_SETTINGS } from './compile-sql.ts';
import { barWidth, MOST_BARS } from './histogram.ts';
import { patternOf, type QueryNode } from './node.ts';
import { between } from './position.ts';
import { clampRange } from './windows.ts';

export interface LevelSearch {
  readonly query: QueryNode;
  /** Inclusive, milliseconds since the epoch. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly intervalMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface LevelBar {
  /** Milliseconds since the epoch, a multiple of the width. */
  readonly start: number;
  readonly levels: Readonly<Record<Level, number>>;
}

export interface LevelsOverTime {
  readonly intervalMs: number;
  readonly total: number;
  readonly bars: readonly LevelBar[];
}

const table: Sql = { text: EVENTS_TABLE, params: {} };
/** The most severe first: an event counts under the first that it has. */
const FROM_WORST = LEVELS.toReversed();

const hasLevel = (level: Level): QueryNode => ({ type: 'is', field: 'rule.level', pattern: patternOf([level]) });

/** The query of the events that {@link levelsOverTime} counts: those that a rule matched. */
export const DETECTED: QueryNode = { type: 'or', nodes: LEVELS.map(hasLevel) };

/**
 * Counts the events that a rule matched over time, each under the highest level of its rules. Conditions are those of the search language,
 * so that a search for `rule.level:high AND NOT rule.level:critical` finds as many as are counted here. Throws EngineError.
 */
export async function levelsOverTime(engine: EventEngine, search: LevelSearch, now: () => number): Promise<LevelsOverTime> {
  const { from, to } = clampRange(search);
  const width = barWidth(Math.max(to - from, 1), search.intervalMs);
  const where = sql`${between(from, to)} AND ${searchCondition({ type: 'and', nodes: [search.query, DETECTED] }, now())}`;
  const tests = FROM_WORST.map((level, i) => sql`${compileQuery(hasLevel(level), now())}, ${u64(i)}`);
  const statement = sql`SELECT intDiv(toUnixTimestamp64Milli(ts), ${ms(width)}) * ${ms(width)} AS start,
      multiIf(${joinSql(tests, ', ')}, ${u64(FROM_WORST.length)}) AS level, count() AS count
    FROM ${table} WHERE ${where} GROUP BY start, level SETTINGS ${QUERY_SETTINGS}`;
  const bounds = boundsWithin(REQUEST_TIMEOUT_MS, 0, (MOST_BARS + 1) * (LEVELS.length + 1), search.signal);
  const rows = await engine.query<{ start: string; level: string; count: string }>(statement, bounds);
  const counts = new Map(rows.map((row) => [`${row.start} ${FROM_WORST[Number(row.level)]}`, Number(row.count)]));
  const bars: LevelBar[] = [];
  for (let start = Math.floor(from / width) * width; start < to; start += width) {
    const count = (level: Level) => counts.get(`${start} ${level}`) ?? 0;
    bars.push({
      start,
      levels: {
        informational: count('informational'),
        low: count('low'),
        medium: count('medium'),
        high: count('high'),
        critical: count('critical'),
      },
    });
  }
  return { intervalMs: width, total: rows.reduce((sum, { count }) => sum + Number(count), 0), bars };
}
