import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { SlackSessionsSimulator } from '../simulators/slack-sessions.ts';
import { earshot, eventually, HubProcess } from '../support/hub-process.ts';
import { type SlackOrganization, startSlackOrganization } from '../support/slack-organization.ts';

vi.setConfig({ testTimeout: 60_000 });

const [BEN, EVA] = ['W0EXAMPLE02', 'W0EXAMPLE03'];
const RULE = 'slack_signed_out_by_administrator';

let hub: HubProcess;
let organization: SlackOrganization;
let slack: SlackSessionsSimulator;

beforeAll(async () => {
  organization = await startSlackOrganization(
    [
      { id: BEN, name: 'Ben Martin', email: 'ben@example.com', sessions: [{ id: 1, device: 'web', os: 'OS', ip: '192.0.2.9' }] },
      { id: EVA, name: 'Eva Ott', email: 'eva@example.com', sessions: [] },
    ],
    1_500,
  );
  slack = organization.sessions;
  hub = await HubProcess.create({
    sources: {
      http: { type: 'http' },
      slack: organization.source,
    },
    acts: organization.acts,
  });
  await hub.start();
});

afterAll(async () => {
  await hub.kill('SIGTERM');
  await organization.stop();
  rmSync(hub.dataDir, { recursive: true, force: true });
});

interface ActSeen {
  readonly id: string;
  readonly state: string;
  readonly stands: string;
  readonly proofs: readonly { readonly action: string; readonly event_id: string }[];
  readonly history: readonly { readonly state: string }[];
}

async function post(path: string, body: unknown): Promise<ActSeen> {
  const { status, json } = await hub.post(path, JSON.stringify(body), { 'content-type': 'application/json' });
  expect({ status, json }).toMatchObject({ status: 200 });
  return json as ActSeen;
}
const get = async (id: string) => (await hub.get(`/api/acts/${id}`)).json as ActSeen;
const until = (id: string, ...states: string[]) =>
  eventually(async () => {
    const act = await get(id);
    return states.includes(act.state) && act;
  });

async function signOut(...targets: string[]): Promise<string> {
  const { id } = await post('/api/acts', { targets, reason: 'a test' });
  await post(`/api/acts/${id}/confirm`, {});
  return id;
}

interface Found {
  readonly fields: Readonly<Record<string, unknown>>;
}
const entries = async (q: string): Promise<readonly Found[]> => {
  const { json } = await hub.get(`/api/events?from=now-1h&q=${encodeURIComponent(q)}`);
  return (json as { events: readonly Found[] }).events;
};
const alerts = async (): Promise<readonly { readonly id: string; readonly count: number }[]> => {
  const { json } = await hub.get(`/api/alerts?rule=${RULE}`);
  return (json as { alerts: readonly { id: string; count: number }[] }).alerts;
};

it('signs somebody out, proves it by Slack’s own log, and raises no alert of itself', async () => {
  const id = await signOut('ben@example.com');
  const proven = await until(id, 'proven');
  expect(proven.history.map(({ state }) => state)).toEqual(['planned', 'confirmed', 'running', 'done', 'proven']);
  expect(proven.proofs).toMatchObject([{ action: 'user_session_reset_by_admin' }]);
  const [entry] = await eventually(async () => {
    const found = await entries(`earshot.act.id:${id}`);
    return found.length > 0 && found;
  });
  expect(entry?.fields).toMatchObject({ 'event.action': 'user_session_reset_by_admin', 'user.target.id': BEN });
  expect(slack.people[0]?.sessions).toEqual([]);
  await hub.post('/api/control/drain', '');
  expect(await alerts()).toEqual([]);
  const trail = await eventually(async () => {
    const found = await entries(`event.dataset:earshot.audit earshot.audit.act_id:${id}`);
    return found.length >= 5 && found;
  });
  expect(trail.map(({ fields }) => fields['event.action']).sort()).toEqual(
    ['act_confirmed', 'act_done', 'act_planned', 'act_proven', 'act_running'].sort(),
  );
});

it('raises an alert of a sign-out that Earshot did not do, also beside its own and of the same person by the same account', async () => {
  const id = await signOut(EVA);
  slack.resetByHand(EVA);
  await until(id, 'proven');
  const [alert] = await eventually(async () => {
    const found = await alerts();
    return found.length > 0 && found;
  });
  expect(alert?.count).toBe(1);
  const both = await eventually(async () => {
    const found = await entries(`event.action:user_session_reset_by_admin user.target.id:${EVA}`);
    return found.length === 2 && found;
  });
  expect(both.filter(({ fields }) => fields['earshot.act.id'] === id)).toHaveLength(1);
  // A name that the alert's own entries have is who they say, once they are stored.
  const named = await post('/api/acts', { targets: ['eva ott'], alert_id: alert?.id });
  expect(named).toMatchObject({ targets: [{ id: EVA }], alert_id: alert?.id });
  await post(`/api/acts/${named.id}/cancel`, {});
});

it('knows its own entry of many people, and of one session', async () => {
  slack.people[1]?.sessions.push({ id: 7, device: 'web', os: 'OS', ip: '192.0.2.9' });
  const { id: one } = await post('/api/acts', { targets: [EVA], session: '7' });
  await post(`/api/acts/${one}/confirm`, {});
  expect((await until(one, 'proven')).proofs).toMatchObject([{ action: 'user_session_invalidated' }]);
  const before = (await alerts()).reduce((sum, { count }) => sum + count, 0);
  const many = await signOut(BEN, EVA);
  expect((await until(many, 'proven')).proofs).toMatchObject([{ action: 'bulk_session_reset_by_admin' }]);
  await hub.post('/api/control/drain', '');
  expect((await alerts()).reduce((sum, { count }) => sum + count, 0)).toBe(before);
});

it('does not believe a sender that marks its events, or speaks for Slack', async () => {
  const id = await signOut(BEN);
  await until(id, 'proven');
  const second = Math.floor(Date.now() / 1_000);
  const user = (name: string, of: string) => ({ type: 'user', user: { id: of, name, email: `${name}@example.com`, team: 'T0123456789' } });
  const forged = {
    id: 'f0000000-0000-4000-8000-000000000001',
    date_create: second,
    action: 'user_session_reset_by_admin',
    actor: user('joana', 'W0ADMIN0001'),
    entity: user('ben', BEN),
    context: { location: { type: 'enterprise', id: 'E0EXAMPLE', name: 'Acme', domain: 'acme' }, ua: 'x', ip_address: '192.0.2.66' },
    details: { mobile_only: false, web_only: false },
    earshot: { act: { id } },
    'earshot.act.id': id,
  };
  const token = (
    await hub.post('/api/tokens', JSON.stringify({ name: 'forger', scopes: ['ingest'] }), { 'content-type': 'application/json' })
  ).json as { token: string };
  const sent = await fetch(`http://127.0.0.1:${hub.ports.api}/ingest/http`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${token.token}` },
    body: JSON.stringify(forged),
  });
  expect(sent.status).toBe(200);
  const found = await eventually(async () => {
    const events = await entries('source.ip:192.0.2.66');
    return events.length > 0 && events;
  });
  expect(found[0]?.fields['event.action']).toBe('user_session_reset_by_admin');
  expect(found[0]?.fields['earshot.act.id']).toBeUndefined();
});

it('is asked for on the command line, which shows it first, and asks', async () => {
  const config = ['--config', hub.configFile];
  const resets = () => slack.calls.filter(({ method }) => method === 'admin.users.session.reset').length;
  const before = resets();
  const shown = await earshot(['sign-out', 'eva@example.com', '--devices', 'mobile', '--reason', 'a test', ...config]);
  expect(shown).toMatchObject({ code: 1, stdout: '' });
  expect(shown.stderr).toContain('it signs Eva Ott (eva@example.com) out of Slack on phones and tablets alone.');
  expect(resets()).toBe(before);
  const id = /--confirm ([0-9a-f]{16})/.exec(shown.stderr)?.[1] ?? '';
  const done = await earshot(['sign-out', '--confirm', id, '--proof', ...config]);
  expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining('done and proven') });
  expect(resets()).toBe(before + 1);
  const again = await earshot(['sign-out', '--confirm', id, ...config]);
  expect(again.code).toBe(1);
  expect(again.stderr).toContain('it is proven already');
  expect((await earshot(['sign-out', '--list', ...config])).stdout).toContain(id);
  const wrong = await earshot(['sign-out', 'eva@example.com', '--devices', 'fridge', ...config]);
  expect(wrong).toMatchObject({ code: 2 });
});

it('is settled by the log when the hub is killed between the call and its record', async () => {
  slack.script({ on: 'admin.users.session.reset', kind: 'hang', act: true });
  const before = slack.calls.length;
  const id = await signOut(BEN);
  await eventually(async () => slack.calls.slice(before).some(({ method }) => method === 'admin.users.session.reset'));
  await hub.kill('SIGKILL');
  await hub.start();
  const proven = await until(id, 'proven');
  expect(proven.history.map(({ state }) => state)).toEqual(expect.arrayContaining(['running', 'proven']));
  expect(slack.calls.slice(before).filter(({ method }) => method === 'admin.users.session.reset')).toHaveLength(1);
});
