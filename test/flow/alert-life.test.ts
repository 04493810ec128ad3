import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AlertDetailJson } from '../../src/api/contract/alerts.ts';
import { eventually, HubProcess } from '../support/hub-process.ts';

let hub: HubProcess;

beforeAll(async () => {
  hub = await HubProcess.create();
  await hub.start();
});
afterAll(async () => {
  await hub.kill('SIGTERM');
  rmSync(hub.dataDir, { recursive: true, force: true });
});

const post = (path: string, body: object) => hub.post(path, JSON.stringify(body), { 'content-type': 'application/json' });
const detail = async (id: string) => (await hub.get(`/api/alerts/${id}`)).json as AlertDetailJson;
const list = async (query: string) => ((await hub.get(`/api/alerts?${query}`)).json as { alerts: AlertDetailJson[] }).alerts;
const refuseSudo = (user: string) =>
  new Promise<void>((resolve, reject) => {
    const socket = connect(hub.ports.syslog, '127.0.0.1');
    socket.once('error', reject);
    const text = `${user} : user NOT in sudoers ; TTY=pts/0 ; PWD=/home/${user} ; USER=root ; COMMAND=/bin/bash`;
    socket.end(`<85>1 ${new Date().toISOString()} web01 sudo - - - ${text}\n`, resolve);
  });

it('an alert lives through everything that people do with it, and through a killed hub', async () => {
  await refuseSudo('mallory');
  const alert = await eventually(async () => (await list('states=open&about=mallory'))[0]);
  const path = `/api/alerts/${alert.id}`;

  expect(await post(`${path}/changes`, { act: { kind: 'take' }, revision: alert.revision })).toMatchObject({
    status: 200,
    json: { state: 'acknowledged', assignee: 'local' },
  });
  expect(await post(`${path}/changes`, { act: { kind: 'unassign' }, revision: alert.revision })).toMatchObject({ status: 409 });
  await post(`${path}/changes`, { act: { kind: 'comment' }, note: 'asked him' });

  const until = new Date(Date.now() + 3_000).toISOString();
  expect(await post(`${path}/state`, { state: 'snoozed', until })).toMatchObject({ status: 200, json: { snoozed_until: until } });
  await hub.kill('SIGKILL');
  await hub.start();
  const woken = await eventually(async () => {
    const now = await detail(alert.id);
    return now.state === 'open' && now;
  });
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(until));
  expect(woken.history.map(({ change }) => change)).toEqual(['opened', 'assigned', 'acknowledged', 'commented', 'snoozed', 'woke']);

  await post(`${path}/state`, { state: 'resolved', resolution: 'true_positive', note: 'account closed' });
  await refuseSudo('mallory');
  const next = await eventually(async () => (await list('states=open&about=mallory'))[0]);
  expect(next.id).not.toBe(alert.id);
  expect(await hub.get(`/api/alerts/${next.id}/related`)).toMatchObject({
    json: { earlier: [{ id: alert.id, resolution: 'true_positive' }] },
  });
  const unusual = await eventually(async () => {
    const { json } = await hub.get(`/api/alerts/${next.id}/unusual`);
    return (json as { rule_events: number }).rule_events === 1 && json;
  });
  expect(unusual).toMatchObject({ rule_people: 1, group_events: 1, group_days: 1, person: { name: 'mallory', rule_events: 1 } });

  const { events } = await detail(next.id);
  const found = await hub.get(`/api/events/histogram?${new URLSearchParams(events)}`);
  expect(found.json).toMatchObject({ total: next.count });

  expect((await hub.get('/api/alerts/stats?by=rule')).json).toMatchObject({
    all: { opened: 2, acknowledged: 1, resolved: 1, resolutions: { true_positive: 1 } },
    groups: [{ value: 'linux_sudo_not_in_sudoers', opened: 2 }],
  });
  const metrics = (await hub.getText('/metrics')).text;
  expect(metrics).toMatch(/^earshot_alert_resolve_seconds_count\{level="medium"\} 1$/m);
  expect((await hub.get('/api/alerts/counts')).json).toMatchObject({ total: 2, states: { open: 1, resolved: 1 } });
});
