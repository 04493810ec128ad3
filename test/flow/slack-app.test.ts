import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type SlackApiSimulator, type SlackMessage, startSlackApi } from '../simulators/slack-api.ts';
import { signedCommand } from '../simulators/slack-clicks.ts';
import { eventually, HubProcess } from '../support/hub-process.ts';

const RULE = `
title: Vault Opened
id: 5d2f6a52-7a0e-4a55-9d0a-1f6f4b1f7c12
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
`;

vi.setConfig({ testTimeout: 40_000 });

const [ANA, VERA, STRANGER] = ['UANA000001', 'UVERA00001', 'USTRANGER1'];
const folder = mkdtempSync(join(tmpdir(), 'earshot-rules-'));
let hub: HubProcess;
let slack: SlackApiSimulator;
let token: string;

beforeAll(async () => {
  writeFileSync(join(folder, 'vault_opened.yml'), RULE);
  slack = await startSlackApi({ limited: false });
  const security = {
    type: 'slack_bot',
    channel: slack.channel,
    api_url: slack.apiUrl,
    token: slack.token,
    signing_secret: 'made-up-signing-secret',
    people: { [ANA]: 'ana', [VERA]: 'vera' },
  };
  hub = await HubProcess.create({
    rules: { shipped: false, folders: [folder] },
    notifiers: { security },
    routes: [{ name: 'all', when: { query: '*' }, to: ['security'] }],
  });
  await hub.start();
  const { json } = await post('/api/tokens', { name: 'vault', scopes: ['ingest'] });
  token = (json as { token: string }).token;
  await post('/api/users', { name: 'ana', role: 'responder', datasets: ['*'] });
  await post('/api/users', { name: 'vera', role: 'viewer', datasets: ['*'] });
});

afterAll(async () => {
  await hub.kill('SIGTERM');
  await slack.stop();
  for (const each of [hub.dataDir, folder]) rmSync(each, { recursive: true, force: true });
});

const post = (path: string, body: unknown) => hub.post(path, JSON.stringify(body), { 'content-type': 'application/json' });

/** Opens an alert about somebody, and gives the message that tells of it. */
async function toldOf(user: string): Promise<SlackMessage> {
  const sent = await fetch(`http://127.0.0.1:${hub.ports.api}/ingest/http`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${token}` },
    body: JSON.stringify({
      message: `${user} opened a vault`,
      event: { action: 'vault_opened' },
      observer: { vendor: 'Segura', product: 'Segura' },
      user: { name: user },
      host: { name: 'vault1.example.com' },
    }),
  });
  expect(sent.status).toBe(200);
  await slack.until(() => messageOf(user) !== undefined);
  return present(user);
}

const messageOf = (user: string) => slack.messages.find(({ text }) => text.includes(user));
const present = (user: string): SlackMessage => {
  const message = messageOf(user);
  if (message === undefined) throw new Error(`nothing was told of ${user}`);
  return message;
};
const alertOf = async ({ metadata }: SlackMessage) => {
  const ids = metadata?.event_payload.alert_ids;
  const { json } = await hub.get(`/api/alerts/${Array.isArray(ids) ? ids[0] : ''}`);
  return json as { state: string; assignee?: string; resolution?: string; history: { change: string; actor: string }[] };
};
const click = (message: SlackMessage, user: string, action: string, choice?: string, times = 1) =>
  slack.click({
    message,
    user,
    action,
    times,
    url: `http://127.0.0.1:${hub.ports.api}/slack/interactivity`,
    ...(choice !== undefined && { choice }),
  });
const shown = (user: string) => JSON.stringify(messageOf(user)?.blocks);

it('does what is clicked, brings the message up to date, and answers who clicked', async () => {
  const message = await toldOf('alice');
  const [first] = await click(message, ANA, 'take');
  expect(first).toMatchObject({ status: 200 });
  // As long as Slack waits; how fast it is, is measured apart.
  expect(first?.ms).toBeLessThan(3_000);
  await slack.until(() => shown('alice').includes('Acknowledged'));
  expect(shown('alice')).toContain('ana has it');
  expect(shown('alice')).not.toContain('"action_id":"acknowledge"');
  expect(await alertOf(message)).toMatchObject({ state: 'acknowledged', assignee: 'ana' });

  await click(present('alice'), ANA, 'resolve', 'false_positive');
  await slack.until(() => shown('alice').includes('Resolved as false positive'));
  expect(shown('alice')).toContain('"action_id":"reopen"');
  expect(await alertOf(message)).toMatchObject({ state: 'resolved', resolution: 'false_positive' });
  await slack.until(() => slack.responses.length >= 2);
  expect(slack.responses.map(({ user, args }) => [user, args.text])).toEqual([
    [ANA, 'Done: you have taken the alert.'],
    [ANA, 'Done: you have resolved the alert.'],
  ]);

  const audited = await eventually(async () => {
    const { json } = await hub.get(
      `/api/events?q=${encodeURIComponent('event.dataset:earshot.audit earshot.audit.via:slack')}&from=now-1h`,
    );
    const { events } = json as { events: { fields: Record<string, unknown> }[] };
    return events.length >= 2 && events;
  });
  expect(audited.map(({ fields }) => fields['user.name'])).toEqual(['ana', 'ana']);
});

it('changes nothing for strangers and for those who may only read, and says why', async () => {
  const message = await toldOf('bob');
  const before = slack.responses.length;
  for (const user of [STRANGER, VERA]) expect(await click(message, user, 'acknowledge')).toMatchObject([{ status: 200 }]);
  await slack.until(() => slack.responses.length === before + 2);
  const told = slack.responses.slice(before).map(({ user, args }) => `${user} ${args.response_type} ${args.text}`);
  expect(told.sort()).toEqual([
    expect.stringMatching(/^USTRANGER1 ephemeral Nothing was done: Earshot does not know who you are/),
    expect.stringMatching(/^UVERA00001 ephemeral Nothing was done: vera, with the role viewer/),
  ]);
  expect((await alertOf(message)).history.map(({ change }) => change)).toEqual(['opened']);
});

it('answers /earshot for whoever types it alone, by what they may see', async () => {
  const ask = async (user: string, text: string) => {
    const { body, headers } = signedCommand(user, text, 'made-up-signing-secret', Date.now());
    const answer = await fetch(`http://127.0.0.1:${hub.ports.api}/slack/commands`, { method: 'POST', headers, body });
    return { status: answer.status, json: await answer.json() };
  };
  expect(await ask(VERA, 'status')).toMatchObject({
    status: 200,
    json: {
      response_type: 'ephemeral',
      text: 'Alerts that you may see: 1 open (1 high), 0 acknowledged, 0 snoozed; yours: 0.\nEarshot takes in, judges and tells.',
    },
  });
  expect(await ask(STRANGER, 'status')).toMatchObject({ json: { text: expect.stringContaining('does not know who you are') } });
});

it('says who touched something, and records who asked', async () => {
  await Promise.all([toldOf('dora'), toldOf('emil')]);
  const url = `http://127.0.0.1:${hub.ports.api}/slack/commands`;
  const asked = async () => {
    const { json } = await slack.command({ url, user: VERA, text: 'who touched dora opened today' });
    const { text } = json as { text: string };
    return text.includes('1 event') && text;
  };
  const text = await eventually(asked);
  expect(text).toMatch(/^\*dora opened\*: 1 name, 1 event, from <!date/);
  expect(text).toMatch(/\n• \*dora\*: 1 event, <!date[^>]+>; vault_opened 1\n/);
  expect(text).not.toContain('emil');
  const { json } = await slack.command({ url, user: STRANGER, text: 'who touched dora' });
  expect(json).toMatchObject({ text: expect.stringContaining('does not know who you are') });
  await eventually(async () => {
    const { json } = await hub.get(
      `/api/events?q=${encodeURIComponent('earshot.audit.kind:who_touched user.name:vera')}%20event.dataset:*audit`,
    );
    return (json as { events: unknown[] }).events.length > 0;
  });
});

it('runs a click once that Slack sends again, and that was kept when the hub was killed', async () => {
  const message = await toldOf('carol');
  expect(await click(message, ANA, 'acknowledge', undefined, 3)).toMatchObject([{ status: 200 }, { status: 200 }, { status: 200 }]);
  await hub.kill('SIGKILL');
  await hub.start();
  await slack.until(() => shown('carol').includes('Acknowledged'));
  const { state, history } = await alertOf(message);
  expect(state).toBe('acknowledged');
  expect(history.filter(({ change }) => change === 'acknowledged')).toEqual([expect.objectContaining({ actor: 'ana' })]);
});
