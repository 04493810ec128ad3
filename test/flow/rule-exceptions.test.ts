import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { overSocket } from '../../src/lib/socket-client.ts';
import { eventually, HubProcess } from '../support/hub-process.ts';
import { RelpClient } from '../support/relp-client.ts';

const ID = '6f0d1f0e-95c3-4f26-8d53-1f5d2c1f9b02';
const RULE = `title: An animal
id: ${ID}
logsource: { product: linux }
detection:
  animal: { message|contains: animal }
  condition: animal
earshot: { group_by: [event.dataset] }
`;

const dataDir = mkdtempSync(join(tmpdir(), 'earshot-hub-'));
const rules = join(dataDir, 'rules');
let hub: HubProcess;

beforeAll(async () => {
  mkdirSync(rules);
  writeFileSync(join(rules, 'an_animal.yml'), RULE);
  hub = await HubProcess.create({ rules: { shipped: false, folders: [rules] } }, { dataDir });
  await hub.start();
}, 60_000);
afterAll(async () => {
  await hub.kill('SIGTERM');
  rmSync(dataDir, { recursive: true, force: true });
});

async function ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, content?: object) {
  const body = content === undefined ? {} : { body: JSON.stringify(content), headers: { 'content-type': 'application/json' } };
  const answer = await overSocket(hub.socketPath, { method, path, ...body });
  return { status: answer.status, json: JSON.parse(answer.body.toString('utf8')) };
}

async function send(...texts: string[]): Promise<void> {
  const client = await RelpClient.open(hub.ports.relp);
  for (const text of texts) await client.send(`<13>Nov 21 10:00:00 zoo keeper: ${text}`);
  client.destroy();
}

/** The events that a query finds, once all that was sent can be found. */
async function found(q: string, last: string): Promise<string[]> {
  const texts = async (query: string): Promise<string[]> => {
    const { json } = await ask('GET', `/api/events?${new URLSearchParams({ q: query, from: 'now-400d', limit: '100' })}`);
    return json.events.map(({ fields }: { fields: { message: string } }) => fields.message).sort();
  };
  await eventually(async () => (await texts('message:keeper OR message:*')).some((text) => text.includes(last)));
  return (await texts(q)).filter((text) => text !== undefined);
}

const selection = 'tame: { message|contains: tame }\ncondition: not tame';

it('an exception counts from its answer on, until it is deleted; a restart changes nothing; each change is audited', {
  timeout: 120_000,
}, async () => {
  await send('a tame animal one');
  await found(`rule.id:${ID}`, 'one');
  const made = await ask('POST', '/api/exceptions', { rules: ['an_animal'], selection, reason: 'they live here' });
  expect(made).toMatchObject({ status: 200, json: { rules: [ID], narrowed: [{ name: 'an_animal' }], author: 'local', expired: false } });
  await send('a tame animal two', 'a wild animal three');
  expect(await found(`rule.id:${ID}`, 'three')).toEqual([expect.stringContaining('one'), expect.stringContaining('three')]);
  await hub.kill();
  await hub.start();
  await send('a tame animal four', 'a wild animal five');
  expect((await found(`rule.id:${ID}`, 'five')).length).toBe(3);
  expect((await ask('GET', '/api/exceptions')).json.exceptions).toMatchObject([{ id: made.json.id, reason: 'they live here' }]);
  expect((await ask('GET', '/api/rules/an_animal')).json.filters).toMatchObject([{ reason: 'they live here', author: 'local' }]);
  expect(await ask('DELETE', `/api/exceptions/${made.json.id}`)).toMatchObject({ status: 200 });
  expect(await ask('DELETE', `/api/exceptions/${made.json.id}`)).toMatchObject({ status: 404 });
  await send('a tame animal six');
  expect((await found(`rule.id:${ID}`, 'six')).length).toBe(4);
  await eventually(async () => {
    const { json } = await ask(
      'GET',
      `/api/events?${new URLSearchParams({ q: 'event.dataset:earshot.audit event.action:rule_exception_*' })}`,
    );
    return json.events.length === 2;
  });
});

it('refuses what it cannot honor, with its place', async () => {
  const wrong = { rules: ['an_animal'], selection: 'tame: { message|contains: tame }\ncondition: tame', reason: 'x' };
  expect(await ask('POST', '/api/exceptions', wrong)).toMatchObject({
    status: 400,
    json: { faults: [{ path: 'body.selection', message: expect.stringContaining('line 2, column 12') }] },
  });
  expect(await ask('POST', '/api/exceptions', { ...wrong, rules: ['no_rule'] })).toMatchObject({
    status: 400,
    json: { faults: [{ path: 'body.rules[0]' }] },
  });
  const past = { ...wrong, selection, expires: '2020-01-01' };
  expect(await ask('POST', '/api/exceptions', past)).toMatchObject({ status: 400, json: { faults: [{ path: 'body.expires' }] } });
});

it('a rule that is put on trial tells nobody until it is live again, with who and why', { timeout: 120_000 }, async () => {
  const alerts = async (): Promise<number> => {
    const { json } = await ask('GET', `/api/alerts?rule=${ID}`);
    return json.alerts.reduce((sum: number, { count }: { count: number }) => sum + count, 0);
  };
  await eventually(async () => (await alerts()) > 0);
  const staged = await ask('PUT', '/api/rules/an_animal/maturity', { maturity: 'staged', reason: 'too loud' });
  expect(staged.json).toMatchObject({ staged: true, maturity_set: { maturity: 'staged', reason: 'too loud', by: 'local' } });
  expect(await ask('PUT', '/api/rules/an_animal/maturity', { maturity: 'staged', reason: 'again' })).toMatchObject({ status: 409 });
  const before = await alerts();
  await send('a wild animal seven');
  await found(`rule.id:${ID}`, 'seven');
  expect(await alerts()).toBe(before);
  await ask('PUT', '/api/rules/an_animal/maturity', { maturity: 'live', reason: 'quiet now' });
  await send('a wild animal eight');
  await eventually(async () => (await alerts()) > before);
  await eventually(async () => {
    const { json } = await ask(
      'GET',
      `/api/events?${new URLSearchParams({ q: 'event.dataset:earshot.audit event.action:rule_maturity_change' })}`,
    );
    return JSON.stringify(json).includes('switched to staged') && json.events.length === 2;
  });
});
