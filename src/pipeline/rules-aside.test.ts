import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RulesAside } from './rules-aside.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'earshot-aside-'));
  path = join(folder, 'rules-aside');
});
afterEach(() => rm(folder, { recursive: true }));

const fresh = (id: number) => ({ id, replayed: false });
const again = (id: number) => ({ id, replayed: true });

it('a block that is replayed is judged without the rules that it was judged without', () => {
  const before = RulesAside.open(path);
  expect(before.at(fresh(1), [])).toEqual([]);
  expect(before.at(fresh(11), ['slow'])).toEqual(['slow']);
  expect(before.at(fresh(21), ['slow', 'slower'])).toEqual(['slow', 'slower']);
  expect(before.at(fresh(31), [])).toEqual([]);
  const after = RulesAside.open(path);
  expect([1, 11, 15, 21, 31].map((id) => after.at(again(id), ['other']))).toEqual([[], ['slow'], ['slow'], ['slow', 'slower'], []]);
  expect(after.at(fresh(41), ['other'])).toEqual(['other']);
});

it('a file that is damaged says of no rule that it was put aside', async () => {
  await writeFile(path, '[{');
  expect(RulesAside.open(path).latest).toEqual([]);
});

it('what cannot be written down does not count', () => {
  const aside = RulesAside.open(join(folder, 'missing', 'rules-aside'));
  expect(aside.at(fresh(1), ['slow'])).toEqual([]);
});
