import { deserialize, serialize } from 'node:v8';
import type { TailBatch } from './tail-contract.ts';

/** A batch as bytes: it passes through the ingest thread, which is not to copy each of its values. */
export function packTail(batch: TailBatch): Uint8Array<ArrayBuffer> {
  const events = batch.events.map(({ event: { node, seq, receivedAt, timestamp, source, fields, raw, hits }, queries }) => ({
    event: { node, seq, receivedAt, timestamp, source, fields, raw, hits },
    queries,
  }));
  return new Uint8Array(serialize({ ...batch, events }));
}

export const unpackTail = (packed: Uint8Array): TailBatch => deserialize(packed) as TailBatch;
