import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { batchOf, openLog, scratchFolder, segmentFiles, textsOf } from './raw-log-fixture.ts';

/** A disk that can be told to fail: which calls, how often, and what a failing write leaves behind. */
const disk = vi.hoisted(() => ({ fdatasync: 0, writev: 0, ftruncate: 0, partial: 0 }));

const EIO = Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  type Callback = (error: Error | null, written?: number) => void;
  const failing = (name: 'fdatasync' | 'ftruncate', ...args: [...unknown[], Callback]): void => {
    const done = args.at(-1) as Callback;
    if (disk[name] > 0) {
      disk[name] -= 1;
      done(EIO);
    } else Reflect.apply(fs[name], fs, args);
  };
  return {
    ...fs,
    fdatasync: (...args: [unknown, Callback]) => failing('fdatasync', ...args),
    ftruncate: (...args: [unknown, number, Callback]) => failing('ftruncate', ...args),
    writev: (fd: number, parts: Buffer[], position: number, done: Callback) => {
      if (disk.writev > 0) {
        disk.writev -= 1;
        const part = Buffer.concat(parts).subarray(0, disk.partial);
        fs.write(fd, part, 0, part.length, position, () => done(EIO));
      } else if (disk.partial > 0) {
        const part = Buffer.concat(parts).subarray(0, disk.partial);
        fs.write(fd, part, 0, part.length, position, (error, written) => done(error, written));
      } else fs.writev(fd, parts, position, done);
    },
  };
});

beforeEach(() => {
  Object.assign(disk, { fdatasync: 0, writev: 0, ftruncate: 0, partial: 0 });
});

describe('a disk that fails', () => {
  for (const call of ['fdatasync', 'writev'] as const) {
    it(`at ${call}: refuses the batch, keeps what was acknowledged, and goes on in a new file by itself`, async () => {
      const dir = scratchFolder();
      const { log, handedOut } = await openLog(dir, { segmentMs: 60_000 });
      await log.append(batchOf(['good'], { key: 'good' }));
      const size = readFileSync(join(dir, segmentFiles(dir)[0] ?? '')).length;
      Object.assign(disk, { [call]: 1, partial: call === 'writev' ? 17 : 0 });
      const refused = [log.append(batchOf(['bad'], { key: 'bad' })), log.append(batchOf(['bad too']))];
      for (const each of refused) await expect(each).rejects.toMatchObject({ code: 'EAR_RAW_LOG_IO' });
      expect(log.status()).toMatchObject({ open: false, reason: 'fault', fault: expect.stringContaining('EIO') });
      await expect(log.append(batchOf(['meanwhile']))).rejects.toMatchObject({ code: 'EAR_RAW_LOG_IO' });
      disk.partial = 0;
      await log.whenOpen();
      expect(readFileSync(join(dir, segmentFiles(dir)[0] ?? '')).length).toBe(size);
      expect(log.keySeen('bad')).toBeUndefined();
      expect(await log.append(batchOf(['bad'], { key: 'bad' }))).toMatchObject({ duplicate: false });
      await log.close();

      expect((await handedOut(1)).map(textsOf)).toEqual([['good']]);
      const next = await openLog(dir);
      expect((await next.handedOut(2)).map(textsOf)).toEqual([['good'], ['bad']]);
      expect(next.blocks[1]?.chain.previous).toBe(next.blocks[0]?.chain.hash);
      expect(next.log.status().damagedFiles).toBe(0);
    });
  }

  it('does not open again before the failed file is mended', async () => {
    const dir = scratchFolder();
    const { log } = await openLog(dir, { segmentMs: 60_000 });
    await log.append(batchOf(['good']));
    Object.assign(disk, { fdatasync: 1, ftruncate: 2 });
    await expect(log.append(batchOf(['bad']))).rejects.toMatchObject({ code: 'EAR_RAW_LOG_IO' });
    await log.whenOpen();
    expect(disk.ftruncate).toBe(0);
    expect(readFileSync(join(dir, segmentFiles(dir)[0] ?? ''), 'latin1')).not.toContain('bad');
  });

  it('gives nothing of a failed write to the store, also while the file is not mended', async () => {
    const { log, handedOut, release } = await openLog(scratchFolder(), { segmentMs: 60_000, segmentEvents: 2, maxBlocks: 1 });
    await log.append(batchOf(['out', 'already']));
    const [first] = await handedOut(1);
    await log.append(batchOf(['good']));
    Object.assign(disk, { fdatasync: 1, ftruncate: 1_000_000 });
    await expect(log.append(batchOf(['bad']))).rejects.toMatchObject({ code: 'EAR_RAW_LOG_IO' });
    await release(first);
    expect((await handedOut(2)).map(textsOf)).toEqual([['out', 'already'], ['good']]);
    expect(log.status().reason).toBe('fault');
  });

  it('at the first write of a file leaves no file behind', async () => {
    const dir = scratchFolder();
    const { log } = await openLog(dir);
    disk.fdatasync = 1;
    await expect(log.append(batchOf(['bad']))).rejects.toMatchObject({ code: 'EAR_RAW_LOG_IO' });
    await log.whenOpen();
    expect(segmentFiles(dir)).toEqual([]);
    expect((await log.append(batchOf(['good']))).firstSeq).toBe(2);
  });

  it('that takes only a part of a write is given the rest', async () => {
    const dir = scratchFolder();
    const { log } = await openLog(dir);
    disk.partial = 50;
    await log.append(batchOf(['a long message that is cut in two']));
    await log.close();
    const next = await openLog(dir);
    expect((await next.handedOut(1)).map(textsOf)).toEqual([['a long message that is cut in two']]);
  });
});
