import { randomUUID } from 'node:crypto';
import type { RuleHit } from '../model/detection.ts';
import { toLive } from '../model/live-event.ts';
import { BlockEncoder } from './encode.ts';
import { noteRejudged, REJUDGED_TABLE } from './rejudged.ts';
import { EVENT_SELECT, type EventRow, leftOpenBy, originOfRow, rowToEvent } from './row.ts';
import { between } from './search/position.ts';
import { Param, type Sql, sql, u64 } from './sql.ts';
import type { EventEngine, QueryBounds } from './store.ts';

/** A stored event, and what was found in it later. */
export interface Rejudged {
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly hits: readonly RuleHit[];
}

/** Events of one statement: one may be 256 KiB. */
const CHUNK = 200;
const BOUNDS: QueryBounds = { timeoutMs: 30_000, maxMemoryBytes: 250_000_000, maxRows: CHUNK, lane: 'system' };
const DAY_MS = 86_400_000;

/**
 * Keeps hits that were found in stored events of one node, each event once: one that is there already stays as it is, so that the same
 * again, after whatever ended in between, changes nothing. Only one at a time may do it for a node. Throws EngineError.
 */
export async function keepRejudged(engine: EventEngine, node: number, found: readonly Rejudged[]): Promise<void> {
  for (let at = 0; at < found.length; at += CHUNK) {
    const chunk = found.slice(at, at + CHUNK);
    noteRejudged(
      engine,
      chunk.map(({ timestamp }) => timestamp),
    );
    const missing = await notKept(engine, node, chunk);
    await insert(engine, node, missing, 'first');
    // An engine that was killed may know the token and have no rows: see `insertForgotten` in insert-block.ts.
    if (missing.length > 0) await insert(engine, node, await notKept(engine, node, missing), randomUUID());
  }
}

async function notKept(engine: EventEngine, node: number, found: readonly Rejudged[]): Promise<readonly Rejudged[]> {
  const rows = await engine.query<{ seq: string }>(sql`SELECT seq FROM earshot.rejudged WHERE ${among(node, found)}`, BOUNDS);
  const kept = new Set(rows.map(({ seq }) => Number(seq)));
  return found.filter(({ seq }) => !kept.has(seq));
}

/** In the partition of the event's row: retention drops both together. */
async function insert(engine: EventEngine, node: number, found: readonly Rejudged[], attempt: string): Promise<void> {
  const [first, last] = [found[0], found.at(-1)];
  if (first === undefined || last === undefined) return;
  const hitsOf = new Map(found.map(({ seq, hits }) => [seq, hits]));
  const times = found.map(({ timestamp }) => timestamp);
  const rows = await engine.query<EventRow>(
    sql`SELECT ${EVENT_SELECT}, retention, toUInt16(day) AS filed FROM earshot.events
      WHERE ${between(Math.min(...times), Math.max(...times) + 1)} AND ${among(node, found)} ORDER BY seq`,
    BOUNDS,
  );
  let row: EventRow | undefined;
  const encoder = new BlockEncoder({ retentionOf: ({ receivedAt }) => filedAs(row, receivedAt) });
  for (row of rows) {
    const event = rowToEvent(row);
    const own = new Set(event.hits.map(({ id }) => id));
    const hits = [...event.hits, ...(hitsOf.get(event.seq) ?? []).filter(({ id }) => !own.has(id))];
    encoder.add({ ...toLive({ ...event, hits }), deferred: leftOpenBy(row) }, originOfRow(row));
  }
  const block = encoder.finish();
  const token = `rejudged-${node}-${first.seq}-${last.seq}-${block.rows}-${attempt}`;
  await engine.insert({ ...block, table: REJUDGED_TABLE, token });
}

/** The class and the days that give the day again that the event is filed under: see `filingDay`. */
const filedAs = (row: EventRow | undefined, receivedAt: number) => ({
  name: String(row?.retention ?? 'default'),
  days: Math.floor(receivedAt / DAY_MS) - Number(row?.filed ?? 0),
});

function among(node: number, found: readonly Rejudged[]): Sql {
  const seqs = found.map(({ seq }) => seq);
  const range = sql`seq BETWEEN ${u64(Math.min(...seqs))} AND ${u64(Math.max(...seqs))}`;
  return sql`node = ${u64(node)} AND ${range} AND seq IN ${new Param('Array(UInt64)', `[${seqs.join(',')}]`)}`;
}
