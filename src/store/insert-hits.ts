import { randomUUID } from 'node:crypto';
import type { HitRow } from '../model/hit-row.ts';
import { encodeHits, type HitBlock } from './hit-rows.ts';
import { Param, type Sql, sql, u64 } from './sql.ts';
import { EngineError, type EventEngine, type QueryBounds } from './store.ts';

/** A row that the engine refuses, and why. */
export interface RefusedHit {
  readonly row: HitRow;
  readonly reason: string;
}

/** So many rows are found out one by one; when more are refused, it is not the rows that are at fault, and the rest is not tried. */
const MOST_REFUSED = 32;

/** How many rows are looked up at once. */
const ASKED = 2_000;

const BOUNDS: QueryBounds = { timeoutMs: 60_000, maxMemoryBytes: 200 * 1024 ** 2, maxRows: 2_000_000, lane: 'system' };

/**
 * Stores rows of the table of hits, each exactly once. A block is halved while the engine refuses it, until the row at fault is alone:
 * that is left out and given back, so that nothing waits for it. `resumed`: some of them may be there, as the block was replayed, or
 * an attempt failed; what is there is read then and left out. Throws EngineError: the same block again, with `resumed`.
 */
export async function insertHits(engine: EventEngine, block: HitBlock, { resumed }: { readonly resumed: boolean }): Promise<RefusedHit[]> {
  const refused: RefusedHit[] = [];
  if (block.rows.length === 0) return refused;
  await insertOrHalve(engine, resumed ? await missing(engine, block) : block, refused);
  if (resumed) await insertForgotten(engine, block, refused);
  return refused;
}

/** An engine that was killed may know the token and have no rows: see `insertForgotten` in insert-block.ts. */
async function insertForgotten(engine: EventEngine, block: HitBlock, refused: RefusedHit[]): Promise<void> {
  const known = new Set(refused.map(({ row }) => row));
  const forgotten = await missing(engine, { ...block, rows: block.rows.filter((row) => !known.has(row)) });
  await insertOrHalve(engine, { ...forgotten, name: `${block.name}-${randomUUID()}` }, refused);
}

async function insertOrHalve(engine: EventEngine, block: HitBlock, refused: RefusedHit[]): Promise<void> {
  const { rows, name } = block;
  const [first] = rows;
  if (first === undefined) return;
  if (refused.length >= MOST_REFUSED) {
    for (const row of rows) refused.push({ row, reason: 'not tried, as those before it were refused' });
    return;
  }
  try {
    await engine.insert(encodeHits(block));
    return;
  } catch (error) {
    if (!(error instanceof EngineError) || error.fault.code !== 'refused') throw error;
    if (rows.length === 1) {
      refused.push({ row: first, reason: error.fault.message });
      return;
    }
  }
  const middle = rows.length >> 1;
  await insertOrHalve(engine, { ...block, rows: rows.slice(0, middle), name: `${name}-a` }, refused);
  await insertOrHalve(engine, { ...block, rows: rows.slice(middle), name: `${name}-b` }, refused);
}

/** The block without the rows that are stored. */
async function missing(engine: EventEngine, block: HitBlock): Promise<HitBlock> {
  const rows: HitRow[] = [];
  for (let at = 0; at < block.rows.length; at += ASKED) {
    const asked = block.rows.slice(at, at + ASKED);
    const found = await engine.query<StoredHit>(storedHits(asked), BOUNDS);
    const stored = new Set(found.map(({ counter, seq, ref }) => `${counter} ${seq} ${ref}`));
    for (const row of asked) if (!stored.has(`${row.counter} ${row.seq} ${row.ref}`)) rows.push(row);
  }
  return { ...block, rows };
}

interface StoredHit {
  readonly counter: string;
  readonly seq: string;
  readonly ref: number;
}

/** Of the events of these rows, which are of one node. */
function storedHits(rows: readonly HitRow[]): Sql {
  const seqs = [...new Set(rows.map(({ seq }) => seq))];
  const among = new Param('Array(UInt64)', `[${seqs.join(',')}]`);
  const range = sql`seq BETWEEN ${u64(least(seqs))} AND ${u64(most(seqs))}`;
  return sql`SELECT counter, seq, ref FROM earshot.hits
    WHERE node = ${u64(rows[0]?.node ?? 0)} AND ${range} AND seq IN ${among} AND moment = 0`;
}

const least = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.min(a, b));
const most = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.max(a, b));
