import type { HitRow } from '../../model/hit-row.ts';
import { Param, sql, u64 } from '../../store/sql.ts';
import type { EventEngine, QueryBounds } from '../../store/store.ts';
import { strs } from '../sql/values.ts';
import { groupColumns } from './hit-plan.ts';
import { momentSeq } from './sql/moments.ts';
import { countedValue, readAs } from './values.ts';
import type { Watched } from './watched.ts';

/** A moment at which a correlation held, as a row of one that counts it. */
export type Moment = Omit<HitRow, 'receivedAt'>;

/** A moment has the group's values as its fields, under the names by which the inner correlation groups. */
export function momentRows(inner: Watched, groupKey: string, values: readonly string[], at: number): Moment[] {
  const names = inner.correlation.groupNames;
  const read = (paths: readonly string[]) => values[names.findIndex((name) => paths.includes(name))];
  const seq = momentSeq(inner.identity, groupKey, at);
  return inner.outer.flatMap(({ watched: { identity, correlation }, ref }) => {
    const group = (correlation.groupPaths[ref] ?? []).map(read);
    const counted = countedValue(readAs(correlation.type), (correlation.fieldPaths[ref] ?? []).map(read));
    if (counted === undefined || !group.every((value) => value !== undefined)) return [];
    const { value = '', number = 0 } = counted;
    return { counter: identity, ...groupColumns(group), t: at, ref, textValue: value, numberValue: number, node: 0, seq };
  });
}

const BOUNDS: QueryBounds = { timeoutMs: 5_000, maxMemoryBytes: 200 * 1024 ** 2, maxRows: 1_000_000, lane: 'detect' };

/** Those that have no row as yet. Throws EngineError. */
export async function withoutRows(engine: EventEngine, moments: readonly Moment[]): Promise<Moment[]> {
  const wanted = new Map(moments.map((moment) => [keyOf(moment.counter, moment.ref, moment.seq), moment]));
  if (wanted.size === 0) return [];
  const times = moments.map(({ t }) => t);
  const time = (ms: number) => new Param('Int64', `${ms}`);
  const rows = await engine.query<{ readonly counter: string; readonly ref: number; readonly seq: string }>(
    sql`SELECT DISTINCT counter, ref, seq FROM earshot.hits WHERE counter IN ${strs([...new Set(moments.map(({ counter }) => counter))])}
      AND moment = 1 AND node = ${u64(0)} AND t BETWEEN ${time(least(times))} AND ${time(most(times))}`,
    BOUNDS,
  );
  for (const { counter, ref, seq } of rows) wanted.delete(keyOf(counter, ref, Number(seq)));
  return [...wanted.values()];
}

const keyOf = (counter: string, ref: number, seq: number): string => `${counter} ${ref} ${seq}`;
const least = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.min(a, b));
const most = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.max(a, b));
