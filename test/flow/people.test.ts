import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, HubProcess } from '../support/hub-process.ts';
import { mmdb } from '../support/mmdb.ts';

let hub: HubProcess;

beforeAll(async () => {
  hub = await HubProcess.create();
  const people = join(hub.dataDir, 'people.yaml');
  writeFileSync(people, 'people:\n  - id: bob\n    name: Bob Jones\n    names: [bjones]\n    leaving_date: 2026-12-31\n');
  const networks = join(hub.dataDir, 'asn.mmdb');
  writeFileSync(
    networks,
    mmdb([{ address: '203.0.113.0', bits: 24, data: { autonomous_system_number: 64_496, autonomous_system_organization: 'Example Net' } }]),
  );
  const settings = `people: { files: [${people}], domains: [example.com] }\nenrich: { networks: { asn_file: ${networks} } }\n`;
  appendFileSync(hub.configFile, settings);
  await hub.start();
}, 60_000);
afterAll(async () => {
  await hub.kill('SIGTERM');
  rmSync(hub.dataDir, { recursive: true, force: true });
}, 30_000);

const hourOf = (iso: string) => new Date(iso).getUTCHours();

let sent = 0;
/** Sends a line of sshd and waits until it is found. */
async function login(user: string, address: string): Promise<Record<string, unknown>> {
  sent += 1;
  const port = 40_000 + sent;
  const line = `<86>1 ${new Date().toISOString()} web01.example.com sshd 812 - - Accepted publickey for ${user} from ${address} port ${port} ssh2\n`;
  const socket = connect(hub.ports.syslog, '127.0.0.1');
  await new Promise<void>((resolve, reject) => socket.once('error', reject).end(line, resolve));
  return await eventually(async () => {
    const { json } = await hub.get(`/api/events?q=source.port:${port}`);
    return (json as { events: { fields: Record<string, unknown> }[] }).events[0]?.fields;
  });
}

describe('people and lists of a running hub', () => {
  it('are on the events of persons of a file, whatever the name', async () => {
    expect(await login('bjones@example.com', '192.0.2.10')).toMatchObject({
      'earshot.person.id': ['bob'],
      'user.full_name': 'Bob Jones',
      'earshot.person.leaving': true,
      'earshot.person.leaving_date': '2026-12-31',
    });
    const found = await hub.get('/api/events/top?q=earshot.person.leaving:true&field=earshot.person.id');
    expect(found.json).toMatchObject({ total: 1, values: [{ value: 'bob', count: 1 }] });
  });

  it('a list counts for the next event once its change is answered', async () => {
    const before = await login('bjones', '198.51.100.7');
    expect(before).not.toHaveProperty(['earshot.lists']);
    await hub.post('/api/lists', JSON.stringify({ name: 'guests', kind: 'cidr', reason: 'test' }), { 'content-type': 'application/json' });
    const body = JSON.stringify({ values: ['198.51.100.0/24'], reason: 'visitors' });
    const put = await hub.post('/api/lists/guests/entries', body, { 'content-type': 'application/json' });
    expect(put).toMatchObject({ status: 200, json: { entries: 1 } });
    expect(await login('bjones', '198.51.100.7')).toMatchObject({ 'earshot.source.lists': ['guests'] });
  });

  it('show a person with all names, hours and places', async () => {
    const { json } = await hub.get('/api/people/bob/activity?time_zone=UTC');
    const activity = json as { hours: { hour: number; count: number }[]; last: string };
    expect(activity).toMatchObject({
      total: 3,
      acting: 3,
      names: expect.arrayContaining([expect.objectContaining({ value: 'bjones', count: 2 })]),
      addresses: expect.arrayContaining([expect.objectContaining({ value: '198.51.100.7', count: 2 })]),
      datasets: [expect.objectContaining({ value: 'linux.auth', count: 3 })],
      hosts: [expect.objectContaining({ value: 'web01.example.com' })],
    });
    expect(activity.hours.map(({ hour }) => hour)).toContain(hourOf(activity.last));
    const { json: unknown } = await hub.get('/api/people-unknown?q=jon');
    expect(unknown).toMatchObject({ names: [] });
    expect(await login('mallory', '203.0.113.5')).toMatchObject({
      'source.as.number': 64_496,
      'source.as.organization.name': 'Example Net',
    });
    expect((await hub.get('/api/people-unknown')).json).toMatchObject({ names: expect.arrayContaining([{ name: 'mallory', count: 1 }]) });
    expect((await hub.get('/api/people/name%3Amallory/activity')).json).toMatchObject({ total: 1 });
    expect((await hub.get('/api/people/bob/sessions')).status).toBe(200);
    expect((await hub.get('/api/people/bob/alerts')).status).toBe(200);
  });

  it('come over SCIM, are on events within seconds, and have a page', async () => {
    const user = { userName: 'carol@example.com', externalId: 'W012J3F', displayName: 'Carol Doe', active: true };
    const made = await hub.post('/scim/v2/Users', JSON.stringify(user), { 'content-type': 'application/scim+json' });
    expect(made.status).toBe(201);
    const { id } = made.json as { id: string };
    await eventually(async () => ((await hub.get('/api/people?q=carol')).json as { found: number }).found === 1);
    expect(await login('carol', '192.0.2.20')).toMatchObject({ 'earshot.person.id': [id], 'user.full_name': 'Carol Doe' });
    expect((await hub.get(`/api/people/${id}`)).json).toMatchObject({
      title: 'Carol Doe',
      names: expect.arrayContaining(['carol', 'w012j3f']),
    });
    expect((await hub.get(`/api/people/${id}/activity`)).json).toMatchObject({ total: 1, addresses: [{ value: '192.0.2.20' }] });
  });

  it('looking at a person is in the audit trail', async () => {
    await hub.get('/api/people/bob');
    await eventually(async () => {
      const { json } = await hub.get(
        '/api/events/top?q=event.dataset:earshot.audit%20AND%20event.action:person_view&field=earshot.audit.person',
      );
      return (json as { values: { value: string }[] }).values.some(({ value }) => value === 'bob');
    });
  });
});
