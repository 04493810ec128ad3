import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { as, FakeEngine, NOW, setUpApi } from '../../../test/support/api.ts';
import { type TestState, testState } from '../../../test/support/state.ts';
import type { StoredAlert } from '../../alert/alert-rows.ts';
import { createAlerts } from '../../alert/alerts.ts';
import { csrfTokenOf } from '../../api/auth/cookies.ts';
import { ok } from '../../lib/result.ts';
import type { AuditEvent } from '../../model/audit.ts';
import type { Role } from '../../model/role.ts';
import { settingsSchema } from '../../settings.ts';
import type { Listener } from '../../store/state/listening.ts';
import { EngineError } from '../../store/store.ts';
import { createListeningService, previewListening } from './listening-service.ts';

/** Who listens for what, as the API serves it. */
let test: TestState;
let app: FastifyInstance;
let audits: AuditEvent[];
let engine: FakeEngine;
let token: string;
const people: Record<string, { readonly cookie: string; readonly 'x-csrf-token': string }> = {};
let refreshed = 0;

beforeAll(async () => {
  test = await testState(() => NOW);
  engine = new FakeEngine();
  const bot = {
    type: 'slack_bot',
    token: 'xoxb-made-up',
    channel: 'C0123456789',
    signing_secret: 's',
    people: { UANA00: 'ana', UVERA0: 'Vera' },
  };
  const settings = settingsSchema.parse({ notifiers: { security: bot } });
  const service = createListeningService({
    state: test.state,
    settings,
    engine,
    alerts: createAlerts(test.state, () => NOW),
    listening: {
      refresh: async () => {
        refreshed += 1;
      },
    },
    audit: (event) => void audits.push(event),
  });
  ({ app, audits } = setUpApi({}, {}, { accounts: test.state, tokens: test.state.tokens, listening: service }));
  token = (await test.state.tokens.create({ name: 'reader', scopes: ['events:read'] }))?.token ?? '';
  for (const [name, role] of [
    ['ana', 'analyst'],
    ['vera', 'viewer'],
    ['nina', 'analyst'],
    ['root', 'admin'],
  ] as const satisfies readonly (readonly [string, Role])[]) {
    const user = await test.state.users.create({ name, displayName: '', role, datasets: ['*'] });
    const session = await test.state.sessions.open(user?.id ?? '', { way: 'password', address: '', agent: '' });
    people[name] = { cookie: `earshot_session=${session.token}`, 'x-csrf-token': csrfTokenOf(session.token) };
  }
});
afterAll(async () => {
  await app.close();
  await test.remove();
});

const ask = (who: string, method: 'GET' | 'POST' | 'PUT' | 'DELETE', path = '', payload?: object) =>
  app.inject({ method, url: `/api/listening${path}`, headers: people[who] ?? as(who), ...(payload && { payload }) });
const wish = { words: 'Prod-DB', notifier: 'security' };

it('lets a user listen, who may end it, and nobody else but an administrator', async () => {
  engine.fault = new EngineError({ code: 'down', message: 'no' });
  const begun = await ask('ana', 'POST', '', { ...wish, per_hour: 3, quiet_hours: { from: '22:00', to: '7:00' } });
  expect(begun.json()).toMatchObject({
    listener: { words: 'Prod-DB', owner: 'ana', place: 'UANA00', per_hour: 3, quiet_hours: { from: '22:00', to: '07:00' } },
    preview: { alerts: 0, more_alerts: false },
  });
  expect(begun.json().preview.events).toBeUndefined();
  expect(refreshed).toBe(1);
  const { id } = begun.json().listener as { id: string };
  engine.fault = undefined;
  expect((await ask('ana', 'POST', '', { ...wish, quiet_hours: null })).json()).toMatchObject({
    listener: { id, per_hour: 3 },
    preview: { events: 0, searched_from: expect.any(String) },
  });
  expect((await ask('ana', 'GET')).json()).toMatchObject({ listeners: [{ id }], notifiers: ['security'] });
  expect((await ask('vera', 'GET')).json()).toEqual({ listeners: [], notifiers: ['security'] });
  expect((await ask('nina', 'GET')).json()).toEqual({ listeners: [], notifiers: [] });
  expect((await ask('vera', 'GET', '?of=all')).statusCode).toBe(403);
  expect((await ask('root', 'GET', '?of=all')).json()).toMatchObject({ listeners: [{ id, owner: 'ana' }] });
  expect((await ask('vera', 'DELETE', `/${id}`)).statusCode).toBe(404);
  expect((await ask('root', 'DELETE', `/${id}`)).json()).toEqual({ deleted: true });
  expect((await ask('ana', 'DELETE', `/${id}`)).statusCode).toBe(404);
  expect(
    audits.filter(({ action }) => action.startsWith('listening')).map(({ action, actor, about }) => [action, actor, about?.via]),
  ).toEqual([
    ['listening_add', 'ana', 'api'],
    ['listening_add', 'ana', 'api'],
    ['listening_stop', 'root', 'api'],
  ]);
});

it('says why somebody cannot', async () => {
  const refused = async (who: string, body: object) => {
    const answer = await ask(who, 'POST', '', body);
    return [answer.statusCode, answer.json().code, answer.json().faults?.[0]?.path ?? answer.json().detail];
  };
  expect(await refused('ana', { ...wish, words: '--' })).toEqual([400, 'EAR_API_INPUT', 'body.words']);
  expect(await refused('ana', { ...wish, notifier: 'other' })).toEqual([400, 'EAR_API_INPUT', 'body.notifier']);
  expect(await refused('nina', wish)).toEqual([400, 'EAR_API_INPUT', 'body.notifier']);
  expect(await refused('vera', wish)).toEqual([
    403,
    'EAR_API_SCOPE',
    expect.stringContaining('vera, with the role viewer, may not listen'),
  ]);
  expect(await refused('ana', { ...wish, channel: 'C0000000009' })).toEqual([403, 'EAR_API_SCOPE', expect.stringContaining('C0000000009')]);
  expect(await refused(token, wish)).toEqual([403, 'EAR_API_SCOPE', expect.stringContaining('a token is nobody')]);
  expect(await test.state.listening.listeners()).toEqual([]);
});

it('lets administrators grant and take back, and records it', async () => {
  const grant = { kind: 'role', who: 'viewer', datasets: ['linux.*'] };
  expect((await ask('ana', 'PUT', '/grants', grant)).statusCode).toBe(403);
  expect((await ask('root', 'PUT', '/grants', { ...grant, who: 'viewers' })).json().faults).toMatchObject([{ path: 'body.who' }]);
  expect((await ask('root', 'PUT', '/grants', grant)).json()).toEqual({ granted: true });
  expect((await ask('root', 'GET', '/grants')).json()).toMatchObject({ grants: [{ ...grant, granted_by: 'root' }] });
  expect((await ask('vera', 'POST', '', wish)).statusCode).toBe(200);
  expect((await ask('root', 'DELETE', '/grants/role/viewer')).json()).toEqual({ deleted: true });
  expect((await ask('root', 'DELETE', '/grants/role/viewer')).statusCode).toBe(404);
  expect((await ask('vera', 'POST', '', { ...wish, words: 'more' })).statusCode).toBe(403);
  expect(audits.map(({ action }) => action).filter((action) => /grant|revoke/.test(action))).toEqual([
    'listening_grant',
    'listening_revoke',
  ]);
});

describe('what last week would have been', () => {
  const about = (host: string, dataset = 'linux.auth') => [{ eventId: '1-1', timestamp: NOW, dataset, host, message: '', matches: [] }];
  const opened: StoredAlert = {
    ...{ id: 'a', kind: 'rule', ruleId: 'r', ruleName: 'rule', ruleVersion: 'v', title: 'Odd', level: 'high', group: {}, tags: [] },
    ...{ count: 1, lateCount: 0, firstAt: NOW, lastAt: NOW, evidence: about('prod-db'), nextSteps: [], state: 'open' },
    ...{ openedAt: NOW - 1, changedAt: NOW, revision: 0 },
  };
  const listener: Listener = {
    ...{ id: 'l', owner: 'o', ownerName: 'ana', phrase: 'prod db', typed: 'prod-db', notifier: 'security', person: 'UANA00' },
    ...{ place: 'UANA00', quiet: undefined, perHour: 10, createdAt: NOW },
  };
  const looked = async (alerts: readonly StoredAlert[], { next, allowed = ['*'] }: { next?: string; allowed?: readonly string[] } = {}) => {
    const list = async () => ok({ alerts, ...(next !== undefined && { next }) });
    const deps = { engine: new FakeEngine(), alerts: { list } };
    return await previewListening(deps, { listener, isNew: true, allowed: [['*'], allowed] }, NOW);
  };

  it.each<[string, Partial<StoredAlert>]>([
    ['title', { title: 'prod-db is odd', evidence: about('web1') }],
    ['subject', {}],
    ['group, of a silence, which has no event', { kind: 'silence', count: 0, evidence: [], group: { 'host.name': 'prod-db' } }],
  ])('has alerts that would have been told, by their %s', async (_, over) => {
    expect(await looked([{ ...opened, ...over }])).toMatchObject({ alerts: [over.title ?? 'Odd'], moreAlerts: false });
  });

  it.each<[string, Partial<StoredAlert>]>([
    ['has other words', { evidence: about('prod-dbx') }],
    ['came late', { lateCount: 1 }],
    ['opened before', { openedAt: NOW - 8 * 86_400_000 }],
    ['may not be seen', { evidence: about('prod-db', 'hr.files') }],
  ])('has none that %s', async (_, over) => {
    expect(await looked([{ ...opened, ...over }], { allowed: ['linux.*'] })).toMatchObject({ alerts: [] });
  });

  it('says where there were more than were looked at', async () => {
    expect(await looked([opened], { next: 'more' })).toMatchObject({ alerts: Array(5).fill('Odd'), moreAlerts: true });
  });
});
