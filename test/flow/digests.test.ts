import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decode } from 'fast-png';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { WEEKDAYS } from '../../src/digest/period.ts';
import { type SlackApiSimulator, startSlackApi } from '../simulators/slack-api.ts';
import { type SlackSimulator, startSlackSimulator } from '../simulators/slack-webhook.ts';
import { earshot, eventually, HubProcess } from '../support/hub-process.ts';
import { VAULT_RULE } from '../support/vault-rule.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const DAY = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), 'earshot-rules-'));
/** When the weekly digest is due: after all that is done here. */
const inTwoDays = WEEKDAYS[(new Date().getUTCDay() + 1) % 7];
let hub: HubProcess;
let slack: SlackApiSimulator;
let webhook: SlackSimulator;

beforeAll(async () => {
  writeFileSync(join(folder, 'vault_opened.yml'), VAULT_RULE);
  slack = await startSlackApi({ limited: false });
  webhook = await startSlackSimulator({ limited: false });
  hub = await HubProcess.create(
    {
      rules: { shipped: false, folders: [folder] },
      notifiers: {
        security: { type: 'slack_bot', channel: slack.channel, api_url: slack.apiUrl, token: slack.token },
        managers: { type: 'slack_webhook', url: webhook.url },
      },
      // No alert is told by itself: what comes is the digest.
      routes: [],
      digests: [
        { name: 'daily', to: 'security', every: 'day', at: '00:00', least_level: 'low' },
        { name: 'managers', to: 'managers', every: 'day', at: '00:00', least_level: 'low' },
        { name: 'weekly', to: 'security', weekday: inTwoDays },
      ],
    },
    { nodeOptions: ['--import', './test/support/clock-preload.ts'] },
  );
  await hub.start({ EARSHOT_CLOCK_OFFSET_SECS: '0' });
});

afterAll(async () => {
  await hub.kill('SIGTERM');
  await slack.stop();
  await webhook.stop();
  for (const each of [hub.dataDir, folder]) rmSync(each, { recursive: true, force: true });
});

const opened = async (...users: readonly string[]) => {
  const lines = users.map((name) =>
    JSON.stringify({
      message: 'opened',
      event: { action: 'vault_opened' },
      observer: { vendor: 'Segura', product: 'Segura' },
      user: { name },
    }),
  );
  await hub.post('/ingest/http', lines.join('\n'), { 'content-type': 'application/x-ndjson' });
  await eventually(async () => ((await hub.get('/api/alerts')).json as { alerts: unknown[] }).alerts.length >= users.length);
};
const shown = () => slack.messages.map(({ text }) => text);
/** Noon of tomorrow: the digest of today was due at midnight. */
const tomorrow = { EARSHOT_CLOCK_OFFSET_SECS: `${Math.round((Math.floor(Date.now() / DAY) * DAY + 1.5 * DAY - Date.now()) / 1_000)}` };

it('says beforehand what it would say', async () => {
  await opened('alice', 'bob <!channel>');
  const listed = await earshot(['digest', '--config', hub.configFile]);
  expect(listed.stdout.split('\n')).toMatchObject([
    expect.stringMatching(/^daily\tevery day\tto security\tnext \S+T00:00:00.000Z/),
    expect.stringMatching(/^managers\tevery day\tto managers\t/),
    expect.stringMatching(/^weekly\tevery week\tto security\t/),
    '',
  ]);
  const which = await earshot(['digest', '--preview', '--config', hub.configFile]);
  expect([which.code, which.stderr]).toEqual([1, 'say which: daily, managers, weekly\n']);
  const said = await earshot(['digest', 'daily', '--preview', '--config', hub.configFile]);
  expect(said.stdout).toMatch(
    /^📊 daily: \S+ \d+ \S+ \d{4} \(UTC\)\.\nNo alert of level low and above\. There is no whole day before to compare with\.\n/,
  );
  expect(said.stdout).toContain('⚠️ Earshot runs since ');
  expect(said.stdout).toMatch(/Open now: 2 of level low and above, all of them nobody's\. The oldest:\n/);
  expect(said.stdout).toContain('(bob <!channel>)');
  expect((await earshot(['digest', 'none', '--preview', '--config', hub.configFile])).code).toBe(1);
});

it('tells of a day late when the hub was down, once whatever is killed, and says what it did not hear', async () => {
  await hub.kill('SIGKILL');
  await hub.start(tomorrow);
  await slack.until(() => slack.messages.length > 0);
  await webhook.posted(1);
  const [told = ''] = shown();
  expect(told).toMatch(/\*2 alerts of level low and above\*: 2 \S+\. There is no whole day before/);
  expect(told).toMatch(/⏰ This is late: it was due on \S+ \d+ \S+ \d{4} 00:00\.\n/);
  expect(told).toMatch(/⚠ A hub heard nothing for .+ of this day/);
  expect(told).toMatch(/\n1\. \S+ \*Vault Opened\*: 2\n/);
  // What an event says stays text.
  expect(told).toContain('bob &lt;!channel&gt;');
  expect(JSON.stringify(slack.messages[0]?.blocks)).not.toContain('<!channel>');
  expect(slack.messages[0]?.blocks.at(-1)).toMatchObject({
    type: 'image',
    alt_text: expect.stringMatching(/^Alerts over time by severity\. 00-04: \d/),
  });
  expect(decode(slack.files.uploads[0]?.bytes ?? Buffer.alloc(0))).toMatchObject({ width: 720, height: 300 });
  expect(webhook.messages[0]?.text).toContain('*2 alerts of level low and above*: 2 ');
  expect(webhook.messages[0]?.text).toMatch(/`\d\d-\d\d\u2007█+\u20072` 2 /);

  // What a webhook has got is not known until its answer is written down, and cannot be looked up.
  await eventually(async () =>
    /earshot_whispers_total\{notifier="managers",verdict="delivered"\} 1/.test((await hub.getText('/metrics')).text),
  );
  for (let round = 0; round < 2; round++) {
    await hub.kill('SIGKILL');
    await hub.start(tomorrow);
    await sleep(6_000);
  }
  expect([slack.messages.length, webhook.messages.length]).toEqual([1, 1]);
  const { json } = await hub.get(`/api/events?q=${encodeURIComponent('event.dataset:earshot.audit event.action:digest_told')}`);
  expect((json as { events: unknown[] }).events).toHaveLength(2);
});
