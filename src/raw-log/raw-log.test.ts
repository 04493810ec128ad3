import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Receipt } from '../model/record.ts';
import { chainHash, GENESIS } from './chain.ts';
import { batchOf, openLog, scratchFolder, segmentFiles, textsOf } from './raw-log-fixture.ts';

describe('append', () => {
  it('acknowledges consecutive seqs and hands out one block of what came together', async () => {
    const { log, handedOut } = await openLog(scratchFolder());
    const receipts = await Promise.all([log.append(batchOf(['a', 'b'])), log.append(batchOf(['c'])), log.append(batchOf([]))]);
    expect(receipts).toEqual([
      { firstSeq: 1, count: 2, duplicate: false },
      { firstSeq: 3, count: 1, duplicate: false },
      { firstSeq: 4, count: 0, duplicate: false },
    ]);
    const [block] = await handedOut(1);
    expect(block?.records.map(({ seq, bytes }) => [seq, bytes.toString()])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
    expect(block).toMatchObject({ id: 1, node: 1, lastSeq: 3, alreadyStored: false, attempts: 0 });
  });

  it('has the messages on disk when it acknowledges', async () => {
    const dir = scratchFolder();
    const { log } = await openLog(dir, { segmentMs: 60_000 });
    await log.append(batchOf(['precious']));
    expect(segmentFiles(dir).map((name) => readFileSync(join(dir, name), 'latin1'))).toEqual([expect.stringContaining('precious')]);
  });

  it('keeps every message of many concurrent senders once, in order', async () => {
    const { log, blocks, release } = await openLog(scratchFolder(), {
      segmentEvents: 50,
      onBlock: (block) => void release(block),
    });
    const send = async (sender: number): Promise<void> => {
      for (let i = 0; i < 40; i += 1) await log.append(batchOf([`${sender}:${i}`, `${sender}:${i}b`]));
    };
    await Promise.all(Array.from({ length: 20 }, (_, sender) => send(sender)));
    await log.drained();
    const texts = blocks.flatMap(textsOf);
    expect(texts).toHaveLength(1600);
    expect(new Set(texts).size).toBe(1600);
    const seqs = blocks.flatMap((block) => block.records.map((record) => record.seq));
    expect(seqs).toEqual(Array.from({ length: 1600 }, (_, i) => i + 1));
    expect(blocks.every((block) => block.records.length <= 50)).toBe(true);
  });

  it('never splits a batch, also one larger than a segment', async () => {
    const { log, handedOut } = await openLog(scratchFolder(), { segmentEvents: 3, maxBlocks: 9 });
    const many = Array.from({ length: 10 }, (_, i) => `m${i}`);
    await Promise.all([log.append(batchOf(['a', 'b'])), log.append(batchOf(many)), log.append(batchOf(['c', 'd']))]);
    expect((await handedOut(3)).map(textsOf)).toEqual([['a', 'b'], many, ['c', 'd']]);
  });

  it('keeps a checkpoint that comes without messages, in a block of its own number', async () => {
    const { log, handedOut } = await openLog(scratchFolder());
    const receipt = await log.append(batchOf([], { checkpoint: '{"cursor":"x"}' }));
    expect(receipt).toEqual({ firstSeq: 1, count: 0, duplicate: false });
    const [block] = await handedOut(1);
    expect(block).toMatchObject({ id: 1, lastSeq: 1, records: [], checkpoints: [{ source: 'linux', checkpoint: '{"cursor":"x"}' }] });
    await log.append(batchOf(['next']));
    expect((await handedOut(2))[1]?.id).toBe(2);
  });

  it('takes the time of now for a receive time that is none', async () => {
    const { log, handedOut } = await openLog(scratchFolder());
    await log.append(batchOf(['a'], { receivedAt: Number.NaN }));
    await log.append(batchOf(['b'], { receivedAt: 1.5 }));
    const records = (await handedOut(1)).flatMap((block) => block.records);
    expect(records[0]?.receivedAt).toBe(1_790_000_000_000);
  });

  it('says up to where the store has everything, whatever the order in which it is told', async () => {
    const dir = scratchFolder();
    const { log, handedOut } = await openLog(dir, { segmentEvents: 1, maxBlocks: 3 });
    expect(log.head()).toEqual({ seq: 0 });
    await log.append(batchOf(['a', 'b'], { receivedAt: 5 }));
    await log.append(batchOf(['c'], { receivedAt: 7 }));
    await log.append(batchOf(['d'], { receivedAt: 9 }));
    const [first, second, third] = (await handedOut(3)).map(({ id }) => id) as [number, number, number];
    expect(log.head()).toEqual({ seq: 0, waitingSince: 5 });
    await log.stored(second);
    await log.alerted(second);
    expect(log.head()).toEqual({ seq: 0, waitingSince: 5 });
    await log.stored(first);
    expect(log.head()).toEqual({ seq: 3, waitingSince: 9 });
    await log.close();
    const again = await openLog(dir, { maxBlocks: 3 });
    expect(again.log.head()).toEqual({ seq: 0, waitingSince: 5 });
    await again.handedOut(2);
    await again.log.stored(first);
    await again.log.stored(third);
    expect(again.log.head()).toEqual({ seq: 4 });
    const taken = again.log.append(batchOf(['e'], { receivedAt: 11 }));
    expect(again.log.head()).toEqual({ seq: 4, waitingSince: 11 });
    await taken;
  });

  it('is refused after close', async () => {
    const { log } = await openLog(scratchFolder());
    await log.close();
    await expect(log.append(batchOf(['a']))).rejects.toMatchObject({ code: 'EAR_RAW_LOG_IO' });
    expect(log.status()).toMatchObject({ open: false, reason: 'closed' });
  });
});

describe('keys', () => {
  it('keep concurrent batches of one key once, and acknowledge both when that is durable', async () => {
    const { log, handedOut, counted } = await openLog(scratchFolder());
    const both = await Promise.all([log.append(batchOf(['a', 'b'], { key: 'k' })), log.append(batchOf(['a', 'b'], { key: 'k' }))]);
    expect(both).toEqual([
      { firstSeq: 1, count: 2, duplicate: false },
      { firstSeq: 1, count: 2, duplicate: true },
    ]);
    expect(log.keySeen('k')).toEqual(both[1]);
    const [block] = await handedOut(1);
    expect(block && textsOf(block)).toEqual(['a', 'b']);
    expect(block?.keys).toEqual([{ key: 'k', source: 'linux', firstSeq: 1, count: 2 }]);
    expect(counted).toEqual([{ name: 'earshot_resent_events_total', by: 2 }]);
  });

  it('are known after a restart, as long as their block is not released', async () => {
    const dir = scratchFolder();
    const first = await openLog(dir);
    await first.log.append(batchOf(['a'], { key: 'k' }));
    await first.log.close();
    const second = await openLog(dir);
    expect(await second.log.append(batchOf(['a'], { key: 'k' }))).toEqual({ firstSeq: 1, count: 1, duplicate: true });
    await second.release((await second.handedOut(1))[0]);
    expect(second.log.keySeen('k')).toBeUndefined();
  });

  it('tell what they came with: at once, from disk, and to whoever keeps them', async () => {
    const dir = scratchFolder();
    const first = await openLog(dir);
    const batches = ['one', 'other'].map((fingerprint) => batchOf([fingerprint], { key: 'k', fingerprint }));
    const [kept, refused] = await Promise.all(batches.map((batch) => first.log.append(batch)));
    expect(kept).toEqual({ firstSeq: 1, count: 1, duplicate: false, fingerprint: 'one' });
    expect(refused).toEqual({ firstSeq: 1, count: 1, duplicate: true, fingerprint: 'one' });
    expect(first.counted, 'what is refused was not resent').toEqual([]);
    const [block] = await first.handedOut(1);
    expect(block?.keys).toMatchObject([{ key: 'k', fingerprint: 'one' }]);
    await first.log.close();
    const second = await openLog(dir);
    expect(second.log.keySeen('k')).toEqual(refused);
    expect((await second.handedOut(1))[0]?.keys).toMatchObject([{ key: 'k', fingerprint: 'one' }]);
  });

  it('of released blocks are asked for elsewhere; an answer that fails refuses the batch', async () => {
    const older = new Map<string, Receipt>([['old', { firstSeq: 4, count: 2, duplicate: false }]]);
    const { log } = await openLog(scratchFolder(), {
      isKeyKnown: async (key) => {
        if (key === 'broken') throw new Error('the state database does not answer');
        return older.get(key);
      },
    });
    expect(await log.append(batchOf(['a', 'b'], { key: 'old' }))).toEqual({ firstSeq: 4, count: 2, duplicate: true });
    await expect(log.append(batchOf(['c'], { key: 'broken' }))).rejects.toThrow('does not answer');
    expect(await log.append(batchOf(['d'], { key: 'new' }))).toEqual({ firstSeq: 1, count: 1, duplicate: false });
  });
});

describe('release', () => {
  it('deletes a segment only when it is both stored and alerted, in any order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 8 }), async (order) => {
        const dir = scratchFolder();
        const { log, handedOut } = await openLog(dir, { segmentEvents: 1 });
        for (const text of ['a', 'b', 'c', 'd']) await log.append(batchOf([text]));
        const blocks = await handedOut(4);
        const done = new Map<number, number>();
        for (const step of order) {
          const id = blocks[step >> 1]?.id ?? 0;
          await (step % 2 === 0 ? log.stored(id) : log.alerted(id));
          done.set(id, (done.get(id) ?? 0) + 1);
          const left = segmentFiles(dir).map((name) => Number(name.slice(4, 20)));
          expect(left).toEqual([1, 2, 3, 4].filter((each) => done.get(each) !== 2));
        }
        await log.close();
      }),
      { numRuns: 15 },
    );
  });

  it('is waited for by drained, whatever comes in meanwhile', async () => {
    const { log, handedOut, release } = await openLog(scratchFolder(), { segmentMs: 60_000, segmentEvents: 1 });
    await log.append(batchOf(['a']));
    const drained = log.drained();
    const [block] = await handedOut(1);
    await log.append(batchOf(['b']));
    await release(block);
    await drained;
    expect(log.status().blocksOut + log.status().blocksWaiting).toBe(1);
  });

  it('lets unknown and repeated ids pass', async () => {
    const dir = scratchFolder();
    const { log, handedOut } = await openLog(dir);
    await log.append(batchOf(['a']));
    await handedOut(1);
    await log.stored(99);
    await log.stored(1);
    await log.stored(1);
    expect(segmentFiles(dir)).toEqual(['seg-0000000000000001.stored']);
    await log.alerted(1);
    await log.alerted(1);
    expect(segmentFiles(dir)).toEqual([]);
  });
});

describe('replay', () => {
  it('gives the same blocks again, in order, before new ones', async () => {
    const dir = scratchFolder();
    const first = await openLog(dir, { segmentEvents: 2 });
    await first.log.append(batchOf(['a', 'b'], { key: 'k', checkpoint: '{}' }));
    await first.log.append(batchOf(['c']));
    const before = [...(await first.handedOut(2))];
    await first.log.close();

    const second = await openLog(dir, { segmentEvents: 2 });
    const added = second.log.append(batchOf(['new']));
    const [one, two, three] = await second.handedOut(3);
    expect([one, two]).toEqual(before.map((block) => ({ ...block, replayed: true })));
    expect(three && textsOf(three)).toEqual(['new']);
    expect(three?.chain.previous).toBe(two?.chain.hash);
    await added;
  });

  it('knows the newest checkpoint of each source that waits in it, also over a restart', async () => {
    const dir = scratchFolder();
    const first = await openLog(dir, { segmentEvents: 1 });
    for (const [i, source] of ['a', 'a', 'b', 'a'].entries()) await first.log.append(batchOf(['x'], { source, checkpoint: `{"at":${i}}` }));
    await first.log.append(batchOf(['x'], { source: 'a' }));
    const expected = [{ seq: 4, checkpoint: '{"at":3}' }, { seq: 3, checkpoint: '{"at":2}' }, undefined];
    expect(['a', 'b', 'c'].map((source) => first.log.checkpoint(source))).toEqual(expected);
    await first.log.close();

    const second = await openLog(dir, { segmentEvents: 1 });
    expect(['a', 'b', 'c'].map((source) => second.log.checkpoint(source))).toEqual(expected);
    await second.log.append(batchOf(['y'], { source: 'b', checkpoint: '{"at":9}' }));
    expect(second.log.checkpoint('b')).toEqual({ seq: 6, checkpoint: '{"at":9}' });
  });

  it('remembers that the store has a block', async () => {
    const dir = scratchFolder();
    const first = await openLog(dir);
    await first.log.append(batchOf(['a']));
    await first.handedOut(1);
    await first.log.stored(1);
    await first.log.close();
    const second = await openLog(dir);
    expect((await second.handedOut(1))[0]?.alreadyStored).toBe(true);
    await second.log.alerted(1);
    expect(segmentFiles(dir)).toEqual([]);
  });

  it('counts the replays that did not end, and not those of an orderly close', async () => {
    const dir = scratchFolder();
    const first = await openLog(dir);
    await first.log.append(batchOf(['poison']));
    await first.log.close();
    const attemptsOf = async (killed: boolean, begun = true): Promise<number | undefined> => {
      const { log, handedOut } = await openLog(dir);
      const [block] = await handedOut(1);
      if (begun) await log.begun(block?.id ?? 0);
      const [name = ''] = segmentFiles(dir);
      await log.close();
      const [settled = ''] = segmentFiles(dir);
      // A killed process leaves the name it had while the block was out.
      if (killed && name !== settled) {
        writeFileSync(join(dir, name), readFileSync(join(dir, settled)));
        rmSync(join(dir, settled));
      }
      return block?.attempts;
    };
    expect(await attemptsOf(false)).toBe(0);
    expect(await attemptsOf(true, false), 'ended before its turn').toBe(0);
    expect(await attemptsOf(true)).toBe(0);
    expect(await attemptsOf(true)).toBe(1);
    expect(await attemptsOf(false)).toBe(2);
    expect(await attemptsOf(false)).toBe(2);
  });

  it('keeps a damaged file aside, and gives what is whole in it and all behind it', async () => {
    const dir = scratchFolder();
    const first = await openLog(dir, { segmentMs: 60_000, segmentEvents: 3 });
    for (const text of ['a', 'b', 'c', 'd']) await first.log.append(batchOf([`event ${text}`]));
    await first.log.close();
    const [damaged = ''] = segmentFiles(dir);
    const bytes = readFileSync(join(dir, damaged));
    bytes.writeUInt8(0x21, bytes.indexOf('event b'));
    writeFileSync(join(dir, damaged), bytes);

    const second = await openLog(dir);
    const blocks = await second.handedOut(2);
    expect(blocks.map(textsOf)).toEqual([['event a', 'event c'], ['event d']]);
    expect(second.logged).toContain('a raw log segment is damaged; it will be kept aside');
    expect(second.counted).toContainEqual({ name: 'earshot_dropped_events_total', by: 1 });
    for (const block of blocks) await second.release(block);
    expect(segmentFiles(dir)).toEqual(['seg-0000000000000001.damaged']);
    expect(second.log.status().damagedFiles).toBe(1);
  });

  it('sets a file without a readable header aside at once, and lets nothing wait for it', async () => {
    const dir = scratchFolder();
    const first = await openLog(dir, { segmentEvents: 1 });
    for (const text of ['a', 'b', 'c']) await first.log.append(batchOf([text]));
    await first.log.close();
    for (const i of [0, 2]) writeFileSync(join(dir, segmentFiles(dir)[i] ?? ''), Buffer.alloc(400, 0x20));
    const second = await openLog(dir);
    await second.log.append(batchOf(['d']));
    expect((await second.handedOut(2)).map(textsOf)).toEqual([['b'], ['d']]);
    expect(second.blocks[1]?.chain.previous).toBe(second.blocks[0]?.chain.hash);
    expect(second.log.status().damagedFiles).toBe(2);
  });

  it('cuts off a torn end and goes on behind it', async () => {
    const dir = scratchFolder();
    const first = await openLog(dir, { segmentMs: 60_000 });
    for (const text of ['a', 'b']) await first.log.append(batchOf([text]));
    await first.log.close();
    const path = join(dir, segmentFiles(dir)[0] ?? '');
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, whole.length - 1));
    const second = await openLog(dir);
    await second.log.append(batchOf(['c']));
    expect((await second.handedOut(2)).map(textsOf)).toEqual([['a'], ['c']]);
    expect(second.blocks[1]?.records[0]?.seq).toBeGreaterThan(2);
    await second.log.close();
    const third = await openLog(dir);
    await third.handedOut(2);
    expect(third.log.status().damagedFiles).toBe(0);
    expect(third.logged).toEqual([]);
    expect(second.log.status().damagedFiles).toBe(0);
    expect(second.logged).toContain('a write that was cut short is removed from the raw log; it was not acknowledged');
  });

  it('removes an empty file that a crash left before its first write', async () => {
    const dir = scratchFolder();
    const first = await openLog(dir);
    await first.log.append(batchOf(['a']));
    await first.log.close();
    writeFileSync(join(dir, 'seg-0000000000000002.raw'), '');
    const second = await openLog(dir);
    expect((await second.handedOut(1)).map(textsOf)).toEqual([['a']]);
    expect(segmentFiles(dir)).toEqual(['seg-0000000000000001.raw']);
  });

  it('refuses a folder of a newer format, and leaves it as it is', async () => {
    const dir = scratchFolder();
    const first = await openLog(dir);
    await first.log.append(batchOf(['a']));
    await first.log.close();
    const path = join(dir, segmentFiles(dir)[0] ?? '');
    const { formatHeader, parseHeader } = await import('./segment-format.ts');
    const bytes = readFileSync(path);
    const header = parseHeader(bytes);
    if (!header.ok) throw new Error(header.error);
    formatHeader({ ...header.value, version: 2 }).copy(bytes);
    writeFileSync(path, bytes);
    await expect(openLog(dir)).rejects.toMatchObject({ code: 'EAR_RAW_LOG_IO' });
    expect(readFileSync(path)).toEqual(bytes);
  });
});

describe('the hash chain', () => {
  it('runs through all blocks and all restarts, also when every segment is gone', async () => {
    const dir = scratchFolder();
    let previous = GENESIS;
    for (const life of ['first', 'second', 'third']) {
      const { log, blocks, release } = await openLog(dir, { segmentEvents: 1, onBlock: (block) => void release(block) });
      await log.append(batchOf([`${life} a`]));
      await log.append(batchOf([`${life} b`]));
      await log.drained();
      for (const block of blocks) {
        expect(block.chain.previous).toBe(previous);
        expect(block.chain).toMatchObject({
          hash: chainHash(
            previous,
            block.records.map((record) => ({ ...record, node: 1, raw: record.bytes })),
          ),
          count: block.records.length,
        });
        previous = block.chain.hash;
      }
      expect(segmentFiles(dir)).toEqual([]);
      await log.close();
    }
  });
});

describe('seqs', () => {
  it('are never given twice: not after a close, a crash, an emptied folder, nor with a lost or damaged file', async () => {
    const dir = scratchFolder();
    const spoil: (() => void)[] = [
      () => undefined,
      () => writeFileSync(join(dir, 'next-seq'), 'rubbish'),
      () => rmSync(join(dir, 'next-seq')),
    ];
    let last = 0;
    for (const step of spoil) {
      const { log, handedOut } = await openLog(dir);
      const { firstSeq } = await log.append(batchOf(['a']));
      expect(firstSeq).toBeGreaterThan(last);
      last = firstSeq;
      await handedOut(1);
      await log.close();
      step();
    }
    const { log } = await openLog(dir);
    expect((await log.append(batchOf(['a']))).firstSeq).toBeGreaterThan(last);
    await log.close();
    const emptied = await openLog(scratchFolder(), { afterSeq: 5_000 });
    expect((await emptied.log.append(batchOf(['a']))).firstSeq).toBeGreaterThan(5_000);
  });

  it('are reserved on disk before they are given', async () => {
    const dir = scratchFolder();
    const { log } = await openLog(dir);
    const { firstSeq } = await log.append(batchOf(['a']));
    expect(Number(readFileSync(join(dir, 'next-seq'), 'utf8').split(' ')[0])).toBeGreaterThan(firstSeq);
  });

  it('leave no gap after an orderly close', async () => {
    const dir = scratchFolder();
    const first = await openLog(dir);
    await first.log.append(batchOf(['a']));
    await first.log.close();
    const second = await openLog(dir);
    expect((await second.log.append(batchOf(['b']))).firstSeq).toBe(2);
  });
});

describe('bounds', () => {
  it('hands out no more blocks than may be in memory; the others wait on disk and come in order', async () => {
    const { log, blocks, handedOut, release } = await openLog(scratchFolder(), { segmentEvents: 1, maxBlocks: 2 });
    const batches = Array.from({ length: 8 }, (_, i) => batchOf([`${i}`]));
    for (const batch of batches) await log.append(batch);
    await handedOut(2);
    expect(log.status()).toMatchObject({ blocksOut: 2, blocksWaiting: 6, oldestReceivedAt: 1_790_000_000_000 });
    for (let i = 0; i < 8; i += 1) {
      await handedOut(Math.min(8, i + 2));
      expect(blocks.length).toBe(Math.min(8, i + 2));
      await release(blocks[i]);
    }
    expect(blocks.flatMap(textsOf)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
    // The first is the sender's memory; one that waited was let go and read back.
    expect(blocks[0]?.records[0]?.bytes).toBe(batches[0]?.messages[0]);
    expect(blocks[6]?.records[0]?.bytes).not.toBe(batches[6]?.messages[0]);
    for (const [i, block] of blocks.entries()) expect(block.chain.previous).toBe(blocks[i - 1]?.chain.hash ?? GENESIS);
    await log.drained();
    expect(log.status()).toMatchObject({ blocksOut: 0, blocksWaiting: 0, bytes: 0 });
  });

  it('closes near its bound, refuses what does not fit, leaves a reserve for its own events, and opens again by itself', async () => {
    const maxBytes = 1_000_000;
    const { log, blocks, handedOut, release } = await openLog(scratchFolder(), { maxBytes, maxBlocks: 2 });
    const large = batchOf(['x'.repeat(9_000)]);
    let refused: unknown;
    for (let i = 0; refused === undefined && i < 200; i += 1)
      refused = await log.append(large).then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(refused).toMatchObject({ code: 'EAR_RAW_LOG_FULL' });
    expect(log.open).toBe(false);
    expect(log.status()).toMatchObject({ open: false, reason: 'full' });
    expect(log.status().bytes).toBeLessThanOrEqual(maxBytes);
    const audit = ['who watches the watcher '.repeat(600)];
    await expect(log.append(batchOf(audit))).rejects.toMatchObject({ code: 'EAR_RAW_LOG_FULL' });
    await log.append(batchOf(audit, { origin: { transport: 'internal' } }));

    let opened = false;
    const opening = log.whenOpen().then(() => {
      opened = true;
    });
    for (let i = 0; !opened && i < 200; i += 1) {
      expect(log.status().bytes).toBeGreaterThan(maxBytes * 0.7);
      await handedOut(i + 1);
      await release(blocks[i]);
    }
    await opening;
    expect(log.open).toBe(true);
    expect(log.status().bytes).toBeLessThan(maxBytes * 0.8);
    await log.append(large);
  });
});

describe('the folder', () => {
  it('belongs to one raw log at a time', async () => {
    const dir = scratchFolder();
    const first = await openLog(dir);
    await expect(openLog(dir)).rejects.toMatchObject({ code: 'EAR_DATA_DIR_BUSY' });
    await first.log.close();
    await openLog(dir);
  });

  it('is made when it is not there', async () => {
    const { log } = await openLog(join(scratchFolder(), 'data', 'raw-log'));
    expect((await log.append(batchOf(['a']))).firstSeq).toBe(1);
  });
});
