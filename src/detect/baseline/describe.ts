import { sql } from '../../store/sql.ts';
import type { EventEngine, QueryBounds } from '../../store/store.ts';
import type { Heads } from '../correlate/sql/triggers.ts';
import { Calendar } from './calendar.ts';
import type { Question } from './judge.ts';
import { rowsOf } from './stretch-sql.ts';

/** The events of a stretch; of `new`, those with a value that was not there before. */
export interface StretchContents {
  /** Times of the first and the last event. */
  readonly firstAt: number;
  readonly lastAt: number;
  readonly count: number;
  /** The first ten and the last ten, ascending: `<node>-<seq>`. */
  readonly eventIds: readonly string[];
  /** The group's values, as the first event spells them. */
  readonly shown: readonly string[];
}

interface Row {
  readonly first: string;
  readonly last: string;
  readonly n: string;
  readonly shown: string;
  readonly ends: readonly (readonly [string, number, string])[];
}

const BOUNDS: QueryBounds = { timeoutMs: 10_000, maxMemoryBytes: 200 * 1024 ** 2, maxRows: 1, lane: 'detect' };

/** What there is to say of a stretch; undefined where its events are gone. Throws EngineError. */
export async function describeStretch(engine: EventEngine, question: Question, heads: Heads): Promise<StretchContents | undefined> {
  const { baseline, identity, groupKey, start } = question;
  const calendar = new Calendar(baseline.every, baseline.timeZone);
  const slice = { baseline, identity, groupKeys: [groupKey] };
  const now = rowsOf({ ...slice, from: start, to: calendar.next(start) }, heads);
  const before = rowsOf({ ...slice, from: calendar.before(start, baseline.historyDays), to: start }, heads);
  const where = baseline.measure === 'new' ? sql`${now} AND text_value NOT IN (SELECT text_value FROM earshot.hits WHERE ${before})` : now;
  const [row] = await engine.query<Row>(
    sql`SELECT min(at) AS first, max(at) AS last, count() AS n, argMin(spelled, (at, node, seq)) AS shown,
        arrayConcat(groupArraySorted(10)(place), arrayReverse(arrayMap(x -> (-x.1, -x.2, toUInt64(-x.3)),
          groupArraySorted(10)((-at, -toInt32(node), -toInt64(seq)))))) AS ends
      FROM (SELECT node, seq, min(t) AS at, any(if(shown = '', group_key, shown)) AS spelled, (at, toInt32(node), seq) AS place
        FROM earshot.hits WHERE ${where} GROUP BY node, seq)
      HAVING count() > 0`,
    BOUNDS,
  );
  if (row === undefined) return undefined;
  const ids = new Set(row.ends.map(([, node, seq]) => `${node}-${seq}`));
  // Written by `groupColumns` alone.
  const shown = JSON.parse(row.shown.startsWith('[') ? row.shown : '[]') as string[];
  return { firstAt: Number(row.first), lastAt: Number(row.last), count: Number(row.n), eventIds: [...ids], shown };
}
