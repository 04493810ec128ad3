import { Param, sql } from '../../store/sql.ts';
import type { EventEngine, QueryBounds } from '../../store/store.ts';
import type { Heads } from '../correlate/sql/triggers.ts';
import { strs } from '../sql/values.ts';
import { timesOf, upTo } from './stretch-sql.ts';

/** An entity with rows that nobody has looked at. */
export interface FreshEntity {
  readonly identity: string;
  readonly groupKey: string;
  /** Moments of the unit with events that came in time or not much later: every stretch begins at one. Milliseconds since the epoch. */
  readonly moments: readonly number[];
  /** The first of all its new events, also of those that came too late to be told; milliseconds since the epoch. */
  readonly first: number;
}

const BOUNDS: QueryBounds = { timeoutMs: 10_000, maxMemoryBytes: 200 * 1024 ** 2, maxRows: 1_000_000, lane: 'detect' };

/** Entities with rows after `from` and up to `to`. `unitMs`: what all stretches begin at a multiple of. Throws EngineError. */
export async function freshEntities(
  engine: EventEngine,
  { identities, unitMs }: { readonly identities: readonly string[]; readonly unitMs: number },
  from: Heads,
  to: Heads,
): Promise<FreshEntity[]> {
  if (identities.length === 0) return [];
  const nodes = [...to.keys()];
  const array = (type: string, values: readonly number[]) => new Param(`Array(${type})`, `[${values.join(',')}]`);
  const seqs = array(
    'UInt64',
    nodes.map((node) => from.get(node) ?? 0),
  );
  const lowest = Math.min(...nodes.map((node) => from.get(node) ?? 0));
  const rows = await engine.query<{ counter: string; group_key: string; moments: readonly string[]; first: string }>(
    sql`SELECT counter, group_key, groupUniqArrayIf(15000)(intDiv(t, ${new Param('Int64', `${unitMs}`)}), late < 2) AS moments, min(t) AS first
      FROM earshot.hits WHERE seq > ${new Param('UInt64', `${lowest}`)} AND counter IN (SELECT arrayJoin(${strs(identities)})) AND moment = 0
        AND seq > transform(node, ${array('UInt16', nodes)}, ${seqs}, toUInt64(0)) AND ${upTo(to)}
      GROUP BY counter, group_key`,
    BOUNDS,
  );
  return rows.map(({ counter, group_key, moments, first }) => ({
    identity: counter,
    groupKey: group_key,
    moments: moments.map((each) => Number(each) * unitMs),
    first: Number(first),
  }));
}

/** Entities of one counter with rows in `[from, to)`. Throws EngineError. */
export async function entitiesIn(
  engine: EventEngine,
  { identity, from, to }: { readonly identity: string; readonly from: number; readonly to: number },
  heads: Heads,
): Promise<string[]> {
  const rows = await engine.query<{ group_key: string }>(
    sql`SELECT DISTINCT group_key FROM earshot.hits WHERE ${timesOf(identity, from, to)} AND ${upTo(heads)} LIMIT 100000`,
    BOUNDS,
  );
  return rows.map(({ group_key }) => group_key);
}
