import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type SlackApiSimulator, startSlackApi } from '../simulators/slack-api.ts';
import { eventually, HubProcess } from '../support/hub-process.ts';

const EXPECT_SECS = 4;
const RULE = `
title: A host has gone silent
id: 5d2f6a52-7a0e-4a55-9d0a-1f6f4b1f7c21
description: A host that used to speak does not.
level: high
silence: { of: host, expect: ${EXPECT_SECS}s }
`;

const TEST = `
rule: host_silent
tests:
  - name: tells
    timeline: [{ at: 0, raw: 'here' }]
    ends: 1m
    expect: alert
`;

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

const folder = mkdtempSync(join(tmpdir(), 'earshot-silence-'));
let hub: HubProcess;
let slack: SlackApiSimulator;
let token: string;

interface ListedAlert {
  readonly id: string;
  readonly state: string;
  readonly opened_at: string;
  readonly group: Readonly<Record<string, string>>;
}

beforeAll(async () => {
  writeFileSync(join(folder, 'host_silent.yml'), RULE);
  writeFileSync(join(folder, 'host_silent.test.yml'), TEST);
  slack = await startSlackApi();
  hub = await HubProcess.create({
    rules: { shipped: false, folders: [folder] },
    notifiers: { security: { type: 'slack_bot', channel: slack.channel, api_url: slack.apiUrl, token: slack.token } },
    routes: [{ name: 'all', to: ['security'] }],
  });
  await hub.start();
  const body = JSON.stringify({ name: 'hosts', scopes: ['ingest'] });
  const { json } = await hub.post('/api/tokens', body, { 'content-type': 'application/json' });
  token = (json as { token: string }).token;
});

afterAll(async () => {
  await hub.kill('SIGTERM');
  await slack.stop();
  for (const each of [hub.dataDir, folder]) rmSync(each, { recursive: true, force: true });
});

async function speak(...hosts: readonly string[]): Promise<void> {
  const lines = hosts.map((name) =>
    JSON.stringify({ message: 'here', event: { action: 'beat' }, observer: { vendor: 'Segura', product: 'Segura' }, host: { name } }),
  );
  const headers = { 'content-type': 'application/x-ndjson', authorization: `Bearer ${token}` };
  const sent = await fetch(`http://127.0.0.1:${hub.ports.api}/ingest/http`, { method: 'POST', headers, body: lines.join('\n') });
  expect(sent.status).toBe(200);
}

/** Oldest first. */
async function alertsOf(host: string): Promise<ListedAlert[]> {
  const { json } = await hub.get('/api/alerts?states=open,resolved');
  const { alerts } = json as { alerts: ListedAlert[] };
  return alerts.filter(({ group }) => group['host.name'] === host).toSorted((a, b) => (a.opened_at < b.opened_at ? -1 : 1));
}

const shown = (host: string) =>
  slack.messages
    .filter(({ blocks, threadTs }) => threadTs === undefined && JSON.stringify(blocks).includes(host))
    .map(({ blocks }) => JSON.stringify(blocks));

it('tells once of a host that has gone silent, takes it back when it speaks, and tells of the next silence anew', async () => {
  await speak('db1.example.com', 'web1.example.com');
  const spoken = Date.now();
  const talking = setInterval(() => void speak('web1.example.com').catch(() => undefined), 500);
  try {
    const first = await eventually(async () => (await alertsOf('db1.example.com'))[0]);
    expect(Date.now() - spoken).toBeGreaterThanOrEqual(EXPECT_SECS * 1000);
    expect(first.state).toBe('open');
    await slack.until(() => shown('db1.example.com').length === 1);
    await sleep(3_000);
    expect(await alertsOf('db1.example.com')).toHaveLength(1);
    expect(shown('db1.example.com')).toHaveLength(1);
    expect(shown('db1.example.com')[0]).toContain('Last heard');
    expect(shown('db1.example.com')[0]).not.toContain('*Events*');

    await speak('db1.example.com');
    await eventually(async () => ((await alertsOf('db1.example.com'))[0]?.state === 'resolved' ? true : undefined));
    await slack.until(() => shown('db1.example.com')[0]?.includes('Resolved') === true);
    const { json } = await hub.get(`/api/alerts/${first.id}`);
    expect((json as { history: unknown[] }).history.at(-1)).toMatchObject({
      change: 'resolved',
      actor: 'earshot',
      note: 'it speaks again',
    });

    const second = await eventually(async () => (await alertsOf('db1.example.com'))[1]);
    expect(second.id).not.toBe(first.id);
    expect(await alertsOf('web1.example.com')).toEqual([]);
  } finally {
    clearInterval(talking);
  }
});

it('is among the rules, with what it watches and the file it is from', async () => {
  const { json } = await hub.get('/api/rules');
  expect(json).toMatchObject({
    rules: [
      {
        kind: 'silence',
        name: 'host_silent',
        words: `each host.name that does not speak any more; configured: silent for more than ${EXPECT_SECS} s, forgotten after 14 d`,
        tests: { match: 1, no_match: 0 },
      },
    ],
  });
  const one = await hub.get('/api/rules/host_silent');
  expect(one.json).toMatchObject({ text: RULE, changed: false, cases: [{ name: 'tells', expect: 'alert' }] });
});

it('neither tells of its own downtime nor forgets over a restart what it has told', async () => {
  await speak('mail1.example.com');
  await sleep(1_500);
  await hub.kill('SIGKILL');
  await sleep((EXPECT_SECS + 2) * 1000);
  await hub.start();
  // It is up, and for as long as senders may take to come back nothing is told: nobody is blamed for our downtime.
  await speak('mail1.example.com');
  await sleep(1_500);
  expect(await alertsOf('mail1.example.com')).toEqual([]);
  const told = await eventually(async () => (await alertsOf('mail1.example.com'))[0]);
  expect(told.state).toBe('open');

  await hub.kill('SIGTERM');
  await hub.start();
  await sleep((EXPECT_SECS + 3) * 1000);
  expect(await alertsOf('mail1.example.com')).toHaveLength(1);
  expect(shown('mail1.example.com')).toHaveLength(1);
  await speak('mail1.example.com');
  await eventually(async () => ((await alertsOf('mail1.example.com'))[0]?.state === 'resolved' ? true : undefined));
});
