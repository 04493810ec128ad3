import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type SlackApiSimulator, type SlackMessage, startSlackApi } from '../simulators/slack-api.ts';
import type { SlackSessionsSimulator } from '../simulators/slack-sessions.ts';
import { eventually, HubProcess } from '../support/hub-process.ts';
import { type SlackOrganization, startSlackOrganization } from '../support/slack-organization.ts';
import { VAULT_RULE } from '../support/vault-rule.ts';

vi.setConfig({ testTimeout: 60_000 });

const [ANA, NED] = ['UANA000001', 'UNED000001'];
const BEN = 'W0EXAMPLE02';
const folder = mkdtempSync(join(tmpdir(), 'earshot-rules-'));
let hub: HubProcess;
let slack: SlackApiSimulator;
let sessions: SlackSessionsSimulator;
let organization: SlackOrganization;
let message: SlackMessage;

const post = (path: string, body: unknown) => hub.post(path, JSON.stringify(body), { 'content-type': 'application/json' });
const shown = () => JSON.stringify(slack.messages[0]?.blocks);

beforeAll(async () => {
  writeFileSync(join(folder, 'vault_opened.yml'), VAULT_RULE);
  writeFileSync(join(folder, 'people.csv'), 'id,name,emails\nbmartin,Ben Martin,ben@example.com\n');
  slack = await startSlackApi({ limited: false });
  organization = await startSlackOrganization(
    [{ id: BEN, name: 'Ben Martin', email: 'ben@example.com', sessions: [{ id: 1, device: 'web', os: 'OS', ip: '192.0.2.9' }] }],
    1_500,
  );
  sessions = organization.sessions;
  hub = await HubProcess.create({
    rules: { shipped: false, folders: [folder] },
    people: { files: [join(folder, 'people.csv')] },
    sources: {
      http: { type: 'http' },
      slack: organization.source,
    },
    acts: organization.acts,
    notifiers: {
      security: {
        type: 'slack_bot',
        channel: slack.channel,
        api_url: slack.apiUrl,
        token: slack.token,
        signing_secret: 'made-up-signing-secret',
        people: { [ANA]: 'ana', [NED]: 'ned' },
      },
    },
    routes: [{ name: 'all', when: { query: '*' }, to: ['security'] }],
  });
  await hub.start();
  const { json } = await post('/api/tokens', { name: 'vault', scopes: ['ingest'] });
  await post('/api/users', { name: 'ana', role: 'responder', datasets: ['*'] });
  await post('/api/users', { name: 'ned', role: 'analyst', datasets: ['*'] });
  await fetch(`http://127.0.0.1:${hub.ports.api}/ingest/http`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${(json as { token: string }).token}` },
    body: JSON.stringify({
      message: 'ben@example.com opened a vault',
      event: { action: 'vault_opened' },
      observer: { vendor: 'Segura', product: 'Segura' },
      user: { name: 'ben@example.com' },
    }),
  });
  await slack.until(() => slack.messages.length > 0);
  message = slack.messages[0] as SlackMessage;
});

afterAll(async () => {
  await hub.kill('SIGTERM');
  await slack.stop();
  await organization.stop();
  for (const each of [hub.dataDir, folder]) rmSync(each, { recursive: true, force: true });
});

const url = () => `http://127.0.0.1:${hub.ports.api}/slack/interactivity`;
const choose = (user: string) => slack.click({ message, user, action: 'sign_out', choice: 'all:ben@example.com', url: url() });
/** The next private answer to somebody. */
async function answered(before: number): Promise<Readonly<Record<string, unknown>>> {
  await slack.until(() => slack.responses.length > before);
  return slack.responses[before]?.args ?? {};
}
const asked = () => sessions.calls.filter(({ method }) => method === 'admin.users.session.reset').length;

it('does nothing for somebody who may work on alerts and change nothing elsewhere', async () => {
  const before = slack.responses.length;
  await choose(NED);
  const { text } = await answered(before);
  expect(text).toContain('ned, with the role analyst, may change nothing in other systems');
  // What Slack trusts is looked at by the clock.
  expect(sessions.calls.filter(({ method }) => !method.startsWith('admin.audit.'))).toEqual([]);
});

it('shows what it would do to who clicked alone, does it once it is confirmed, and the message says so and what proves it', async () => {
  const before = slack.responses.length;
  await choose(ANA);
  const plan = await answered(before);
  expect(plan).toMatchObject({ response_type: 'ephemeral', replace_original: false });
  expect(plan.text).toContain('Nothing is done yet. Earshot signs Ben Martin (ben@example.com) out of Slack on all devices.');
  expect(asked()).toBe(0);
  await slack.until(() => shown().includes('*Planned* by ana'));

  const offered: SlackMessage = { ...message, ts: '1795168800.000001', blocks: plan.blocks as readonly unknown[] };
  await slack.click({ message: offered, isPrivate: true, user: ANA, action: 'confirm_act', url: url(), times: 3 });
  expect(await answered(before + 1)).toMatchObject({
    replace_original: true,
    text: expect.stringContaining('Confirmed: Earshot signs Ben'),
  });
  await slack.until(() => shown().includes('was signed out of Slack on all devices'));
  await slack.until(() => shown().includes('Proven by the entry user_session_reset_by_admin of '));
  expect(asked()).toBe(1);
  expect(sessions.people[0]?.sessions).toEqual([]);
  // Beside what is told in its thread.
  expect(slack.messages.filter(({ threadTs }) => threadTs === undefined)).toHaveLength(1);

  const { json } = await hub.get('/api/alerts');
  const id = (json as { alerts: readonly { id: string }[] }).alerts[0]?.id ?? '';
  const { history } = (await hub.get(`/api/alerts/${id}`)).json as {
    history: { change: string; actor: string; about: { state?: string } }[];
  };
  expect(history.filter(({ change }) => change === 'acted').map(({ actor, about }) => `${actor} ${about.state}`)).toEqual([
    'ana planned',
    'ana confirmed',
    'earshot done',
    'earshot proven',
  ]);
});

it('can be taken back, and a plan that was confirmed or taken back asks for nothing again', async () => {
  const before = slack.responses.length;
  await choose(ANA);
  const plan = await answered(before);
  const offered: SlackMessage = { ...message, ts: '1795168800.000002', blocks: plan.blocks as readonly unknown[] };
  await slack.click({ message: offered, isPrivate: true, user: ANA, action: 'cancel_act', url: url() });
  expect((await answered(before + 1)).text).toContain('Taken back');
  await slack.click({ message: offered, isPrivate: true, user: ANA, action: 'confirm_act', url: url() });
  expect((await answered(before + 2)).text).toBe('Nothing was done: it is refused already.');
  expect(asked()).toBe(1);
  await eventually(async () => shown().includes('*Not done*'));
});

it('has counted what it called, by whichever thread', async () => {
  await eventually(async () => {
    const { text } = await hub.getText('/metrics');
    const called = (method: string) =>
      new RegExp(`^earshot_api_calls_total\\{api="slack",method="${method}",outcome="answered"\\} [1-9]`, 'm').test(text);
    return ['chat.postMessage', 'chat.update', 'users.lookupByEmail', 'admin.users.session.reset', 'audit.logs'].every(called);
  });
});
