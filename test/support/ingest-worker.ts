// Stands in for the ingest thread in tests of what watches it: it answers, throws, exits or hangs as it is told.
import { parentPort, workerData } from 'node:worker_threads';
import { Rpc } from '../../src/lib/rpc.ts';
import type { RawBatch } from '../../src/model/record.ts';
import type { HubMethods, IngestMethods, IngestStatus } from '../../src/pipeline/ingest-contract.ts';

if (parentPort === null) throw new Error('this is a worker');
const { life, failFirst } = workerData as { life: number; failFirst: boolean };
if (failFirst && life === 1) throw new Error('cannot start');

const methods: IngestMethods = {
  append: ({ source }: RawBatch) => {
    if (source === 'throw')
      setImmediate(() => {
        throw new Error('as told');
      });
    if (source === 'exit') process.exit(3);
    if (source === 'hang') for (;;);
    return source === 'throw' ? new Promise(() => undefined) : Promise.resolve({ firstSeq: life, count: 1, duplicate: false });
  },
  drain: async () => undefined,
  enrichWith: async () => undefined,
  awaitActs: async () => undefined,
  listenFor: async () => undefined,
  head: () => ({ node: 1, seq: life, receivedAt: 0, idle: true }),
  reload: async () => [],
  tail: async () => ({ lastSeq: 0 }),
  status: () => ({ life }) as unknown as IngestStatus,
  disk: ({ takesIn }: { takesIn: boolean }) => hub.tell('intake', { open: takesIn, ...(!takesIn && { why: 'the disk is full' }) }),
  stop: async () => undefined,
};
const hub = new Rpc<HubMethods>(parentPort, methods);
hub.tell('intake', { open: true });
