import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RulesAside } from './rules-aside.ts';

let folder: string;
let path: string;
let faults: string[];
const open = (at = path) => RulesAside.open(at, (what) => faults.push(what));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'earshot-aside-'));
  path = join(folder, 'rules-aside');
  faults = [];
});
afterEach(() => rm(folder, { recursive: true }));

const fresh = (id: number) => ({ id, replayed: false });
const again = (id: number) => ({ id, replayed: true });

it('a block that is replayed is judged without the rules that it was judged without', () => {
  const before = open();
  expect(before.at(fresh(1), [])).toEqual([]);
  expect(before.at(fresh(11), ['slow'])).toEqual(['slow']);
  expect(before.at(fresh(21), ['slow', 'slower'])).toEqual(['slow', 'slower']);
  expect(before.at(fresh(31), [])).toEqual([]);
  const after = open();
  expect([1, 11, 15, 21, 31].map((id) => after.at(again(id), ['other']))).toEqual([[], ['slow'], ['slow'], ['slow', 'slower'], []]);
  expect(after.at(fresh(41), ['other'])).toEqual(['other']);
});

it('a file that is damaged says of no rule that it was put aside, and one that is missing is no fault', async () => {
  expect(open().latest).toEqual([]);
  expect(faults).toEqual([]);
  await writeFile(path, '[{');
  expect(open().latest).toEqual([]);
  expect(faults).toEqual(['read']);
});

it('what cannot be written down does not count, until it can', async () => {
  const late = join(folder, 'later', 'rules-aside');
  const aside = open(late);
  expect(aside.at(fresh(1), ['slow'])).toEqual([]);
  expect(aside.at(fresh(11), ['slow'])).toEqual([]);
  expect(faults).toEqual(['written']);
  await mkdir(join(folder, 'later'));
  expect(aside.at(fresh(21), ['slow'])).toEqual(['slow']);
  expect([1, 11, 21].map((id) => open(late).at(again(id), []))).toEqual([[], [], ['slow']]);
});

it('a rule that stays aside when its coming back cannot be written down is left open by the replay too', async () => {
  const aside = open();
  aside.at(fresh(1), ['slow']);
  await mkdir(`${path}.new`);
  expect(aside.at(fresh(11), [])).toEqual(['slow']);
  expect(open().at(again(11), [])).toEqual(['slow']);
  expect(faults).toEqual(['written']);
});

it('knows of a block that has waited over many changes', async () => {
  const changes = Array.from({ length: 4_000 }, (_, i) => ({ seq: i + 1, ids: i % 2 === 0 ? ['slow'] : [] }));
  await writeFile(path, JSON.stringify(changes));
  expect(open().at(fresh(5_000), ['slower'])).toEqual(['slower']);
  expect([1, 2, 3, 5_000].map((id) => open().at(again(id), []))).toEqual([['slow'], [], ['slow'], ['slower']]);
});
