import { EarshotError } from '../lib/errors.ts';
import { EVENTS_TABLE } from './columns.ts';
import { REJUDGED_TABLE } from './rejudged.ts';
import {
  addColumn,
  CREATE_DATABASE,
  CREATE_DROPPED,
  CREATE_EVENTS,
  CREATE_MIGRATIONS,
  CREATE_REJUDGED,
  type EventTable,
  fillColumn,
  MERGE_FINISHED_DAYS,
  packAttrs,
  STORED_COLUMNS,
} from './schema.ts';
import { CREATE_HITS } from './schema-hits.ts';
import { type Sql, sql, str, u64 } from './sql.ts';
import type { EventEngine, QueryBounds } from './store.ts';

interface Migration {
  readonly version: number;
  readonly name: string;
  /** Each may run twice: a crash between a statement and its record repeats it. */
  readonly statements: readonly Sql[];
}

/** In order; never changed once released. */
const MIGRATIONS: readonly Migration[] = [
  { version: 1, name: 'events', statements: [CREATE_EVENTS, CREATE_DROPPED] },
  { version: 2, name: 'finished-days', statements: [MERGE_FINISHED_DAYS] },
  { version: 3, name: 'hits', statements: [CREATE_HITS] },
  { version: 4, name: 'rejudged', statements: [CREATE_REJUDGED] },
  { version: 5, name: 'attrs-lz4', statements: [packAttrs(EVENTS_TABLE), packAttrs(REJUDGED_TABLE)] },
];

const BOUNDS: QueryBounds = { timeoutMs: 30_000, maxMemoryBytes: 100 * 1024 ** 2, maxRows: 10_000, lane: 'system' };

/** Brings the engine's tables to what this program needs. Refuses data of a newer program, and a table that is not ours, with an EarshotError. */
export async function migrate(engine: EventEngine): Promise<void> {
  await engine.command(CREATE_DATABASE);
  await engine.command(CREATE_MIGRATIONS);
  const current = await currentVersion(engine);
  const newest = MIGRATIONS.at(-1)?.version ?? 0;
  if (current > newest) {
    throw new EarshotError('EAR_STORE_NEWER', `The event store is at version ${current}; this program knows versions up to ${newest}.`);
  }
  for (const { version, name, statements } of MIGRATIONS) {
    if (version <= current) continue;
    for (const statement of statements) await engine.command(statement);
    await engine.command(sql`INSERT INTO earshot.migrations (version, name) SELECT ${u64(version)}, ${str(name)}`);
  }
  for (const table of [EVENTS_TABLE, REJUDGED_TABLE] as const) await reconcileColumns(engine, table);
}

async function currentVersion(engine: EventEngine): Promise<number> {
  const [row] = await engine.query<{ version: number }>(sql`SELECT max(version) AS version FROM earshot.migrations`, BOUNDS);
  return Number(row?.version ?? 0);
}

/** Columns are added here and not by numbered migrations: a new line in `columns.ts` is all it takes. */
async function reconcileColumns(engine: EventEngine, table: EventTable): Promise<void> {
  const rows = await engine.query<{ name: string; type: string }>(
    sql`SELECT name, type FROM system.columns WHERE database = 'earshot' AND concat(database, '.', table) = ${str(table)}`,
    BOUNDS,
  );
  const stored = new Map(rows.map(({ name, type }) => [name, type]));
  for (const column of STORED_COLUMNS) {
    const type = stored.get(column.name);
    if (type === undefined) {
      await engine.command(addColumn(table, column));
      if (column.otherwise !== undefined) await engine.command(fillColumn(table, column));
    } else if (type !== column.type) {
      throw new EarshotError('EAR_STORE_NEWER', `The column ${table}.${column.name} is ${type}; this program needs ${column.type}.`);
    }
  }
}
