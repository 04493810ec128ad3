import type { HitRow } from '../model/hit-row.ts';
import { RowBinaryWriter } from './row-binary.ts';
import { HIT_COLUMNS } from './schema-hits.ts';
import type { InsertBlock } from './store.ts';

const HITS_TABLE = 'earshot.hits';
const TYPICAL_ROW_BYTES = 200;
const DAY_MS = 86_400_000;

/** From when on an event is late, and too late for anyone to be told; milliseconds between its own time and its receipt. */
export interface LateBounds {
  readonly lateMs: number;
  readonly tooLateMs: number;
}

/** Rows of the table of hits that go in together. */
export interface HitBlock {
  readonly rows: readonly HitRow[];
  /** Begins the deduplication token; another set of rows has another one, or other rows. */
  readonly name: string;
  /** When it was received, in milliseconds since the epoch: one day for all rows, so that they are one part. */
  readonly receivedAt: number;
  readonly late: LateBounds;
  /** They are moments at which inner correlations held, and no events. */
  readonly moments?: true;
}

/** The rows as they are inserted, in the order of {@link HIT_COLUMNS}. */
export function encodeHits({ rows, name, receivedAt, late, moments }: HitBlock): InsertBlock {
  const writer = new RowBinaryWriter(Buffer.allocUnsafeSlow(rows.length * TYPICAL_ROW_BYTES));
  const day = Math.floor(receivedAt / DAY_MS);
  for (const row of rows) writeRow(writer, row, lateness(row, late), moments === true ? 1 : 0, day);
  return { table: HITS_TABLE, columns: HIT_COLUMNS, body: writer.written(), rows: rows.length, token: `h-${name}-${rows.length}` };
}

function writeRow(writer: RowBinaryWriter, row: HitRow, late: number, moment: number, day: number): void {
  writer.string(row.counter);
  writer.string(row.groupKey);
  writer.i64(row.t);
  writer.u8(row.ref);
  writer.string(row.textValue);
  writer.f64(row.numberValue);
  writer.string(row.shown);
  writer.u16(row.node);
  writer.i64(row.seq);
  writer.u8(late);
  writer.u8(moment);
  writer.u16(day);
}

function lateness({ t, receivedAt }: HitRow, { lateMs, tooLateMs }: LateBounds): 0 | 1 | 2 {
  const after = receivedAt - t;
  if (after > tooLateMs) return 2;
  return after > lateMs ? 1 : 0;
}
