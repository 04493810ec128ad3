import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Origin } from '../model/record.ts';
import { chainHash, GENESIS } from './chain.ts';
import { batchSize, Group, OriginJson } from './group.ts';
import { batchOf, ORIGIN, scratchFolder } from './raw-log-fixture.ts';
import { FORMAT_VERSION, formatGroupHead, formatHeader, HEADER_SIZE } from './segment-format.ts';
import { outlineSegment, readSegment, type SegmentContents } from './segment-reader.ts';

const HEADER = { version: FORMAT_VERSION, node: 3, salt: 0xdead_beef, firstSeq: 7, receivedAt: 1_790_000_000_000, previous: GENESIS };

type Batches = readonly {
  readonly texts: readonly string[];
  readonly origin?: Origin;
  readonly key?: string;
  readonly checkpoint?: string;
}[];

/** A segment as the writer makes it, with the places where its groups end. */
function segmentOf(groups: readonly Batches[], salt = HEADER.salt): { readonly bytes: Buffer; readonly ends: readonly number[] } {
  const json = new OriginJson();
  const parts = [formatHeader({ ...HEADER, salt })];
  const ends: number[] = [];
  let seq = HEADER.firstSeq;
  let at = HEADER_SIZE;
  for (const batches of groups) {
    const group = new Group(json);
    group.start(HEADER.node, seq);
    for (const { texts, ...about } of batches) {
      const batch = batchOf(texts, about);
      void group.add(batch, batch.receivedAt, batchSize(batch));
    }
    const bytes = group.toBytes();
    const whole = Buffer.concat([formatGroupHead(bytes, salt), bytes.meta, bytes.events]);
    parts.push(whole);
    at += whole.length;
    ends.push(at);
    seq = group.nextSeq;
  }
  return { bytes: Buffer.concat(parts), ends };
}

function contentsOf(bytes: Buffer): SegmentContents {
  const read = readSegment(bytes);
  if (!read.ok) throw new Error(read.error);
  return read.value;
}

const texts = (contents: SegmentContents): string[] => contents.records.map((record) => record.bytes.toString());

const SAMPLE: readonly Batches[] = [
  [
    { texts: ['a1', 'a2'], key: 'first' },
    { texts: [], checkpoint: '{"offset":12}' },
  ],
  [{ texts: ['b1'], origin: { transport: 'file', path: '/var/log/auth.log' }, checkpoint: '{"offset":99}' }],
  [{ texts: ['c1', 'c2', 'c3'] }],
];

describe('readSegment', () => {
  it('gives back what was written', () => {
    const { bytes, ends } = segmentOf(SAMPLE);
    const contents = contentsOf(bytes);
    expect(contents.records.map(({ seq, source, bytes: raw }) => [seq, source, raw.toString()])).toEqual([
      [7, 'linux', 'a1'],
      [8, 'linux', 'a2'],
      [10, 'linux', 'b1'],
      [11, 'linux', 'c1'],
      [12, 'linux', 'c2'],
      [13, 'linux', 'c3'],
    ]);
    expect(contents.keys).toEqual([{ key: 'first', source: 'linux', firstSeq: 7, count: 2 }]);
    expect(contents.checkpoints.map(({ checkpoint }) => checkpoint)).toEqual(['{"offset":12}', '{"offset":99}']);
    expect(contents.records[0]?.origin).toEqual(ORIGIN);
    expect(contents.records[0]?.origin).toBe(contents.records[3]?.origin);
    expect(contents).toMatchObject({ header: HEADER, lastSeq: 13, end: ends.at(-1), torn: false, damages: [] });
    expect(contents.hash).toBe(
      chainHash(
        GENESIS,
        contents.records.map((record) => ({ ...record, node: 3, raw: record.bytes })),
      ),
    );
  });

  it('ends with the last whole group wherever the file is cut', () => {
    const { bytes, ends } = segmentOf(SAMPLE);
    for (let size = HEADER_SIZE; size < bytes.length; size += 1) {
      const contents = contentsOf(bytes.subarray(0, size));
      const whole = ends.filter((end) => end <= size).length;
      expect(texts(contents)).toEqual(['a1', 'a2', 'b1', 'c1'].slice(0, [0, 2, 3][whole]));
      expect(contents.end).toBe(ends[whole - 1] ?? HEADER_SIZE);
      expect(contents.torn).toBe(size !== contents.end);
      expect(contents.damages).toEqual([]);
    }
  });

  it('takes a tail of zeros for a write that never came', () => {
    const { bytes } = segmentOf(SAMPLE);
    expect(contentsOf(Buffer.concat([bytes, Buffer.alloc(4096)]))).toMatchObject({ torn: true, damages: [], end: bytes.length });
  });

  it('loses one group at most for one flipped byte, and says so', () => {
    const { bytes, ends } = segmentOf(SAMPLE);
    const groups = [['a1', 'a2'], ['b1'], ['c1', 'c2', 'c3']];
    for (let at = HEADER_SIZE; at < bytes.length; at += 1) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8((flipped[at] ?? 0) ^ 0x41, at);
      const hit = ends.findIndex((end) => at < end);
      const contents = contentsOf(flipped);
      expect(texts(contents)).toEqual(groups.filter((_, i) => i !== hit).flat());
      expect(contents.torn).toBe(false);
      expect(contents.damages.map((damage) => damage.at)).toEqual([ends[hit - 1] ?? HEADER_SIZE]);
    }
  });

  it('stands any one byte of its header being flipped', () => {
    const { bytes } = segmentOf(SAMPLE);
    for (let at = 0; at < HEADER_SIZE; at += 1) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8((flipped[at] ?? 0) ^ 0x41, at);
      expect(contentsOf(flipped).records).toHaveLength(6);
    }
  });

  it('does not believe a group that a message brings along, also when it looks for the next one', () => {
    const forged = segmentOf([[{ texts: ['forged'] }]], 1).bytes.subarray(HEADER_SIZE);
    const { bytes } = segmentOf([[{ texts: [forged.toString('latin1')] }], [{ texts: ['true'] }]]);
    bytes.writeUInt8(0, HEADER_SIZE);
    expect(texts(contentsOf(bytes))).toEqual(['true']);
  });

  it('refuses a file that is no segment, and one of a newer format', () => {
    expect(readSegment(Buffer.alloc(10))).toEqual({ ok: false, error: 'short' });
    expect(readSegment(Buffer.alloc(500, 0x20))).toEqual({ ok: false, error: 'damaged' });
    expect(readSegment(formatHeader({ ...HEADER, version: FORMAT_VERSION + 1 }))).toEqual({ ok: false, error: 'newer' });
  });

  it('reads any bytes without throwing', () => {
    const { bytes } = segmentOf(SAMPLE);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 20 }), fc.nat(bytes.length), (changes, cut) => {
        const changed = Buffer.from(bytes);
        for (const [at, value] of changes) changed.writeUInt8(value, at);
        const read = readSegment(changed.subarray(0, cut));
        const genuine = ['a1', 'a2', 'b1', 'c1', 'c2', 'c3'];
        if (read.ok) expect(genuine).toEqual(expect.arrayContaining(texts(read.value)));
      }),
    );
  });

  it('reads back any batches', () => {
    const batch = fc.record({ texts: fc.array(fc.string({ unit: 'binary' }), { maxLength: 5 }), key: fc.string(), checkpoint: fc.json() });
    fc.assert(
      fc.property(fc.array(fc.array(batch, { minLength: 1, maxLength: 4 }), { maxLength: 5 }), (groups) => {
        const contents = contentsOf(segmentOf(groups).bytes);
        const batches = groups.flat();
        expect(texts(contents)).toEqual(batches.flatMap((each) => each.texts.map((text) => Buffer.from(text).toString())));
        expect(contents.keys.map(({ key, count }) => [key, count])).toEqual(batches.map((each) => [each.key, each.texts.length]));
        expect(contents.checkpoints.map(({ checkpoint }) => checkpoint)).toEqual(batches.map((each) => each.checkpoint));
        expect(contents.damages).toEqual([]);
      }),
    );
  });
});

describe('outlineSegment', () => {
  it('knows keys, checkpoints and the last seq without reading events, and gives up where heads do not add up', () => {
    const { bytes, ends } = segmentOf(SAMPLE);
    const path = join(scratchFolder(), 'segment');
    const outline = (content: Buffer) => {
      writeFileSync(path, content);
      return outlineSegment(path);
    };
    const { keys, checkpoints } = contentsOf(bytes);
    expect(checkpoints.length).toBeGreaterThan(0);
    expect(outline(bytes)).toEqual({ header: HEADER, lastSeq: 13, keys, checkpoints });
    expect(outline(bytes.subarray(0, bytes.length - 1))).toBeUndefined();
    const flipped = Buffer.from(bytes);
    flipped.writeUInt8(0, ends[0] ?? 0);
    expect(outline(flipped)).toBeUndefined();
  });
});
