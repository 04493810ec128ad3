import { Param, type Sql, sql, u64 } from '../../store/sql.ts';
import type { EventEngine, QueryBounds } from '../../store/store.ts';
import { strs } from '../sql/values.ts';

/** A group that has something new, and between which times. Milliseconds since the epoch, inclusive. */
export interface Touched {
  readonly identity: string;
  readonly groupKey: string;
  readonly first: number;
  readonly last: number;
}

/** By node, the last number that was looked at. */
export type Seqs = ReadonlyMap<number, number>;

/** Rows of one lateness, after `after` and up to `upTo`. */
export interface Fresh {
  readonly identities: readonly string[];
  readonly late: 0 | 1 | 2;
  readonly after: Seqs;
  readonly upTo: Seqs;
}

/** More groups than these are not looked at at once. */
const MOST_GROUPS = 20_000;
/** Those of one millisecond cannot be looked at in parts. */
const ALL_GROUPS = 1_000_000;

const BOUNDS: QueryBounds = { timeoutMs: 5_000, maxMemoryBytes: 200 * 1024 ** 2, maxRows: MOST_GROUPS + 1, lane: 'detect' };

/** Groups with fresh rows; undefined where there are too many for once. Throws EngineError. */
export async function freshGroups(engine: EventEngine, { identities, late, after, upTo }: Fresh): Promise<Touched[] | undefined> {
  const nodes = [...upTo].filter(([node, seq]) => seq > (after.get(node) ?? 0));
  if (nodes.length === 0 || identities.length === 0) return [];
  const numbers = (seqs: readonly number[]) => new Param('Array(UInt64)', `[${seqs.join(',')}]`);
  const own = sql`${new Param('Array(UInt16)', `[${nodes.map(([node]) => node).join(',')}]`)}`;
  const froms = numbers(nodes.map(([node]) => after.get(node) ?? 0));
  const tos = numbers(nodes.map(([, seq]) => seq));
  const lowest = Math.min(...nodes.map(([node]) => after.get(node) ?? 0));
  return groups(
    engine,
    sql`counter IN ${strs(identities)} AND moment = 0 AND late = ${u64(late)} AND node IN ${own} AND seq > ${u64(lowest)}
      AND seq > transform(node, ${own}, ${froms}, 18446744073709551615) AND seq <= transform(node, ${own}, ${tos}, toUInt64(0))`,
  );
}

/**
 * Groups with rows in `(after, upTo]`, by the time of the events; undefined where there are too many for once and not `all` are
 * wanted. Throws EngineError.
 */
export async function groupsBetween(
  engine: EventEngine,
  identities: readonly string[],
  after: number,
  upTo: number,
  all: boolean,
): Promise<Touched[] | undefined> {
  if (identities.length === 0 || upTo <= after) return [];
  const time = (ms: number) => new Param('Int64', `${Math.trunc(ms)}`);
  return groups(engine, sql`counter IN ${strs(identities)} AND t > ${time(after)} AND t <= ${time(upTo)}`, all ? ALL_GROUPS : MOST_GROUPS);
}

/** The next groups of one counter after a key, in the order of keys. Throws EngineError. */
export async function groupsAfter(engine: EventEngine, identity: string, key: string | undefined, most: number): Promise<Touched[]> {
  const beyond = key === undefined ? sql`1` : sql`group_key > ${new Param('String', key)}`;
  const statement = sql`${select(sql`counter = ${new Param('String', identity)} AND ${beyond}`)} ORDER BY group_key LIMIT ${u64(most)}`;
  return (await engine.query<Row>(statement, BOUNDS)).map(touchedOf);
}

interface Row {
  readonly counter: string;
  readonly group_key: string;
  readonly first: string;
  readonly last: string;
}

const select = (where: Sql): Sql =>
  sql`SELECT counter, group_key, min(t) AS first, max(t) AS last FROM earshot.hits WHERE ${where} GROUP BY counter, group_key`;

async function groups(engine: EventEngine, where: Sql, most = MOST_GROUPS): Promise<Touched[] | undefined> {
  const rows = await engine.query<Row>(sql`${select(where)} LIMIT ${u64(most + 1)}`, { ...BOUNDS, maxRows: most + 1 });
  return rows.length > most ? undefined : rows.map(touchedOf);
}

const touchedOf = ({ counter, group_key, first, last }: Row): Touched => ({
  identity: counter,
  groupKey: group_key,
  first: Number(first),
  last: Number(last),
});

/** How events spell the values of these groups: those of one moment each, as a group may have a million others. Throws EngineError. */
export async function spellings(
  engine: EventEngine,
  of: readonly Pick<Touched, 'identity' | 'groupKey' | 'first'>[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (of.length === 0) return new Map();
  const counters = strs([...new Set(of.map(({ identity }) => identity))]);
  const keys = strs([...new Set(of.map(({ groupKey }) => groupKey))]);
  const times = new Param('Array(Int64)', `[${[...new Set(of.map(({ first }) => first))].join(',')}]`);
  const rows = await engine.query<{ readonly counter: string; readonly group_key: string; readonly shown: string }>(
    sql`SELECT counter, group_key, argMin(if(shown = '', group_key, shown), (t, node, seq)) AS shown FROM earshot.hits
      WHERE counter IN ${counters} AND group_key IN ${keys} AND t IN ${times} GROUP BY counter, group_key LIMIT ${u64(MOST_GROUPS)}`,
    BOUNDS,
  );
  // Written by `groupColumns` alone.
  return new Map(rows.map(({ counter, group_key, shown }) => [spellingKey(counter, group_key), JSON.parse(shown) as string[]]));
}

export const spellingKey = (identity: string, groupKey: string): string => `${identity} ${groupKey}`;
