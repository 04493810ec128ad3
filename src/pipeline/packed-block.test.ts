import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Block } from '../raw-log/block.ts';
import { packBlock, unpackBlock } from './packed-block.ts';

const origins = [{ transport: 'tcp', address: '192.0.2.1', port: 4000 } as const, { transport: 'file', path: '/var/log/x' } as const];
const record = fc.record({
  seq: fc.nat(Number.MAX_SAFE_INTEGER),
  receivedAt: fc.nat(4_000_000_000_000),
  source: fc.constantFrom('syslog', 'http', 'earshot'),
  origin: fc.constantFrom(...origins),
  bytes: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
});

describe('a packed block', () => {
  it('is the same block on the other side of a thread boundary', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 30 }), (records) => {
        const block: Block = {
          id: 7,
          node: 1,
          lastSeq: 99,
          records,
          keys: [{ key: 'k', source: 'http', firstSeq: 7, count: 1 }],
          checkpoints: [{ source: 'tail', checkpoint: '{}' }],
          chain: { previous: '00', hash: 'ff', count: records.length },
          alreadyStored: false,
          replayed: true,
          attempts: 2,
        };
        const { packed, transfer } = packBlock(block);
        expect(unpackBlock(structuredClone(packed, { transfer: transfer as ArrayBuffer[] }))).toEqual(block);
      }),
    );
  });
});
