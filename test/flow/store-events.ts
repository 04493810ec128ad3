import type { Event, Fields } from '../../src/model/event.ts';
import { type EncodedBlock, type EncodeOptions, encodeBlock } from '../../src/store/encode.ts';

export const NOW = Date.UTC(2026, 10, 20, 12);
export const DAY_MS = 86_400_000;

export const keepAll: EncodeOptions = { retentionOf: () => ({ name: 'default', days: 90 }) };

/** A made-up event. */
export function madeEvent(seq: number, about: Partial<Event> = {}): Event {
  const fields: Fields = {
    'event.dataset': `made.d${seq % 3}`,
    'user.name': `user${seq % 50}`,
    'source.ip': `192.0.2.${seq % 250}`,
    message: `message ${seq}`,
  };
  return {
    node: 1,
    seq,
    receivedAt: NOW,
    timestamp: NOW - (seq % 1000),
    source: 'made',
    fields,
    raw: Buffer.from(`raw ${seq}`),
    hits: [],
    ...about,
  };
}

export const madeBlock = (firstSeq: number, count: number, about: (seq: number) => Partial<Event> = () => ({})): EncodedBlock =>
  encodeBlock(
    Array.from({ length: count }, (_, i) => madeEvent(firstSeq + i, about(firstSeq + i))),
    keepAll,
  );
