import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryIntake } from '../../../test/support/memory-intake.ts';
import { importFile } from './import-file.ts';

let folder: string;
let intake: MemoryIntake;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earshot-import-'));
  intake = new MemoryIntake();
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
const file = (name: string, content: string | Buffer) => {
  writeFileSync(at(name), content);
  return name;
};

const run = (name: string, { maxMessageBytes = 256 * 1024, onProgress }: { maxMessageBytes?: number; onProgress?: () => void } = {}) =>
  importFile({
    path: at(name),
    source: 'archive',
    intake,
    maxMessageBytes,
    now: () => 1,
    keysWithPrefix: async (prefix) => intake.keys.filter((key) => key.startsWith(prefix)),
    ...(onProgress && { onProgress }),
  });

const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `<13>line ${from + i} ${'x'.repeat(300)}`);
const text = (from: number, to: number) =>
  lines(from, to)
    .map((l) => `${l}\n`)
    .join('');

describe('importFile', () => {
  it.each([
    ['lines', 'a\nb\r\n\nc', ['a', 'b', 'c']],
    ['NDJSON', '{"a":1}\n{"b":2}\n', ['{"a":1}', '{"b":2}']],
    ['CEF', 'CEF:0|a|b|1|2|c|3|x=y\n', ['CEF:0|a|b|1|2|c|3|x=y']],
    ['lines that begin with a bracket', '[2026-11-20] a\n[{] b\n', ['[2026-11-20] a', '[{] b']],
    ['a JSON array, as it is written', ' [ {"a": [1, {"b": "]},"}]} ,\n{"c":"\\""}\n]\n', ['{"a": [1, {"b": "]},"}]}', '{"c":"\\""}']],
    ['an array with other things in it', '[{"a":1}, 5, "x,y", nonsense]', ['{"a":1}', '5', '"x,y"', 'nonsense']],
    ['an array with a byte order mark', '\ufeff[{"a":1}]', ['{"a":1}']],
    ['arrays one after the other', '[{"a":1}]\n[{"b":2}]\n', ['{"a":1}', '{"b":2}']],
    ['an empty array', '[ ]', ['[ ]']],
    ['an empty file', '', []],
    ['blank lines alone', '\n\n\n', []],
  ])('reads %s', async (_, content, expected) => {
    await run(file('x', content));
    expect(intake.messages).toEqual(expected);
  });

  it('reads gzip and zstd by their content, also in several parts', async () => {
    file('a.log', gzipSync(text(0, 100)));
    appendFileSync(at('a.log'), gzipSync(text(100, 200)));
    file('b.log', zstdCompressSync(text(200, 300)));
    appendFileSync(at('b.log'), zstdCompressSync(text(300, 400)));
    await run('a.log');
    await run('b.log');
    expect(intake.messages).toEqual(lines(0, 400));
  });

  it('says what is wrong with a damaged file, and keeps what came before', async () => {
    const whole = gzipSync(text(0, 20_000));
    file('a.gz', whole.subarray(0, whole.length - 20_000));
    await expect(run('a.gz')).rejects.toThrow('unexpected end of file');
    expect(intake.count).toBeGreaterThan(0);
    file('a.gz', whole);
    await run('a.gz');
    expect(intake.messages).toEqual(lines(0, 20_000));
    await expect(run('missing')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('stores a content once: again, renamed, compressed, grown', async () => {
    const content = text(0, 10_000);
    expect(await run(file('a.log', content))).toEqual({ events: 10_000, duplicates: 0, truncated: 0, resumedAt: 0 });
    for (const name of [
      file('a.log', content),
      file('b.log', content),
      file('c.gz', gzipSync(content)),
      file('d', zstdCompressSync(content)),
    ]) {
      expect(await run(name)).toEqual({ events: 0, duplicates: 0, truncated: 0, resumedAt: 0 });
    }
    expect(await run(file('e.gz', gzipSync(text(0, 12_000))))).toMatchObject({ events: 2000, resumedAt: content.length });
    expect(intake.messages).toEqual(lines(0, 12_000));
  });

  it('tells files apart that begin the same', async () => {
    await run(file('a', text(0, 5000) + text(6000, 7000)));
    await run(file('b', text(0, 5000) + text(8000, 9000)));
    const wanted = [...lines(0, 5000), ...lines(6000, 7000), ...lines(8000, 9000)];
    expect(new Set(intake.messages)).toEqual(new Set(wanted));
  });

  it('goes on after a kill between any two chunks', async () => {
    const name = file('a', text(0, 20_000));
    for (let stored = 0; intake.count < 20_000; ) {
      const chunksBefore = stored;
      await run(name, {
        onProgress() {
          stored += 1;
          if (stored === chunksBefore + 1) throw new Error('killed');
        },
      }).catch((error: Error) => expect(error.message).toBe('killed'));
    }
    expect(intake.messages).toEqual(lines(0, 20_000));
  });

  it('takes a last line without an end, once, and whole when it has grown', async () => {
    await run(file('a', 'one\ntwo'));
    await run('a');
    expect(intake.messages).toEqual(['one', 'two']);
    appendFileSync(at('a'), '\nthree\nfo');
    await run('a');
    expect(intake.messages).toEqual(['one', 'two', 'three', 'fo']);
    appendFileSync(at('a'), 'ur\nfive');
    await run('a');
    await run('a');
    expect(intake.messages).toEqual(['one', 'two', 'three', 'fo', 'four', 'five']);
    appendFileSync(at('a'), '\r\n');
    await run('a');
    expect(intake.count).toBe(6);
  });

  it('reads on in an array that has grown', async () => {
    const elements = Array.from({ length: 20_000 }, (_, i) => JSON.stringify({ i, text: 'x'.repeat(100) }));
    await run(file('a', `[${elements.slice(0, 10_000).join(',')}]`));
    await run(file('a', `[${elements.join(',')}]`));
    await run(file('a', `[${elements.join(',')}\n]\n`));
    expect(intake.messages).toEqual(elements);
  });

  it('keeps the beginning of what is too long, in bounded pieces, once', async () => {
    const long = 'y'.repeat(5_000_000);
    for (const content of [`a\n${long}\nb\n${'z'.repeat(1001)}\n`, `[{"a":1},{"${long}":1} , {"b":2},"${'z'.repeat(1001)}"]`]) {
      intake = new MemoryIntake();
      await run(file('a', content), { maxMessageBytes: 1000 });
      expect(await run('a', { maxMessageBytes: 1000 })).toMatchObject({ events: 0, duplicates: 0 });
      expect(intake.stored.map((b) => b.origin.truncated ?? false)).toEqual([false, true, false, true]);
      expect(intake.messages.map((m) => m.length)).toEqual([intake.messages[0]?.length, 1000, intake.messages[2]?.length, 1000]);
    }
  });

  it('marks an element that the file ended in', async () => {
    await run(file('a', '[{"a":1},{"b":'));
    expect(intake.messages).toEqual(['{"a":1}', '{"b":']);
    expect(intake.stored.map((b) => b.origin.truncated ?? false)).toEqual([false, true]);
    await run(file('a', '[{"a":1},{"b":2}]'));
    expect(intake.messages).toEqual(['{"a":1}', '{"b":', '{"b":2}']);
  });

  it('tells how it goes', async () => {
    const told: { fileBytes: number; fileBytesRead: number; events: number }[] = [];
    await importFile({
      path: at(file('a.gz', gzipSync(text(0, 20_000)))),
      source: 'archive',
      intake,
      maxMessageBytes: 1000,
      now: () => 1,
      keysWithPrefix: async () => [],
      onProgress: (progress) => told.push(progress),
    });
    expect(told.length).toBeGreaterThan(3);
    expect(told.at(-1)).toMatchObject({ events: 20_000 });
    expect(told.at(-1)?.fileBytesRead).toBe(told.at(-1)?.fileBytes);
  });
});
