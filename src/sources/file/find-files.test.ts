import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findFiles } from './find-files.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earshot-find-'));
  for (const name of ['app.log', 'debug.log', 'app.log.1.gz']) writeFileSync(join(folder, name), name);
});
afterEach(() => rmSync(folder, { recursive: true }));

describe.each([
  ['absolute', () => folder],
  ['relative', () => relative(process.cwd(), folder)],
])('patterns that are %s', (_, at) => {
  const found = async (exclude: readonly string[]) => (await findFiles([join(at(), '*')], exclude)).map(({ path }) => path).sort();

  it('find files, but for those to leave alone', async () => {
    expect(await found([])).toHaveLength(3);
    expect(await found([join(at(), 'debug.*'), '**/*.gz'])).toEqual([join(folder, 'app.log')]);
  });
});
