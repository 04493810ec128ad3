import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Spool } from './spool.ts';

describe('a spool', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'earshot-spool-'));
    path = join(folder, 'things');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const open = (mostBytes = 1_000) => Spool.open<string>(path, mostBytes);

  it('has what was added, in its order, after it was opened again too, until it is forgotten', async () => {
    const first = await open();
    await Promise.all(['a', 'b\n', 'c'].map((item) => first.add(item)));
    expect(first.first(2)).toEqual(['a', 'b\n']);
    // A kill: nothing is closed.
    const second = await open();
    expect(second.first(9)).toEqual(['a', 'b\n', 'c']);
    await second.forget(2);
    await second.add('d');
    expect(second.first(9)).toEqual(['c', 'd']);
    await second.forget(2);
    expect(statSync(path)).toMatchObject({ size: 0 });
    await second.add('e');
    await second.close();
    expect((await open()).first(9)).toEqual(['e']);
  });

  it('leaves out a line that was cut, and goes on after it', async () => {
    await (await open()).add('a');
    appendFileSync(path, '"half of');
    const again = await open();
    await again.add('b');
    expect((await open()).first(9)).toEqual(['a', 'b']);
  });

  it("is its owner's alone, and takes no more than its bound", async () => {
    const spool = await open(10);
    await spool.add('12345');
    await expect(spool.add('67890')).rejects.toThrow('the spool is full');
    expect(spool.first(9)).toEqual(['12345']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await spool.forget(1);
    await spool.add('67890');
  });
});
