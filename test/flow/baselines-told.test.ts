import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type SlackApiSimulator, startSlackApi } from '../simulators/slack-api.ts';
import { earshot, eventually, HubProcess } from '../support/hub-process.ts';
import { ruleText } from '../support/sigma-rule.ts';

const BASELINE = `
title: More Failures of su Than Ever
id: 5d2f6a52-7a0e-4a55-9d0a-1f6f4b1f7c13
baseline: { rules: [su_failed], group-by: [host.name], history: 28d, least_history: 10d }
level: high
`;
const DAY = 86_400_000;

vi.setConfig({ testTimeout: 120_000 });

const folder = mkdtempSync(join(tmpdir(), 'earshot-rules-'));
let hub: HubProcess;
let slack: SlackApiSimulator;

beforeAll(async () => {
  const rule = ruleText('selection:\n  event.action: su\n  user.effective.name: root\ncondition: selection');
  writeFileSync(join(folder, 'su_failed.yml'), `name: su_failed\nlevel: informational\n${rule.replace(/^level:.*\n/m, '')}`);
  slack = await startSlackApi();
  hub = await HubProcess.create({
    rules: { shipped: false, folders: [folder] },
    notifiers: { security: { type: 'slack_bot', channel: slack.channel, api_url: slack.apiUrl, token: slack.token } },
    routes: [{ name: 'high', when: { least_level: 'high' }, to: ['security'] }],
  });
  await hub.start();
});

afterAll(async () => {
  await hub.kill('SIGTERM');
  await slack.stop();
  for (const each of [hub.dataDir, folder]) rmSync(each, { recursive: true, force: true });
});

const line = (host: string, at: number): string => `<86>1 ${new Date(at).toISOString()} ${host} su 11 - - FAILED SU (to root) bob on pts/1`;

async function send(lines: readonly string[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const each of lines) await new Promise((done) => socket.send(each, hub.ports.syslog, '127.0.0.1', done));
  socket.close();
}

it('a new baseline knows the past, and tells of more than ever with value, norm and days of history', async () => {
  const days = Array.from({ length: 15 }, (_, i) => Date.now() - (i + 1) * DAY);
  await send([...days.map((at) => line('web01', at)), line('web01', Date.now() - 3 * DAY), line('web02', Date.now() - DAY)]);
  await eventually(async () => {
    const { stdout } = await earshot(['search', 'event.action:su', '--json', '--since', '30d', '--config', hub.configFile]);
    return stdout.split('\n').filter((each) => each !== '').length === 17;
  });
  writeFileSync(join(folder, 'more_su.yml'), BASELINE);
  const reloaded = await earshot(['reload', '--config', hub.configFile]);
  expect(reloaded.code, reloaded.stderr).toBe(0);
  await eventually(async () => hub.log.includes('what correlations count is complete'));
  // Of a moment, as a day may end between two.
  const now = Date.now();
  await send([line('web01', now), line('web01', now), ...Array.from({ length: 5 }, () => line('web02', now))]);
  await new Promise((later) => setTimeout(later, 5_000));
  expect(slack.messages).toEqual([]);
  await send([line('web01', now)]);
  await slack.until(() => slack.messages.length === 1);
  expect(slack.messages[0]?.text).toContain('[HIGH] More Failures of su Than Ever');
  const { json } = await hub.get('/api/alerts');
  // Those of the rule alone are from before.
  const { alerts } = json as { alerts: readonly { readonly kind: string }[] };
  expect(alerts.filter(({ kind }) => kind !== 'rule')).toMatchObject([
    {
      kind: 'baseline',
      rule_name: 'more_su',
      group: { 'host.name': 'web01' },
      count: 3,
      because: ['3 events a day; the most on a day was 2, in 15 days of history'],
    },
  ]);
  const rules = await hub.get('/api/rules');
  expect(rules.json).toMatchObject({ rules: expect.arrayContaining([expect.objectContaining({ name: 'more_su', kind: 'baseline' })]) });
});
