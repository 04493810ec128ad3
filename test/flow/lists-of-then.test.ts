import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { earshot, eventually, HubProcess } from '../support/hub-process.ts';
import { RelpClient } from '../support/relp-client.ts';

const ID = '6f0d1f0e-95c3-4f26-8d53-1f5d2c1f9a07';
const RULE = `title: A known keeper
id: ${ID}
name: known_keeper
taxonomy: ecs
logsource: { product: linux }
detection:
  keepers: { process.name|expand: '%keepers%' }
  condition: keepers
`;
/** The same question of a field that no rule asks about until then. */
const OTHER = RULE.replaceAll('process.name', 'host.name');

const dataDir = mkdtempSync(join(tmpdir(), 'earshot-hub-'));
const [rules, lists] = ['rules', 'lists'].map((name) => join(dataDir, name)) as [string, string];
let hub: HubProcess;

const writeKeepers = (...keepers: string[]): void =>
  writeFileSync(
    join(lists, 'keepers.yml'),
    JSON.stringify({
      kind: 'text',
      reason: 'the zoo',
      author: 'Ada',
      fields: ['zoo.keeper'],
      entries: keepers.map((value) => ({ value })),
    }),
  );

beforeAll(async () => {
  for (const folder of [rules, lists]) mkdirSync(folder);
  writeFileSync(join(rules, 'known_keeper.yml'), RULE);
  writeKeepers('Ann', 'zoo');
  hub = await HubProcess.create({ rules: { shipped: false, folders: [rules] }, lists: { folders: [lists] } }, { dataDir });
  await hub.start();
});

afterAll(async () => {
  await hub.kill('SIGTERM');
  rmSync(dataDir, { recursive: true, force: true });
});

async function send(keeper: string, text: string): Promise<void> {
  const client = await RelpClient.open(hub.ports.relp);
  await client.send(`<13>Nov 21 10:00:00 zoo ${keeper}: ${text}`);
  client.destroy();
}

async function messages(query: string): Promise<string[]> {
  const { stdout } = await earshot(['search', query, '--json', '--since', '365d', '--config', hub.configFile]);
  const found = stdout.split('\n').filter((line) => line !== '');
  return found.map((line) => /zoo \w+: ([^"\\]*)/.exec(line)?.[1] ?? line).sort();
}

async function backtest(...rule: string[]): Promise<{ events: number; lists_of_today: { name: string; since?: string }[] }> {
  const { stdout, stderr } = await earshot(['backtest', ...rule, '--since', '365d', '--json', '--config', hub.configFile]);
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

it('a list counts as it was when the event came in, and as it is now for the next, without a reload of rules', {
  timeout: 120_000,
}, async () => {
  await send('ann', 'one');
  await send('bob', 'two');
  await eventually(async () => expect(await messages(`rule.id:${ID}`)).toEqual(['one']));
  writeKeepers('bob', 'zoo');
  // Files of lists are looked at every few seconds.
  await eventually(async () => {
    await send('bob', 'three');
    return expect(await messages(`rule.id:${ID}`)).toContain('three');
  });
  await send('ann', 'four');
  await eventually(async () => expect(await messages('*')).toContain('four'));
  const live = await messages(`rule.id:${ID}`);
  expect(live).not.toContain('four');
  expect(live).not.toContain('two');
  const tested = await backtest('known_keeper');
  expect(tested.events).toBe(live.length);
  expect(tested.lists_of_today).toMatchObject([{ name: 'keepers@process.name', since: expect.any(String) }]);

  const file = join(dataDir, 'other.yml');
  writeFileSync(file, OTHER);
  const unasked = await backtest(file);
  expect(unasked.lists_of_today).toEqual([{ name: 'keepers@host.name' }]);
  expect(unasked.events).toBe((await messages('*')).length);
});
