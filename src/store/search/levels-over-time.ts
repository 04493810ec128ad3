import { LEVELS, type Level } from '../../model/severity.ts';
import { rejudgedWithin } from '../rejudged.ts';
import { ms, Param, sql } from '../sql.ts';
import type { EventEngine } from '../store.ts';
import { boundsWithin, REQUEST_TIMEOUT_MS } from './bounds.ts';
import { searchCondition } from './candidate.ts';
import { QUERY_SETTINGS } from './compile-sql.ts';
import { fieldKey } from './field-texts.ts';
import { barWidth, MOST_BARS } from './histogram.ts';
import { patternOf, type QueryNode } from './node.ts';
import { between } from './position.ts';
import { eventsWhere } from './reading.ts';
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

const hasLevel = (level: Level): QueryNode => ({ type: 'is', field: 'rule.level', pattern: patternOf([level]) });

/** What is informational is there to be counted by correlations: each sign-in would hide all else. */
export const SHOWN_LEVELS = LEVELS.filter((level) => level !== 'informational');

/** The query of the events that {@link levelsOverTime} counts: those that a rule above informational matched. */
export const DETECTED: QueryNode = { type: 'or', nodes: SHOWN_LEVELS.map(hasLevel) };

/**
 * Counts the events that a rule above informational matched over time, each under the highest level of its rules. Conditions are those of the search language,
 * so that a search for `rule.level:high AND NOT rule.level:critical` finds as many as are counted here. Throws EngineError.
 */
export async function levelsOverTime(engine: EventEngine, search: LevelSearch, now: () => number): Promise<LevelsOverTime> {
  const { from, to } = clampRange(search);
  const width = barWidth(Math.max(to - from, 1), search.intervalMs);
  const at = now();
  const hit: QueryNode = { type: 'and', nodes: [search.query, DETECTED] };
  const bar = sql`intDiv(toUnixTimestamp64Milli(ts), ${ms(width)}) * ${ms(width)} AS start`;
  const levelled = eventsWhere(
    (reading) => sql`${between(from, to)} AND ${searchCondition(hit, at, reading)}`,
    (rows, reading) => {
      const { key, texts } = fieldKey('rule.level', reading);
      return sql`SELECT start, ${texts(sql`field`)} AS levels, n FROM (SELECT ${bar}, ${key} AS field, count() AS n FROM ${rows} GROUP BY start, field)`;
    },
    rejudgedWithin(engine, { from, to }),
  );
  const worst = sql`arrayMax(arrayMap(l -> indexOf(${new Param('Array(String)', `['${LEVELS.join("','")}']`)}, lower(l)), levels))`;
  const statement = sql`SELECT start, ${worst} AS level, sum(n) AS count
    FROM ${levelled} GROUP BY start, level SETTINGS ${QUERY_SETTINGS}`;
  const bounds = boundsWithin(REQUEST_TIMEOUT_MS, 0, (MOST_BARS + 1) * (LEVELS.length + 1), search.signal);
  const rows = await engine.query<{ start: string; level: string; count: string }>(statement, bounds);
  const counts = new Map(rows.map((row) => [`${row.start} ${LEVELS[Number(row.level) - 1]}`, Number(row.count)]));
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
