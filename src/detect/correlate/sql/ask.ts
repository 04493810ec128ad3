import { type Sql, sql } from '../../../store/sql.ts';
import type { EventEngine, QueryBounds } from '../../../store/store.ts';
import { type Heads, type Lane, withLanes } from './lane.ts';

const BOUNDS: QueryBounds = { timeoutMs: 5_000, maxMemoryBytes: 200 * 1024 ** 2, maxRows: 1_000_000, lane: 'detect' };

/** So many lanes in a statement, with keys of so many characters, and so many rows in their windows. */
const LANES = 2_000;
const KEY_CHARACTERS = 100_000;
const ROWS = 500_000;

/** Asks a statement about lanes. Throws EngineError. */
export type Query = <Row>(lanes: readonly Lane[], body: Sql) => Promise<Row[]>;

export const asking =
  (engine: EventEngine, heads: Heads, signal: AbortSignal | undefined): Query =>
  (lanes, body) =>
    engine.query(sql`${withLanes(lanes, heads)} ${body}`, { ...BOUNDS, ...(signal && { signal }) });

/** Lanes that go into one statement. */
export function inBatches<L extends Lane>(lanes: readonly L[], rowsIn: (lane: L) => number = () => 1): L[][] {
  const batches: L[][] = [];
  let [characters, rows] = [0, 0];
  for (const lane of lanes) {
    characters += lane.identity.length + lane.groupKey.length;
    rows += rowsIn(lane);
    const last = batches.at(-1);
    if (last !== undefined && last.length < LANES && characters <= KEY_CHARACTERS && rows <= ROWS) last.push(lane);
    else {
      batches.push([lane]);
      [characters, rows] = [lane.identity.length + lane.groupKey.length, rowsIn(lane)];
    }
  }
  return batches;
}

/** Lanes, so many at a time. */
export const chunks = <L extends Lane>(lanes: readonly L[], size: number): L[][] =>
  Array.from({ length: Math.ceil(lanes.length / size) }, (_, n) => lanes.slice(n * size, (n + 1) * size));
