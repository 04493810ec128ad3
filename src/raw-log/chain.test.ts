import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChainedEvent, canonicalSize, chainHash, GENESIS, readEvent, writeEvents } from './chain.ts';

const event = (about: Partial<ChainedEvent> = {}): ChainedEvent => ({
  node: 1,
  seq: 1,
  receivedAt: 1_790_000_000_000,
  source: 'linux',
  raw: Buffer.from('alice'),
  ...about,
});

const anyEvent: fc.Arbitrary<ChainedEvent> = fc.record({
  node: fc.integer({ min: 0, max: 65_535 }),
  seq: fc.maxSafeNat(),
  receivedAt: fc.maxSafeNat(),
  source: fc.string({ unit: 'grapheme', maxLength: 20 }),
  raw: fc.uint8Array({ maxLength: 200 }),
});

describe('chainHash', () => {
  it('is SHA-256 of the previous hash and the canonical bytes', () => {
    const canonical = '0001' + '0000000000000001' + '000001a0c4488c00' + '0005' + '6c696e7578' + '00000005' + '616c696365';
    const expected = createHash('sha256')
      .update(Buffer.from(GENESIS + canonical, 'hex'))
      .digest('hex');
    expect(chainHash(GENESIS, [event({ receivedAt: 0x1a0c4488c00 })])).toBe(expected);
  });

  it('changes with every part of an event, the order, and where one field ends and the next begins', () => {
    const lists: ChainedEvent[][] = [
      [],
      [event()],
      [event({ node: 2 })],
      [event({ seq: 2 })],
      [event({ seq: 1 + 2 ** 32 })],
      [event({ receivedAt: 1_790_000_000_001 })],
      [event({ source: 'linuxa', raw: Buffer.from('lice') })],
      [event({ raw: Buffer.from('alicE') })],
      [event(), event({ seq: 2 })],
      [event({ seq: 2 }), event()],
    ];
    const hashes = lists.map((events) => chainHash(GENESIS, events));
    expect(new Set([...hashes, chainHash('1'.repeat(64), [event()])]).size).toBe(lists.length + 1);
  });

  it('does not depend on how its events are gathered into buffers', () => {
    const large = [
      event({ raw: Buffer.alloc(700_000, 1) }),
      ...Array.from({ length: 3000 }, (_, i) => event({ seq: i + 2, raw: Buffer.alloc(i) })),
    ];
    const hash = createHash('sha256').update(Buffer.from(GENESIS, 'hex'));
    for (const each of large) {
      const source = Buffer.from(each.source);
      const out = Buffer.alloc(canonicalSize(source.length, each.raw.length));
      writeEvents(out, 0, { ...each, firstSeq: each.seq, source, messages: [each.raw] });
      hash.update(out);
    }
    expect(chainHash(GENESIS, large)).toBe(hash.digest('hex'));
  });
});

describe('canonical bytes', () => {
  it('give the event back', () => {
    fc.assert(
      fc.property(anyEvent, fc.nat(10), (given, at) => {
        const source = Buffer.from(given.source);
        const out = Buffer.alloc(at + canonicalSize(source.length, given.raw.length));
        const end = writeEvents(out, at, { ...given, firstSeq: given.seq, source, messages: [given.raw] });
        expect(end).toBe(out.length);
        const read = readEvent(out, at);
        expect(read?.next).toBe(end);
        expect(read?.event).toEqual({ ...given, raw: Buffer.from(given.raw) });
        expect(readEvent(out.subarray(0, end - 1), at)).toBeUndefined();
      }),
    );
  });
});
