import { ms, type Sql, sql, u64 } from '../sql.ts';

/** An event's place in the order of results: by time, then by identity, so that it is the same order every time. */
export interface Position {
  /** Milliseconds since the epoch. */
  readonly ts: number;
  readonly node: number;
  readonly seq: number;
}

export const printCursor = ({ ts, node, seq }: Position): string => Buffer.from(`${ts}.${node}.${seq}`).toString('base64url');

/** Undefined for what is none of ours. */
export function parseCursor(text: string): Position | undefined {
  if (text.length > 100) return undefined;
  const parts = /^(\d{1,15})\.(\d{1,5})\.(\d{1,16})$/.exec(Buffer.from(text, 'base64url').toString('latin1'));
  if (!parts) return undefined;
  const [ts, node, seq] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  return node <= 0xffff && Number.isSafeInteger(seq) ? { ts, node, seq } : undefined;
}

/** The node and seq in an `event.id`, such as `1-4711`; undefined for what is none. */
export function parseEventId(id: string): { readonly node: number; readonly seq: number } | undefined {
  const parts = /^(\d{1,5})-(\d{1,16})$/.exec(id);
  if (!parts) return undefined;
  const [node, seq] = [Number(parts[1]), Number(parts[2])];
  return node <= 0xffff && Number.isSafeInteger(seq) ? { node, seq } : undefined;
}

/** Strictly before, or after, a position. */
export function beyond({ ts, node, seq }: Position, direction: 'older' | 'newer'): Sql {
  const here = sql`(fromUnixTimestamp64Milli(${ms(ts)}), ${u64(node)}, ${u64(seq)})`;
  return direction === 'older' ? sql`(ts, node, seq) < ${here}` : sql`(ts, node, seq) > ${here}`;
}

/** From `from` (inclusive) to `to` (exclusive), milliseconds since the epoch. */
export const between = (from: number, to: number): Sql =>
  sql`ts >= fromUnixTimestamp64Milli(${ms(from)}) AND ts < fromUnixTimestamp64Milli(${ms(to)})`;
