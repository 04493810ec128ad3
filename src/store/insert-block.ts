import { randomUUID } from 'node:crypto';
import { err, ok, type Result } from '../lib/result.ts';
import { bareBlock, type EncodedBlock, type SetAside, sliceBlock } from './encode.ts';
import { sql, u64 } from './sql.ts';
import { EngineError, type EventEngine, type QueryBounds, type QueryFault } from './store.ts';

export interface Inserted {
  /** Events that are stored as bare rows, because they could not be encoded or the engine refused them. */
  readonly setAside: readonly SetAside[];
}

export interface InsertOptions {
  /**
   * The block may be stored already, wholly or in part: it was replayed, or an attempt failed. What is there is then looked up first, so
   * that once is once also after the deduplication window, and when the retention settings have changed in between.
   */
  readonly resumed?: boolean;
}

const SEQ_BOUNDS: QueryBounds = { timeoutMs: 60_000, maxMemoryBytes: 200 * 1024 ** 2, maxRows: 1_000_000, lane: 'system' };

/**
 * Stores a block exactly once. When the engine refuses it, it is halved until the row at fault is alone; that event is stored bare and
 * nothing behind it waits. A fault is given back, for the caller to try the same block again with `resumed`; the fault `refused` means
 * that even a bare row is refused, so the fault is not in the data.
 */
export async function insertBlock(
  engine: EventEngine,
  block: EncodedBlock,
  options: InsertOptions = {},
): Promise<Result<Inserted, QueryFault>> {
  const setAside = [...block.setAside];
  try {
    const wanted = options.resumed ? await missingRows(engine, block) : block;
    await insertOrHalve(engine, wanted, setAside);
    if (options.resumed) await insertForgotten(engine, block, setAside);
    return ok({ setAside });
  } catch (error) {
    if (error instanceof EngineError) return err(error.fault);
    throw error;
  }
}

async function insertOrHalve(engine: EventEngine, block: EncodedBlock, setAside: SetAside[]): Promise<void> {
  if (block.rows === 0) return;
  try {
    await engine.insert(block);
    return;
  } catch (error) {
    if (!(error instanceof EngineError) || error.fault.code !== 'refused') throw error;
    if (block.rows === 1) {
      await insertBare(engine, block, error.fault.message, setAside);
      return;
    }
  }
  const middle = block.rows >> 1;
  await insertOrHalve(engine, sliceBlock(block, 0, middle), setAside);
  await insertOrHalve(engine, sliceBlock(block, middle, block.rows), setAside);
}

/**
 * The engine notes a token before the part is in its place. One that is killed between the two knows the token and has no rows; it takes the
 * same block for a repeat, says that all is well, and stores nothing. What is then still missing goes in under a token that it cannot
 * know. The first attempt is over by now: inserts run one after the other, and this block's has just been answered.
 */
async function insertForgotten(engine: EventEngine, block: EncodedBlock, setAside: SetAside[]): Promise<void> {
  const missing = await missingRows(engine, block);
  await insertOrHalve(engine, { ...missing, token: `${missing.token}-${randomUUID()}` }, setAside);
}

async function insertBare(engine: EventEngine, block: EncodedBlock, reason: string, setAside: SetAside[]): Promise<void> {
  const [event] = block.events;
  if (event === undefined) return;
  await engine.insert(bareBlock(event, reason, block.options));
  setAside.push({ seq: event.seq, reason });
}

/**
 * The rows that are not stored yet, under the block's own token. A part is stored wholly or not at all and has the block's rows of one
 * partition, so the engine still recognizes the part of an attempt that is only now being finished.
 */
async function missingRows(engine: EventEngine, block: EncodedBlock): Promise<EncodedBlock> {
  const first = block.events[0];
  const last = block.events.at(-1);
  if (first === undefined || last === undefined) return block;
  const rows = await engine.query<{ seq: string }>(
    sql`SELECT seq FROM earshot.events WHERE node = ${u64(first.node)} AND seq BETWEEN ${u64(first.seq)} AND ${u64(last.seq)}`,
    SEQ_BOUNDS,
  );
  if (rows.length === 0) return block;
  const stored = new Set(rows.map(({ seq }) => Number(seq)));
  const kept = block.events.flatMap(({ seq }, index) => (stored.has(seq) ? [] : [index]));
  return pickRows(block, kept);
}

function pickRows(block: EncodedBlock, indexes: readonly number[]): EncodedBlock {
  const offsets = [0];
  const pieces = indexes.map((index) => {
    const piece = block.body.subarray(block.offsets[index], block.offsets[index + 1]);
    offsets.push((offsets.at(-1) ?? 0) + piece.length);
    return piece;
  });
  return {
    ...block,
    body: Buffer.concat(pieces),
    rows: indexes.length,
    events: indexes.flatMap((index) => block.events[index] ?? []),
    offsets,
  };
}
