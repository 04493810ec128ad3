import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type SlackApiSimulator, type SlackMessage, startSlackApi } from '../simulators/slack-api.ts';
import { eventually, HubProcess } from '../support/hub-process.ts';

/** Alerts by person, so that hosts can join. */
const RULE = `
title: Vault Opened
id: 5d2f6a52-7a0e-4a55-9d0a-1f6f4b1f7c11
status: experimental
description: Somebody opened a vault.
author: Earshot
date: 2026-11-20
tags: [attack.t1078]
taxonomy: ecs
logsource: { product: segura }
detection:
  selection: { event.action: vault_opened }
  condition: selection
falsepositives: [A drill.]
level: high
earshot:
  group_by: [user.name]
  next_steps: ['Ask the person, by phone.']
`;

vi.setConfig({ testTimeout: 40_000 });

const folder = mkdtempSync(join(tmpdir(), 'earshot-rules-'));
let hub: HubProcess;
let slack: SlackApiSimulator;
let token: string;

beforeAll(async () => {
  writeFileSync(join(folder, 'vault_opened.yml'), RULE);
  slack = await startSlackApi();
  const bot = { type: 'slack_bot', channel: slack.channel, api_url: slack.apiUrl };
  hub = await HubProcess.create({
    rules: { shipped: false, folders: [folder] },
    notifiers: { security: { ...bot, token: slack.token }, walter: { ...bot, token: 'xoxb-wrong' } },
    routes: [
      { name: 'all', when: { query: 'NOT user.name:walter' }, to: ['security'] },
      { name: 'walter', when: { query: 'user.name:walter' }, to: ['walter'] },
    ],
    outbox: { burst: 100, send_timeout_secs: 60 },
  });
  await start();
  const { json } = await post('/api/tokens', { name: 'vault', scopes: ['ingest'] });
  token = (json as { token: string }).token;
});

afterAll(async () => {
  await hub.kill('SIGTERM');
  await slack.stop();
  for (const each of [hub.dataDir, folder]) rmSync(each, { recursive: true, force: true });
});

const start = () => hub.start();

const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  hub.post(path, JSON.stringify(body), { 'content-type': 'application/json', ...headers });

async function open(...vaults: readonly { readonly user: string; readonly host?: string }[]): Promise<void> {
  const lines = vaults.map(({ user, host = 'vault1.example.com' }) =>
    JSON.stringify({
      message: `${user} opened a vault`,
      event: { action: 'vault_opened' },
      observer: { vendor: 'Segura', product: 'Segura' },
      user: { name: user },
      host: { name: host },
    }),
  );
  const sent = await fetch(`http://127.0.0.1:${hub.ports.api}/ingest/http`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${token}` },
    body: lines.join('\n'),
  });
  expect(sent.status).toBe(200);
}

const messagesOf = (user: string) => slack.messages.filter(({ text }) => text.includes(user));
const rootOf = (user: string): SlackMessage | undefined => messagesOf(user).find(({ threadTs }) => threadTs === undefined);
const alertOf = (message: SlackMessage | undefined): string => {
  const ids = message?.metadata?.event_payload.alert_ids;
  return Array.isArray(ids) ? String(ids[0]) : '';
};
const shownText = (message: SlackMessage | undefined) => JSON.stringify(message?.blocks);

it('posts an alert, edits the message as people work on it, and answers in its thread when a host joins', async () => {
  await open({ user: 'alice' });
  await slack.until(() => messagesOf('alice').length === 1);
  const first = rootOf('alice');
  expect(first).toMatchObject({
    text: expect.stringContaining('[HIGH] Vault Opened: user alice, host vault1.example.com'),
    metadata: { event_type: 'earshot_alert', event_payload: { key: `${alertOf(first)}.opened.security` } },
  });

  await open({ user: 'alice', host: 'vault2.example.com' });
  await slack.until(() => messagesOf('alice').length === 2);
  expect(messagesOf('alice')[1]).toMatchObject({
    threadTs: first?.ts,
    text: expect.stringContaining(
      '[HIGH] Vault Opened: new host: vault2.example.com; user alice, host vault1.example.com, vault2.example.com',
    ),
  });
  await slack.until(() => shownText(rootOf('alice')).includes('vault2.example.com'));

  const path = `/api/alerts/${alertOf(first)}`;
  await post(`${path}/state`, { state: 'acknowledged', note: 'on it' });
  await slack.until(() => shownText(rootOf('alice')).includes('Acknowledged'));
  expect(shownText(rootOf('alice'))).toContain('on it');
  expect(shownText(rootOf('alice'))).toMatch(/How unusual\*\\n(The rule had matched nothing in|The first time for alice in) 30 days/);
  await post(`${path}/state`, { state: 'resolved', resolution: 'false_positive', note: 'it was a drill' });
  await slack.until(() => shownText(rootOf('alice')).includes('Resolved as false positive'));
  expect(shownText(rootOf('alice'))).toContain('it was a drill');

  await open(...Array.from({ length: 9 }, () => ({ user: 'ada' })));
  await slack.until(() => messagesOf('ada').length === 1);
  await open({ user: 'ada' });
  await slack.until(() => messagesOf('ada').length === 2);
  expect(messagesOf('ada')[1]).toMatchObject({ text: expect.stringMatching(/still going on; user ada, .* 10 events$/) });
});

it('finds the message that it sent when it was killed before it could write that down, and posts no other', async () => {
  slack.script({ on: 'chat.postMessage', kind: 'hang', act: true });
  await open({ user: 'mallory' });
  await slack.until(() => messagesOf('mallory').length === 1);
  await hub.kill('SIGKILL');
  await start();
  const delivered = await eventually(async () => {
    const { json } = await hub.get('/api/outbox?states=delivered&notifier=security');
    return (json as { entries: { alert_id: string; possible_repeat: boolean }[] }).entries.find(
      (entry) => entry.alert_id === alertOf(rootOf('mallory')),
    );
  });
  expect(delivered.possible_repeat).toBe(true);
  expect(messagesOf('mallory')).toHaveLength(1);
  expect(slack.calls.some(({ method }) => method === 'conversations.history')).toBe(true);

  // It knows the message: what is new goes into its thread.
  await open({ user: 'mallory', host: 'vault3.example.com' });
  await slack.until(() => messagesOf('mallory').some(({ threadTs }) => threadTs === rootOf('mallory')?.ts));
});

it('posts again, and says so, what Slack never took', async () => {
  slack.script({ on: 'chat.postMessage', kind: 'hang' });
  const before = slack.calls.length;
  await open({ user: 'oscar' });
  await slack.until(() => slack.calls.slice(before).some(({ error }) => error === 'hang'));
  await hub.kill('SIGKILL');
  await start();
  await slack.until(() => messagesOf('oscar').length === 1);
  expect(rootOf('oscar')?.text).toMatch(/^\(possible repeat\)/);
});

it('tells a burst that Slack slows down in a few messages, and the numbers are exact', async () => {
  const people = Array.from({ length: 120 }, (_, i) => `crowd${i}`);
  const before = slack.messages.length;
  slack.script({ on: 'chat.postMessage', kind: 'answer', status: 429, body: '', headers: { 'retry-after': '2' } });
  for (let at = 0; at < people.length; at += 10) await open(...people.slice(at, at + 10).map((user) => ({ user })));
  const told = () =>
    slack.messages
      .slice(before)
      .map(({ text }) => Number(/^(\d+) alerts/.exec(text)?.[1] ?? 1))
      .reduce((sum, count) => sum + count, 0);
  await slack.until(() => told() >= people.length);
  expect(told()).toBe(people.length);
  expect(slack.messages.length - before).toBeLessThanOrEqual(6);
  const limited = slack.calls.filter(({ error }) => error === 'answer');
  const after = slack.calls.find(({ at, method }) => method === 'chat.postMessage' && at > (limited.at(-1)?.at ?? 0));
  expect((after?.at ?? 0) - (limited.at(-1)?.at ?? 0)).toBeGreaterThanOrEqual(2_000);
});

it('sets aside what a wrong token cannot tell, with the way to mend it; nothing else waits for that', async () => {
  await open({ user: 'walter' });
  const dead = await eventually(async () => {
    const { json } = await hub.get('/api/outbox?states=dead&notifier=walter');
    return (json as { entries: { why: string }[] }).entries.at(0);
  });
  expect(dead.why).toMatch(/^Slack: invalid_auth: the bot token is not valid: install the app again/);
  await open({ user: 'yvonne' });
  await slack.until(() => messagesOf('yvonne').length === 1);
  expect(hub.log).not.toContain('xoxb-');
});
