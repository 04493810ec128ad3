import type { Sql } from './sql.ts';

/**
 * What correlations and baselines count: one row for each event and each of them that counts a rule that hit it.
 *
 * - `counter`: identity of the correlation or baseline, `<id>@<hash of what decides>`: another definition has rows of its own.
 * - `group_key`: JSON array of the group's values, folded; equal means the same group. `shown`: the same as the event spells them, empty when equal.
 * - `t`: time of the event, `ref`: index of the rule in the counter's `refs`, `text_value`/`number_value`: what is counted or summed.
 * - `late`: 0 in time, 1 later than `correlations.late_secs`, 2 later than `rules.late_after_hours` (nobody is told).
 * - `moment`: 0 an event; 1 a moment at which an inner correlation held (`node` 0, `seq` a hash of counter, group and time): may be there twice.
 * - `day`: of receipt, one for all rows of a block: a block is then one part, wholly there or not at all.
 *
 * Sorted by group before time: a group with a million hits is one range, and costs the others nothing.
 */
export const CREATE_HITS: Sql = {
  text: `CREATE TABLE IF NOT EXISTS earshot.hits (
     counter LowCardinality(String),
     group_key String CODEC(ZSTD(1)),
     t Int64 CODEC(Delta(8), ZSTD(1)),
     ref UInt8,
     text_value String CODEC(ZSTD(1)),
     number_value Float64,
     shown String CODEC(ZSTD(1)),
     node UInt16,
     seq UInt64 CODEC(Delta(8), ZSTD(1)),
     late UInt8,
     moment UInt8,
     day Date,
     INDEX seq_range (node, seq) TYPE minmax GRANULARITY 1
   ) ENGINE = MergeTree PARTITION BY day ORDER BY (counter, group_key, t)
   SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1`,
  params: {},
};

/** Columns of the table of hits, in the order of its rows. */
export const HIT_COLUMNS = [
  'counter',
  'group_key',
  't',
  'ref',
  'text_value',
  'number_value',
  'shown',
  'node',
  'seq',
  'late',
  'moment',
  'day',
] as const;
