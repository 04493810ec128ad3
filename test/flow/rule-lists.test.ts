import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { earshot, eventually, HubProcess } from '../support/hub-process.ts';
import { RelpClient } from '../support/relp-client.ts';

const RULE = `title: A known animal
id: 6f0d1f0e-95c3-4f26-8d53-1f5d2c1f9a02
name: known_animal
logsource: { product: linux }
detection:
  animals: { message|contains|expand: '%animals%' }
  condition: animals
`;
const FILTER = `title: Tame ones
id: 6f0d1f0e-95c3-4f26-8d53-1f5d2c1f9a03
logsource: { product: linux }
filter:
  rules: [known_animal]
  tame: { message|contains: tame }
  condition: not tame
`;
const CORRELATION = `title: Many animals
id: 6f0d1f0e-95c3-4f26-8d53-1f5d2c1f9a04
correlation:
  type: event_count
  rules: [known_animal]
  timespan: 1h
  condition: { gte: 3 }
`;

const dataDir = mkdtempSync(join(tmpdir(), 'earshot-hub-'));
const [rules, own, lists] = ['rules', 'own', 'lists'].map((name) => join(dataDir, name)) as [string, string, string];
let hub: HubProcess;

const writeAnimals = (...animals: string[]): void =>
  writeFileSync(
    join(lists, 'animals.yml'),
    JSON.stringify({
      kind: 'text',
      reason: 'the zoo',
      author: 'Ada',
      fields: ['animal.name'],
      entries: [...animals.map((value) => ({ value })), { value: 'dodo', expires: '2020-01-01' }],
    }),
  );

beforeAll(async () => {
  for (const folder of [rules, own, lists]) mkdirSync(folder);
  writeFileSync(join(rules, 'known_animal.yml'), RULE);
  writeFileSync(join(own, 'tame.yml'), FILTER);
  writeAnimals('giraffe');
  hub = await HubProcess.create({ rules: { shipped: false, folders: [rules, own] }, lists: { folders: [lists] } }, { dataDir });
  await hub.start();
});

afterAll(async () => {
  await hub.kill('SIGTERM');
  rmSync(dataDir, { recursive: true, force: true });
});

async function send(...texts: string[]): Promise<void> {
  const client = await RelpClient.open(hub.ports.relp);
  for (const text of texts) await client.send(`<13>Nov 21 10:00:00 zoo keeper: ${text}`);
  client.destroy();
}

/** The texts of the events that the rule hit, in any order. */
async function hits(): Promise<string[]> {
  const query = 'rule.id:6f0d1f0e-95c3-4f26-8d53-1f5d2c1f9a02';
  const { stdout } = await earshot(['search', query, '--json', '--since', '365d', '--config', hub.configFile]);
  const found = stdout.split('\n').filter((line) => line !== '');
  return found.map((line) => /keeper: ([^"\\]*)/.exec(line)?.[1] ?? line).sort();
}

it('rules name lists, as of the last reload; filters of another folder narrow them; correlations are loaded', {
  timeout: 120_000,
}, async () => {
  await send('a giraffe', 'a tame giraffe', 'a dodo', 'an okapi', 'that is all');
  await eventually(async () => expect(await hits()).toEqual(['a giraffe']));
  writeAnimals('giraffe', 'okapi');
  writeFileSync(join(own, 'many.yml'), CORRELATION);
  const reloaded = await earshot(['reload', '--config', hub.configFile]);
  expect(reloaded.code).toBe(0);
  expect(reloaded.stdout + reloaded.stderr).not.toContain('many.yml');
  await send('another okapi');
  await eventually(async () => expect(await hits()).toEqual(['a giraffe', 'another okapi']));
  const check = await earshot(['check', '--config', hub.configFile]);
  expect(check).toMatchObject({ code: 0 });
  rmSync(join(lists, 'animals.yml'));
  const without = await earshot(['reload', '--config', hub.configFile]);
  expect(without.code).not.toBe(0);
  expect(without.stdout + without.stderr).toContain('the placeholder `%animals%` has no list of that name: there are ');
});
