import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type SlackApiSimulator, type SlackMessage, startSlackApi } from '../simulators/slack-api.ts';
import { eventually, HubProcess } from '../support/hub-process.ts';
import { VAULT_RULE } from '../support/vault-rule.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const [ANA, VERA] = ['UANA000001', 'UVERA00001'];
const folder = mkdtempSync(join(tmpdir(), 'earshot-rules-'));
let hub: HubProcess;
let slack: SlackApiSimulator;
let token: string;

beforeAll(async () => {
  writeFileSync(join(folder, 'vault_opened.yml'), VAULT_RULE);
  slack = await startSlackApi({ limited: false });
  hub = await HubProcess.create({
    rules: { shipped: false, folders: [folder] },
    notifiers: {
      security: {
        type: 'slack_bot',
        channel: slack.channel,
        api_url: slack.apiUrl,
        token: slack.token,
        signing_secret: 'made-up-signing-secret',
        people: { [ANA]: 'ana', [VERA]: 'vera' },
      },
    },
    // No alert is told by a route: what comes is what somebody listens for.
    routes: [],
    listening: [{ name: 'glass', words: ['break glass'], to: 'security', per_hour: 1 }],
  });
  await hub.start();
  token = ((await post('/api/tokens', { name: 'vault', scopes: ['ingest'] })).json as { token: string }).token;
  await post('/api/users', { name: 'ana', role: 'analyst', datasets: ['*'] });
  await post('/api/users', { name: 'vera', role: 'viewer', datasets: ['*'] });
});

afterAll(async () => {
  await hub.kill('SIGTERM');
  await slack.stop();
  for (const each of [hub.dataDir, folder]) rmSync(each, { recursive: true, force: true });
});

const post = (path: string, body: unknown) => hub.post(path, JSON.stringify(body), { 'content-type': 'application/json' });
const say = async (user: string, text: string, channel?: string) => {
  const url = `http://127.0.0.1:${hub.ports.api}/slack/commands`;
  const before = slack.responses.length;
  const { json } = await slack.command({ url, user, text, ...(channel !== undefined && { channel }) });
  const { text: answer } = json as { text: string };
  if (!answer.startsWith('Looking')) return answer;
  await slack.until(() => slack.responses.length > before);
  return String(slack.responses.at(-1)?.args.text);
};
/** Sends events that say this, and waits for them to be on disk. */
const send = async (message: string, count = 1, more: object = {}) => {
  const line = JSON.stringify({ message, observer: { vendor: 'Segura', product: 'Segura' }, ...more });
  const sent = await fetch(`http://127.0.0.1:${hub.ports.api}/ingest/http`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${token}` },
    body: Array.from({ length: count }, () => line).join('\n'),
  });
  expect(sent.status).toBe(200);
};
const in_ = (place: string): SlackMessage[] => slack.messages.filter(({ channel }) => channel === place);
const direct = (user: string) => in_(`D${user.slice(1)}`);
/** Events in these messages. One that a kill has made unsure comes again under the same key, and says so. */
const counted = (messages: readonly SlackMessage[]) => {
  const once = new Map(messages.map((message) => [message.metadata?.event_payload.key, message]));
  return [...once.values()].reduce((sum, { text }) => sum + Number(/: (\d+) events?/.exec(text)?.[1] ?? 0), 0);
};

it('tells a person alone what they listen for, from that moment on', async () => {
  await send('somebody looked at prod-db before');
  await eventually(async () => {
    const { json } = await hub.get(`/api/events?q=${encodeURIComponent('"looked at"')}`);
    return (json as { events: unknown[] }).events.length === 1;
  });
  expect(await say(ANA, 'listen Prod-DB')).toMatch(/^From now on you hear of events and alerts with \*Prod-DB\*/);
  await send('bob opened <!channel> prod.db', 1, { user: { name: 'bob' }, event: { action: 'opened' } });
  await send('bob opened prod-dbx');
  await slack.until(() => direct(ANA).length > 0);
  expect(direct(ANA)[0]?.text).toMatch(/^👂 \*Prod-DB\*: 1 event\n• <!date[^>]+> bob, opened: bob opened &lt;!channel&gt; prod.db /);
  expect(in_(slack.channel)).toEqual([]);
  await eventually(async () => {
    const { json } = await hub.get(`/api/events?q=${encodeURIComponent('event.dataset:earshot.audit event.action:listening_*')}`);
    const actions = (json as { events: { fields: Record<string, unknown> }[] }).events.map(({ fields }) => fields['event.action']);
    return actions.includes('listening_add') && actions.includes('listening_told');
  });
});

it('says what last week would have been, of what is stored', async () => {
  const said = await eventually(async () => {
    const text = await say(ANA, 'listen bob opened');
    return text.includes('would have been') && !text.includes('nothing') && text;
  });
  expect(said).toMatch(/In the last seven days that would have been 2 events, most of them by bob \(1\)/);
  await say(ANA, 'listen stop bob opened');
});

it('loses none and tells none twice, whenever the hub is killed', async () => {
  const before = counted(direct(ANA));
  for (let round = 0; round < 3; round++) {
    await send('carol on prod-db', 100);
    await hub.kill('SIGKILL');
    await hub.start();
  }
  await slack.until(() => counted(direct(ANA)) >= before + 300);
  // One more, which comes last.
  await send('the end of prod-db');
  await slack.until(() => counted(direct(ANA)) >= before + 301);
  expect(counted(direct(ANA))).toBe(before + 301);
});

it('lets a viewer hear once an administrator has granted it, of the datasets that were, and not after', async () => {
  expect(await say(VERA, 'listen vault')).toMatch(/vera, with the role viewer, may not listen until/);
  const grant = { kind: 'role', who: 'viewer', datasets: ['http'] };
  expect((await put('/api/listening/grants', grant)).status).toBe(200);
  expect(await say(VERA, 'listen vault')).toMatch(/^From now on you hear/);
  await send('the vault of somebody');
  await slack.until(() => direct(VERA).length > 0);
  expect((await hub.get('/api/listening?of=all')).json).toMatchObject({
    listeners: expect.arrayContaining([expect.objectContaining({ owner: 'vera', words: 'vault', place: VERA })]),
  });
  expect((await remove('/api/listening/grants/role/viewer')).status).toBe(200);
  const [before, heard] = [direct(VERA).length, counted(direct(ANA))];
  await send('the vault of prod-db');
  await slack.until(() => counted(direct(ANA)) > heard);
  expect(direct(VERA)).toHaveLength(before);
});

it('tells a channel by the configuration, alerts too, within its budget', async () => {
  await send('ana broke the glass', 1, { event: { action: 'vault_opened' }, user: { name: 'break.glass' } });
  await slack.until(() => in_(slack.channel).length > 0);
  expect(in_(slack.channel)[0]?.text).toMatch(/^👂 \*break glass\*: (1 alert, 1 event|1 event|1 alert)\n/);
  await send('break glass again', 50);
  await eventually(async () => {
    const { json } = await hub.get(`/api/events?q=${encodeURIComponent('"break glass again"')}`);
    return (json as { events: unknown[] }).events.length === 50;
  });
  expect(in_(slack.channel)).toHaveLength(1);
});

const put = (path: string, body: unknown) => ask('PUT', path, body);
const remove = (path: string) => ask('DELETE', path);

async function ask(method: 'PUT' | 'DELETE', path: string, body?: unknown): Promise<{ status: number }> {
  const made = await post('/api/tokens', { name: `root-${Date.now()}`, scopes: ['admin'] });
  const { status } = await fetch(`http://127.0.0.1:${hub.ports.api}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${(made.json as { token: string }).token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status };
}
