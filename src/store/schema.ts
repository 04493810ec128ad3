import { COLUMNS, type ColumnType, EVENTS_TABLE } from './columns.ts';
import { REJUDGED_TABLE } from './rejudged.ts';
import type { Sql } from './sql.ts';

const CLICKHOUSE_TYPES: Record<ColumnType, { readonly type: string; readonly codec: string }> = {
  word: { type: 'LowCardinality(String)', codec: '' },
  text: { type: 'String', codec: 'CODEC(ZSTD(1))' },
  words: { type: 'Array(LowCardinality(String))', codec: '' },
  ip: { type: 'IPv6', codec: 'CODEC(ZSTD(1))' },
  u8: { type: 'UInt8', codec: 'CODEC(ZSTD(1))' },
  u16: { type: 'UInt16', codec: 'CODEC(ZSTD(1))' },
  u32: { type: 'UInt32', codec: 'CODEC(ZSTD(1))' },
};

export interface StoredColumn {
  readonly name: string;
  /** As `system.columns` prints it. */
  readonly type: string;
  readonly codec: string;
  /** What rows have that were written before there was such a column; absent: the type's default. */
  readonly otherwise?: string;
}

const delta = 'CODEC(Delta(8), ZSTD(1))';

/** Every column of the event table, in order. */
export const STORED_COLUMNS: readonly StoredColumn[] = [
  { name: 'node', type: 'UInt16', codec: 'CODEC(ZSTD(1))' },
  { name: 'seq', type: 'UInt64', codec: delta },
  { name: 'ts', type: "DateTime64(3, 'UTC')", codec: delta },
  { name: 'ingested', type: "DateTime64(3, 'UTC')", codec: delta },
  { name: 'day', type: 'Date', codec: 'CODEC(ZSTD(1))' },
  { name: 'source', type: 'LowCardinality(String)', codec: '' },
  { name: 'origin', type: 'LowCardinality(String)', codec: '' },
  { name: 'retention', type: 'LowCardinality(String)', codec: '' },
  ...COLUMNS.map(({ column, type }) => ({ name: column, ...CLICKHOUSE_TYPES[type] })),
  { name: 'rules', type: 'Array(LowCardinality(String))', codec: '' },
  { name: 'hits', type: 'String', codec: 'CODEC(ZSTD(1))' },
  {
    name: 'hit_rules',
    type: 'LowCardinality(String)',
    codec: '',
    otherwise: `if(hits = '', '', toJSONString(arrayMap(
      h -> (JSONExtractString(h, 'id'), JSONExtractString(h, 'level'), JSONExtractString(h, 'title')), JSONExtractArrayRaw(hits))))`,
  },
  { name: 'deferred', type: 'Array(LowCardinality(String))', codec: '' },
  { name: 'zeros', type: 'LowCardinality(String)', codec: '' },
  { name: 'columns_whole', type: 'UInt8', codec: 'CODEC(ZSTD(1))' },
  // Read whole for each field without a column: measured, 2.6 times as fast as with ZSTD(1), and a quarter larger.
  { name: 'attrs', type: 'Map(LowCardinality(String), String)', codec: 'CODEC(LZ4)' },
  { name: 'shape', type: 'LowCardinality(String)', codec: '' },
  { name: 'raw', type: 'String', codec: 'CODEC(ZSTD(1))' },
];

/** The tables that have a row for an event. */
export type EventTable = typeof EVENTS_TABLE | typeof REJUDGED_TABLE;

const statement = (text: string): Sql => ({ text, params: {} });

export const CREATE_DATABASE: Sql = statement('CREATE DATABASE IF NOT EXISTS earshot ENGINE = Atomic');

export const CREATE_MIGRATIONS: Sql = statement(
  `CREATE TABLE IF NOT EXISTS earshot.migrations (version UInt32, name String, applied_at DateTime('UTC') DEFAULT now('UTC'))
   ENGINE = MergeTree ORDER BY version`,
);

/**
 * The event table.
 *
 * - Sorted by hour first, so that a time range is a range of the key; then by dataset and user, which compresses best (measured: a fifth
 *   smaller than by time alone) and answers "what did this person do".
 * - `seq` has a minmax index for what asks by identity: verification, one event, what of a block is stored.
 * - Parts are compact (one data file) up to 64 MiB: an insert is then a few fsyncs and not two for each column, and takes far less memory.
 * - Merges wait for ten parts: each event is rewritten less often (measured: a fifth of the engine's CPU).
 * - Each insert is fsynced, because the raw log forgets a block once it is here. The deduplication window counts parts.
 */
export const CREATE_EVENTS: Sql = createEvents(EVENTS_TABLE);

/** Rows of events once more, see rejudged.ts: the same table, so that the same statements can be asked of it. */
export const CREATE_REJUDGED: Sql = createEvents(REJUDGED_TABLE);

function createEvents(table: EventTable): Sql {
  return statement(`CREATE TABLE IF NOT EXISTS ${table} (
     ${STORED_COLUMNS.map(defined).join(',\n     ')},
     INDEX raw_text lower(raw) TYPE text(tokenizer = splitByNonAlpha),
     INDEX seq_range seq TYPE minmax GRANULARITY 1
   ) ENGINE = MergeTree
   PARTITION BY (retention, day)
   ORDER BY (toStartOfHour(ts), event_dataset, user_name, ts)
   SETTINGS non_replicated_deduplication_window = 10000, min_bytes_for_wide_part = 67108864,
            fsync_after_insert = 1, fsync_part_directory = 1, min_parts_to_merge_at_once = 30`);
}

/**
 * Four hours after its last insert, a day becomes one part: a search over a month opens 30 parts and not 600 (measured, 10 M events: an eighth
 * of the time for one person's events), and the day takes half the room or less. Nothing larger than 400 MiB is merged: the text index
 * of a part is made in memory (measured: 200 MiB for a million rows), and a merge that does not fit would be tried for ever.
 */
export const MERGE_FINISHED_DAYS: Sql = statement(
  `ALTER TABLE earshot.events MODIFY SETTING min_age_to_force_merge_seconds = 14400, min_age_to_force_merge_on_partition_only = 1,
     enable_max_bytes_limit_for_min_age_to_force_merge = 1, max_bytes_to_merge_at_max_space_in_pool = 419430400`,
);

/**
 * What retention has dropped: a partition, by node, with how many rows it had and between which numbers. Verification tells by it what is
 * rightly gone. A row is written before its partition is dropped, and again when that was interrupted; equal rows become one.
 */
export const CREATE_DROPPED: Sql = statement(
  `CREATE TABLE IF NOT EXISTS earshot.dropped (
     node UInt16, retention String, day Date, row_count UInt64, first_seq UInt64, last_seq UInt64, dropped_at DateTime('UTC') DEFAULT now('UTC')
   ) ENGINE = ReplacingMergeTree ORDER BY (node, retention, day, first_seq, last_seq, row_count)
   SETTINGS fsync_after_insert = 1`,
);

/** Adds a column that {@link STORED_COLUMNS} has gained since the table was made; old rows have what it says of them. */
export const addColumn = (table: EventTable, column: StoredColumn): Sql =>
  statement(`ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS ${defined(column)}`);

/** As {@link STORED_COLUMNS} has it since; what is stored changes with its next merge. */
export const packAttrs = (table: EventTable): Sql =>
  statement(`ALTER TABLE ${table} MODIFY COLUMN attrs Map(LowCardinality(String), String) CODEC(LZ4)`);

/** Writes into old rows, in the background and once, what is else reckoned each time one of them is read. */
export const fillColumn = (table: EventTable, { name }: StoredColumn): Sql => statement(`ALTER TABLE ${table} MATERIALIZE COLUMN ${name}`);

function defined({ name, type, codec, otherwise }: StoredColumn): string {
  return `${name} ${type} ${otherwise === undefined ? '' : `DEFAULT ${otherwise}`} ${codec}`;
}
