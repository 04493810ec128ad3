import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { SlackAllowListSimulator, serveSlackAllowList } from '../simulators/slack-allow-list.ts';
import { earshot, eventually, HubProcess } from '../support/hub-process.ts';

vi.setConfig({ testTimeout: 60_000 });

const JSON_BODY = { 'content-type': 'application/json' };
let hub: HubProcess;
let slack: SlackAllowListSimulator;
let stop: () => Promise<void>;

beforeAll(async () => {
  slack = new SlackAllowListSimulator({ cidrs: ['203.0.113.5/24'], asns: [34_245] });
  const served = await serveSlackAllowList(slack);
  stop = served.stop;
  hub = await HubProcess.create(
    { acts: { systems: { slack: { type: 'slack_sessions', token: slack.token, api_url: served.apiUrl } } } },
    { nodeOptions: ['--import', './test/support/clock-preload.ts'] },
  );
  await hub.start({ EARSHOT_CLOCK_OFFSET_SECS: '0' });
  await hub.post('/api/lists', JSON.stringify({ name: 'trusted_ranges', kind: 'cidr', reason: 'offices' }), JSON_BODY);
  await hub.post('/api/lists/trusted_ranges/entries', JSON.stringify({ values: ['192.0.2.0/24'], reason: 'Lisbon' }), JSON_BODY);
});

afterAll(async () => {
  await hub.kill('SIGTERM');
  await stop();
  rmSync(hub.dataDir, { recursive: true, force: true });
});

const command = (...args: string[]) => earshot(['trusted-networks', '--config', hub.configFile, ...args]);

it('are shown, and changed by who agrees; Slack has the whole list then, and the trail has who and why', async () => {
  const shown = await command();
  expect(shown.stdout).toBe('only slack\t203.0.113.0/24\nonly slack\tAS34245\nonly the lists\t192.0.2.0/24\n');

  const asked = await command('--add');
  expect(asked).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing was changed: say --yes') });
  expect(slack.list.cidrs).toEqual(['203.0.113.5/24']);

  const changed = await command('--add', '--remove', 'AS34245', '--yes', '--reason', 'the provider was left');
  expect(changed).toMatchObject({ code: 0, stdout: 'slack trusts 2 networks now, read after it was written\n' });
  expect(slack.list).toEqual({ cidrs: ['203.0.113.5/24', '192.0.2.0/24'], asns: [] });

  const event = await eventually(async () => {
    const { json } = await hub.get('/api/events?q=event.dataset:earshot.audit%20AND%20event.action:trusted_networks_change');
    return (json as { events: { fields: Record<string, unknown> }[] }).events[0]?.fields;
  });
  expect(event).toMatchObject({
    'event.outcome': 'success',
    'earshot.audit.system': 'slack',
    'earshot.audit.added': ['192.0.2.0/24'],
    'earshot.audit.removed': ['AS34245'],
    'earshot.audit.reason': 'the provider was left',
  });
});

it('are changed by an administrator alone, and not over the head of another', async () => {
  const made = await hub.post('/api/tokens', JSON.stringify({ name: 'responder', scopes: ['respond'] }), JSON_BODY);
  const headers = { ...JSON_BODY, authorization: `Bearer ${(made.json as { token: string }).token}` };
  const url = `http://127.0.0.1:${hub.ports.api}/api/trusted-networks`;
  const { version } = (await (await fetch(url, { headers })).json()) as { version: string };
  const body = JSON.stringify({ version, add: true, remove: [] });
  expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(403);

  slack.list.asns.push(64_500);
  const late = await hub.post('/api/trusted-networks', JSON.stringify({ version, remove: ['192.0.2.0/24'] }), JSON_BODY);
  expect(late).toMatchObject({ status: 409, json: { code: 'EAR_API_CONFLICT' } });
  expect(slack.list.cidrs).toContain('192.0.2.0/24');
});

it('raise an alert where they have come to differ since the day before, once', async () => {
  slack.list.cidrs.push('198.51.100.0/24');
  await hub.kill('SIGTERM');
  await hub.start({ EARSHOT_CLOCK_OFFSET_SECS: `${25 * 3_600}` });
  const alerts = await eventually(async () => {
    const { json } = await hub.get('/api/alerts');
    const found = (json as { alerts: { rule_name: string; level: string; count: number }[] }).alerts.filter(({ rule_name: name }) =>
      name.startsWith('earshot_networks'),
    );
    return found.length > 0 && found;
  });
  const message = expect.stringMatching(/^What slack trusts and the lists differ anew: slack alone trusts 198\.51\.100\.0\/24/);
  expect(alerts).toMatchObject([
    { rule_name: 'earshot_networks_trusted_elsewhere', level: 'medium', count: 1, evidence: [expect.objectContaining({ message })] },
  ]);
});
