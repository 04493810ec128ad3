import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { as, NOW, setUpApi } from '../../test/support/api.ts';
import { blockOf, hitOf } from '../../test/support/detected.ts';
import { type TestState, testState } from '../../test/support/state.ts';
import { untoldAlerting } from '../../test/support/untold-alerting.ts';
import { createAlerts } from '../alert/alerts.ts';
import type { Fields } from '../model/event.ts';
import { alertCountsEndpoint, changeAlertsEndpoint, oneAlertEndpoint, relatedAlertsEndpoint } from './contract/alerts.ts';
import { listOutboxEndpoint } from './contract/outbox.ts';
import type { OutboxItem } from './deps.ts';
import { createApi } from './server.ts';

const HOUR = 3_600_000;

/** Who may see only what: tokens of these names. */
const DATASETS: Readonly<Record<string, readonly string[]>> = {
  ear_admin: ['*'],
  ear_linux: ['linux.*'],
  ear_vault: ['cef'],
  ear_none: [],
};

let place: TestState;
let app: FastifyInstance;
let audits: ReturnType<typeof setUpApi>['audits'];
/** Alerts that are to be told. */
let queued: readonly string[] = [];
const entryOf = (alertId: string): OutboxItem => ({
  id: `${alertId}.opened.slack`,
  notifier: 'slack',
  alertId,
  kind: 'opened',
  state: 'dead',
  attempts: 1,
  possibleRepeat: false,
  createdAt: NOW,
  changedAt: NOW,
  dueAt: NOW,
  why: 'Slack: invalid_auth',
});

beforeEach(async () => {
  const now = () => NOW;
  place = await testState(now);
  const { deps, audits: heard, app: unused } = setUpApi();
  await unused.close();
  audits = heard;
  const alerts = createAlerts(place.state, now);
  const tokens = {
    ...deps.tokens,
    verify: async (token: string) =>
      Object.hasOwn(DATASETS, token)
        ? { name: token, scopes: ['events:read', 'alerts:write'], datasets: DATASETS[token] ?? [] }
        : undefined,
  };
  await place.state.users.create({ name: 'dave', displayName: 'Dave', role: 'analyst', datasets: ['*'] });
  await place.state.users.create({ name: 'vic', displayName: 'Vic', role: 'viewer', datasets: ['*'] });
  const outbox = { ...deps.outbox, list: async () => ({ entries: queued.map(entryOf), total: queued.length }) };
  app = createApi({ ...deps, alerts, tokens, accounts: place.state, outbox }, { trusted: false });
  const alerting = untoldAlerting(place.state, now);
  const hit = (seq: number, user: string, dataset: string, more: Fields = {}) =>
    hitOf({ seq, at: NOW - HOUR, user, fields: { 'event.dataset': dataset, ...more } });
  await alerting.commitBlock(
    blockOf(1, 9, [
      hit(1, 'linus', 'linux.auth', { 'user.target.name': 'payroll' }),
      hit(2, 'vera', 'cef'),
      // One alert of events of both.
      hit(3, 'mia', 'linux.auth'),
      hit(4, 'mia', 'cef'),
      hit(5, 'mia', 'cef', { 'user.target.name': 'payroll' }),
    ]),
  );
});
afterEach(async () => {
  await app.close();
  await place.remove();
});

const get = async (url: string, token = 'ear_admin') => {
  const answer = await app.inject({ url, headers: as(token) });
  return { status: answer.statusCode, json: answer.json() };
};
const post = async (url: string, payload: object, token = 'ear_admin') => {
  const answer = await app.inject({ method: 'POST', url, headers: as(token), payload });
  return { status: answer.statusCode, json: answer.json() };
};
const idOf = async (user: string): Promise<string> => (await get(`/api/alerts?about=${user}`)).json.alerts[0].id;

describe('an alert of events of several datasets', () => {
  it('is seen by who may see one of them, with the evidence of that one, and how much is left out', async () => {
    const mia = await idOf('mia');
    const shown = async (token: string) => {
      const { status, json } = await get(`/api/alerts/${mia}`, token);
      return status === 200 ? [json.evidence.map((each: { event_id: string }) => each.event_id), json.evidence_hidden] : status;
    };
    expect(await shown('ear_admin')).toEqual([['1-3', '1-4', '1-5'], 0]);
    expect(await shown('ear_linux')).toEqual([['1-3'], 2]);
    expect(await shown('ear_vault')).toEqual([['1-4', '1-5'], 1]);
    expect(await shown('ear_none')).toBe(404);
    const notes = async (token: string) => JSON.stringify((await get(`/api/alerts/${mia}`, token)).json.history);
    expect(await notes('ear_admin')).toContain('new person: payroll');
    expect(await notes('ear_linux')).not.toContain('payroll');
  });

  it('is listed and counted for whom it is there, and for nobody else', async () => {
    for (const [token, people] of [
      ['ear_admin', ['linus', 'mia', 'vera']],
      ['ear_linux', ['linus', 'mia']],
      ['ear_vault', ['mia', 'vera']],
      ['ear_none', []],
    ] as const) {
      const { json } = await get('/api/alerts', token);
      expect(json.alerts.map(({ group }: { group: Record<string, string> }) => group['user.name']).sort()).toEqual(people);
      const counts = alertCountsEndpoint.answer.parse((await get('/api/alerts/counts', token)).json);
      expect([counts.total, counts.states.open, counts.levels.high]).toEqual([people.length, people.length, people.length]);
      expect((await get('/api/alerts/stats?to=now%2B1m', token)).json.all.opened).toBe(people.length);
    }
  });

  it('cannot be changed, nor found through another, by who may not see it', async () => {
    const [vera, mia] = [await idOf('vera'), await idOf('mia')];
    for (const url of [`/api/alerts/${vera}`, `/api/alerts/${vera}/related`, `/api/alerts/${vera}/unusual`])
      expect((await get(url, 'ear_linux')).status).toBe(404);
    expect((await post(`/api/alerts/${vera}/state`, { state: 'resolved' }, 'ear_linux')).status).toBe(404);
    expect((await post(`/api/alerts/${vera}/changes`, { act: { kind: 'take' } }, 'ear_linux')).status).toBe(404);
    const bulk = await post('/api/alerts/changes', { alerts: [{ id: vera }, { id: mia }], act: { kind: 'take' } }, 'ear_linux');
    expect(changeAlertsEndpoint.answer.parse(bulk.json)).toEqual({
      changed: 1,
      results: [
        { id: mia, outcome: 'changed' },
        { id: vera, outcome: 'not_found' },
      ],
    });
    expect((await get(`/api/alerts/${vera}`)).json).toMatchObject({ state: 'open', revision: 1 });
    const related = relatedAlertsEndpoint.answer.parse((await get(`/api/alerts/${mia}/related`, 'ear_linux')).json);
    expect(related.related.map(({ alert }) => alert.group['user.name'])).toEqual(['linus']);
    // What both have in common, but for what only others' events say.
    expect(related.related[0]?.why).toEqual([{ kind: 'host', value: 'db1.example.com' }]);
    const whole = relatedAlertsEndpoint.answer.parse((await get(`/api/alerts/${mia}/related`)).json).related;
    expect(whole.find(({ alert }) => alert.group['user.name'] === 'linus')?.why).toContainEqual({ kind: 'person', value: 'payroll' });
  });
});

it('a notification names its alert to who may see that', async () => {
  queued = [await idOf('vera'), 'gone'];
  const named = async (token: string) =>
    listOutboxEndpoint.answer.parse((await get('/api/outbox', token)).json).entries.map(({ alert }) => alert?.group['user.name']);
  expect(await named('ear_admin')).toEqual(['vera', undefined]);
  expect(await named('ear_vault')).toEqual(['vera', undefined]);
  expect(await named('ear_linux')).toEqual([undefined, undefined]);
});

describe('the filter of alerts', () => {
  const found = async (query: string): Promise<string[]> =>
    (await get(`/api/alerts?${query}`)).json.alerts.map(({ group }: { group: Record<string, string> }) => group['user.name']).sort();

  it('takes the whole name of a person in upper or lower case, or a part of any name', async () => {
    expect(await found('about=i')).toEqual(['linus', 'mia']);
    expect(await found('person=Mia')).toEqual(['mia']);
    expect(await found('person=mi')).toEqual([]);
    expect(await found('person=mi%25')).toEqual([]);
  });
});

describe('changes of alerts', () => {
  it('a conflict says what is there now, and who was quicker', async () => {
    const id = await idOf('linus');
    expect((await post(`/api/alerts/${id}/changes`, { act: { kind: 'take' }, revision: 1 }, 'ear_linux')).json).toMatchObject({
      assignee: 'ear_linux',
      state: 'acknowledged',
      revision: 3,
    });
    const late = await post(`/api/alerts/${id}/state`, { state: 'resolved', resolution: 'benign', revision: 1 });
    expect([late.status, late.json]).toMatchObject([
      409,
      {
        code: 'EAR_API_CONFLICT',
        detail: expect.stringContaining('ear_linux'),
        present: { state: 'acknowledged', assignee: 'ear_linux', revision: 3 },
      },
    ]);
    expect((await post(`/api/alerts/${id}/state`, { state: 'resolved', resolution: 'benign', revision: 3 })).status).toBe(200);
    expect((await post(`/api/alerts/${id}/state`, { state: 'resolved', resolution: 'benign' })).json).toMatchObject({
      status: 409,
      present: { state: 'resolved', resolution: 'benign' },
    });
  });

  it.each([
    ['/state', { state: 'snoozed' }, 'body.until'],
    ['/state', { state: 'open', until: 'now+1h' }, 'body.until'],
    ['/state', { state: 'open', resolution: 'benign' }, 'body.resolution'],
    ['/state', { state: 'snoozed', until: 'now-1h' }, 'body.until'],
    ['/state', { state: 'snoozed', until: 'now+91d' }, 'body.until'],
    ['/state', { state: 'snoozed', until: 'tomorrow' }, 'body.until'],
    ['/changes', { act: { kind: 'comment' } }, 'body.note'],
    ['/changes', { act: { kind: 'comment' }, note: ' ' }, 'body.note'],
    ['/changes', { act: { kind: 'assign', to: ' ' } }, 'body.act.to'],
    ['/changes', { act: { kind: 'assign', to: 'davd' } }, 'body.act.to'],
    ['/changes', { act: { kind: 'assign', to: 'vic' } }, 'body.act.to'],
    ['/changes', { act: { kind: 'delete' } }, 'body.act.kind'],
  ])('POST …%s %j is refused at %s', async (path, payload, at) => {
    const { status, json } = await post(`/api/alerts/${await idOf('linus')}${path}`, payload);
    expect([status, json.faults?.[0]?.path]).toEqual([400, at]);
  });

  it('give an alert to a colleague, as its history says', async () => {
    const id = await idOf('linus');
    await post(`/api/alerts/${id}/changes`, { act: { kind: 'assign', to: 'Dave' }, note: 'he knows that host' });
    const { assignee, history } = oneAlertEndpoint.answer.parse((await get(`/api/alerts/${id}`)).json);
    expect([assignee, history.at(-1)]).toMatchObject([
      'dave',
      { change: 'assigned', actor: 'ear_admin', note: 'he knows that host', about: { assignee: 'dave' } },
    ]);
    expect(audits.at(-1)).toMatchObject({ action: 'alert_assign', outcome: 'success', about: { to: 'dave', note: 'he knows that host' } });
  });

  it('are audited with who, what and why', async () => {
    const id = await idOf('linus');
    await post(`/api/alerts/${id}/changes`, { act: { kind: 'resolve', resolution: 'expected' }, note: 'a drill' }, 'ear_linux');
    await post(`/api/alerts/${id}/changes`, { act: { kind: 'assign', to: 'dave' } }, 'ear_vault');
    expect(audits.slice(-2)).toMatchObject([
      { action: 'alert_state', outcome: 'success', actor: 'ear_linux', about: { alert_id: id, resolution: 'expected', note: 'a drill' } },
      { action: 'alert_assign', outcome: 'failure', actor: 'ear_vault', about: { alert_id: id, to: 'dave' } },
    ]);
  });

  it('offers what can be done, and the search that finds the events', async () => {
    const id = await idOf('linus');
    const names = async () => oneAlertEndpoint.answer.parse((await get(`/api/alerts/${id}`)).json).actions.map(({ name }) => name);
    expect(await names()).toEqual(['acknowledge', 'take', 'assign', 'snooze', 'resolve', 'comment']);
    await post(`/api/alerts/${id}/changes`, { act: { kind: 'take' } });
    expect(await names()).toEqual(['assign', 'unassign', 'snooze', 'resolve', 'reopen', 'comment']);
    const { json } = await get(`/api/alerts/${id}`);
    expect(json.events).toEqual({
      q: 'rule.id:"rule-a" AND user.name:"linus" AND host.name:"db1.example.com"',
      from: new Date(NOW - HOUR).toISOString(),
      to: new Date(NOW - HOUR + 1).toISOString(),
    });
  });
});
