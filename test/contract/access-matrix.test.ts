import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csrfTokenOf } from '../../src/api/auth/cookies.ts';
import { type AnyEndpoint, ENDPOINTS } from '../../src/api/contract/all.ts';
import { SCOPES, SCOPES_OF_ROLE, type Scope } from '../../src/api/contract/endpoint.ts';
import { CLICK_PATHS } from '../../src/api/routes/clicks.ts';
import { ROLES } from '../../src/model/role.ts';
import { type FakeEngine, NOW, row, setUpApi } from '../support/api.ts';
import { deafFront } from '../support/click-doors.ts';
import { ACT } from '../support/fake-acts.ts';
import { type TestState, testState } from '../support/state.ts';

/**
 * Every endpoint × every role × every scope of a token × nobody × a bad token × a session without its token × the wrong dataset.
 * The list of endpoints is the contract's own: one that is added is in here by itself, or the test that misses its sample names it.
 */

interface Sample {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** What the engine gives for it; absent: one event. */
  readonly rows?: readonly unknown[];
}

/** As the engine gives it for the events of privileged sessions. */
const SESSION_STARTED = {
  ...{ node: 1, seq: '7', at: `${NOW}`, dataset: 'segura.pam', action: 'session_started', guessed: 0 },
  kind: '0',
  texts: ['alice', 'root', '192.0.2.7', ''],
};

/** What a caller who may do everything gets an answer for. Only endpoints that serve events or alerts need one, where they take something. */
const SAMPLES: Readonly<Record<string, Sample>> = {
  topValues: { query: { field: 'user.name' } },
  summarizeEvents: { query: { fields: 'user.name,host.name' }, rows: [] },
  getEvent: { params: { id: '1-7' } },
  getSurroundings: { params: { id: '1-7' } },
  explainRule: { params: { id: 'su' }, query: { event: '1-7' } },
  listFieldValues: { query: { field: 'user.name' }, rows: [] },
  getDetections: { rows: [] },
  getAlert: { params: { id: 'a1' } },
  getRelatedAlerts: { params: { id: 'a1' } },
  getAlertHistory: { params: { id: 'a1' } },
  getAlertContext: { params: { id: 'a1' }, rows: [] },
  setAlertState: { params: { id: 'a1' }, body: { state: 'acknowledged' } },
  changeAlert: { params: { id: 'a1' }, body: { act: { kind: 'acknowledge' } } },
  changeAlerts: { body: { alerts: [{ id: 'a1' }], act: { kind: 'acknowledge' } } },
  askPerson: { params: { id: 'a1' }, body: {} },
  getAct: { params: { id: ACT.id } },
  planAct: { body: { targets: ['W0EXAMPLE02'], alert_id: 'a1' } },
  confirmAct: { params: { id: ACT.id }, body: {} },
  cancelAct: { params: { id: ACT.id }, body: {} },
  getPersonActivity: { params: { id: 'name:alice' }, rows: [] },
  listUnknownNames: { rows: [] },
  listPersonSessions: { params: { id: 'name:alice' } },
  listPrivilegedSessions: { rows: [] },
  getPrivilegedSession: { params: { id: '1-7' }, rows: [SESSION_STARTED] },
  listPersonAlerts: { params: { id: 'name:alice' } },
  retryNotification: { params: { id: 'o1' } },
  runBacktest: { body: { rule: 'a' } },
};

/** What is served to who may read events, and holds none: the same for everybody who may ask. */
const NO_EVENTS = new Set([
  ...[
    'checkQuery',
    'listSavedSearches',
    'createSavedSearch',
    'changeSavedSearch',
    'deleteSavedSearch',
    'listColleagues',
    'listRules',
    'getRule',
    'listNotifications',
    'retryNotification',
    'listPeople',
    'getPerson',
    'listLists',
    'getList',
  ],
  ...['createList', 'describeList', 'deleteList', 'putListEntries', 'deleteListEntry'],
  ...['listListeners', 'listen', 'stopListening'],
  ...['listExceptions', 'createException', 'deleteException', 'setRuleMaturity'],
]);

/** `clickInSlack`, `commandInSlack` and `eventInSlack` are open to who has signed the body, and to nobody else; `openAnswerPage` and `giveAnswer` to who has the link of a mail. */
const ANYONE = [
  'clickInSlack',
  'commandInSlack',
  'eventInSlack',
  'finishOidc',
  'getHealth',
  'getReadiness',
  'getSignInWays',
  'giveAnswer',
  'lookAtSetupLink',
  'openAnswerPage',
  'signIn',
  'startOidc',
  'useSetupLink',
];
/** Changes that are nobody else's matter. */
const OWN = new Set([
  ...['signOut', 'changePassword', 'endSession', 'listen', 'stopListening'],
  ...['createSavedSearch', 'changeSavedSearch', 'deleteSavedSearch'],
]);

/** Questions that are too long for an address. */
const ASKS = new Set(['runBacktest']);

/** In the title of the alert that the fakes serve, whose evidence is of the dataset `a.b`. */
const MARK = 'Login at night';
const OTHER = 'nowhere.else';

let test: TestState;
let app: FastifyInstance;
let front: FastifyInstance;
let engine: FakeEngine;

beforeAll(async () => {
  test = await testState(() => NOW);
  ({ app, engine } = setUpApi({}, {}, { accounts: test.state, tokens: test.state.tokens }));
  front = deafFront();
});
afterAll(async () => {
  await Promise.all([app.close(), front.close()]);
  await test.remove();
});

type Headers = Readonly<Record<string, string>>;

let users = 0;
/** Headers of somebody who is signed in. */
async function signedIn(role: (typeof ROLES)[number], datasets: readonly string[] = ['*']): Promise<Headers & { cookie: string }> {
  users += 1;
  const user = await test.state.users.create({ name: `user${users}`, displayName: '', role, datasets });
  const { token } = await test.state.sessions.open(user?.id ?? '', { way: 'password', address: '', agent: '' });
  return { cookie: `earshot_session=${token}`, 'x-csrf-token': csrfTokenOf(token) };
}

async function withToken(name: string, scopes: readonly string[], datasets?: readonly string[]): Promise<Headers> {
  const made = await test.state.tokens.create({ name, scopes, ...(datasets && { datasets }) });
  return { authorization: `Bearer ${made?.token}` };
}

/** The answer, or undefined for one that goes on without an end: who gets that was let in. */
async function ask(endpoint: AnyEndpoint, headers: Headers, { params = {}, query = {}, body, rows = [row] }: Sample = {}) {
  engine.rows = [...rows];
  const path = endpoint.path.replace(/:(\w+)/g, (_, name: string) => params[name] ?? 'x');
  const url = `${path}?${new URLSearchParams(query)}`;
  const gone = new AbortController();
  const door = CLICK_PATHS.has(endpoint.path) ? front : app;
  const asked = door.inject({ method: endpoint.method, url, headers, signal: gone.signal, ...(body && { payload: body }) });
  const timer = setTimeout(() => gone.abort(), 2_000);
  try {
    return (await asked) as LightMyRequestResponse;
  } catch (error) {
    if (gone.signal.aborted) return undefined;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

const isAllowed = ({ scopes }: AnyEndpoint, own: readonly string[]): boolean =>
  typeof scopes === 'string' || own.includes('admin') || scopes.some((scope) => own.includes(scope));

const EACH = Object.entries(ENDPOINTS).map(([name, { endpoint }]) => [name, endpoint] as const);
const RESTRICTED = EACH.filter(([, { scopes }]) => scopes !== 'anyone');

/** A statement over events that looks for them; not one that reads whole rows by the places that such a one has found, or asks how large the table is. */
const isSearch = (text: string): boolean =>
  /\bevents\b/.test(text) && !/\bsystem\.parts\b/.test(text) && !/AND node IN .* AND seq IN /s.test(text);

/** Whether the caller was let in; what becomes of the request then is for other tests. */
function admitted(answer: LightMyRequestResponse | undefined): boolean {
  if (answer === undefined) return true;
  if (answer.statusCode === 401) return answer.json().code === 'EAR_ACCESS_SIGN_IN';
  return answer.statusCode !== 403;
}

describe('the contract', () => {
  const named = (wanted: (endpoint: AnyEndpoint) => boolean) => EACH.filter(([, endpoint]) => wanted(endpoint)).map(([name]) => name);

  // Not read from the contract: what is opened here is opened on purpose.
  it('opens to anyone only what is needed to come in, and what says that the hub is up', () => {
    expect(named(({ scopes }) => scopes === 'anyone').sort()).toEqual(ANYONE);
  });

  it('leaves users and tokens to administrators', () => {
    const open = named(({ path, scopes }) => /^\/api\/(users|tokens)/.test(path) && `${scopes}` !== 'admin');
    expect(open).toEqual([]);
  });

  it('lets a viewer change nothing but what is their own', () => {
    const open = named(
      (endpoint) => endpoint.method !== 'GET' && endpoint.scopes !== 'anyone' && isAllowed(endpoint, SCOPES_OF_ROLE.viewer),
    );
    expect(open.filter((name) => !OWN.has(name) && !ASKS.has(name))).toEqual([]);
  });
});

describe('roles', () => {
  it.each(ROLES)('%s does what its scopes say, and nothing else', async (role) => {
    for (const [name, endpoint] of EACH) {
      // A session for each: signing out and removing users are among them.
      const answer = await ask(endpoint, await signedIn(role));
      expect.soft({ name, admitted: admitted(answer) }).toEqual({ name, admitted: isAllowed(endpoint, SCOPES_OF_ROLE[role]) });
    }
  });
});

describe('scopes of tokens', () => {
  it.each(SCOPES)('%s opens what asks for it, and nothing else', async (scope: Scope) => {
    for (const [name, endpoint] of EACH) {
      const answer = await ask(endpoint, await withToken(`${scope.replace(':', '-')}-${name}`.toLowerCase(), [scope]));
      expect.soft({ name, admitted: admitted(answer) }).toEqual({ name, admitted: isAllowed(endpoint, [scope]) });
    }
  });
});

describe('nobody', () => {
  const NOBODIES: readonly (readonly [string, Headers])[] = [
    ['without a token', {}],
    ['with a token that is none', { authorization: `Bearer ear_${'A'.repeat(43)}` }],
    ['with a session that is none', { cookie: `earshot_session=${'A'.repeat(43)}`, 'x-csrf-token': csrfTokenOf('A'.repeat(43)) }],
    ['with the name of a scheme', { authorization: 'Basic YWRtaW46YWRtaW4=' }],
  ];

  it.each(NOBODIES)('%s gets nothing but what is for anyone', async (_, headers) => {
    for (const [name, endpoint] of RESTRICTED) {
      const answer = await ask(endpoint, headers);
      expect.soft({ name, status: answer?.statusCode }).toEqual({ name, status: 401 });
    }
  });

  it('with a token that was revoked, or a session that has ended', async () => {
    const revoked = await withToken('gone', ['admin']);
    await test.state.tokens.revoke('gone');
    const ended = await signedIn('responder');
    const found = await test.state.sessions.find(ended.cookie.split('=')[1] ?? '', { idleMs: 1e9, mostMs: 1e9 });
    await test.state.users.change(found?.user.id ?? '', { disabled: true });
    for (const [name, endpoint] of RESTRICTED) {
      expect.soft({ name, status: (await ask(endpoint, revoked))?.statusCode }).toEqual({ name, status: 401 });
      expect.soft({ name, status: (await ask(endpoint, ended))?.statusCode }).toEqual({ name, status: 401 });
    }
  });
});

describe('another site', () => {
  it('changes nothing with the cookie of somebody who may', async () => {
    for (const [name, endpoint] of EACH.filter(([, { method }]) => method !== 'GET')) {
      const { 'x-csrf-token': _, ...headers } = await signedIn('admin');
      const answers = [
        ...(endpoint.scopes === 'anyone' ? [] : [await ask(endpoint, headers)]),
        await ask(endpoint, { ...(await signedIn('admin')), 'sec-fetch-site': 'cross-site' }),
      ];
      for (const answer of answers) expect.soft({ name, code: answer?.json().code }).toEqual({ name, code: 'EAR_ACCESS_FORGERY' });
    }
  });
});

describe('datasets', () => {
  const READERS = RESTRICTED.filter(
    ([name, endpoint]) =>
      !NO_EVENTS.has(name) &&
      typeof endpoint.scopes !== 'string' &&
      endpoint.scopes.some((scope) => scope !== 'admin' && SCOPES_OF_ROLE.responder.includes(scope)),
  );

  it.each(READERS)('%s has a sample that is answered', async (name, endpoint) => {
    engine.asked.length = 0;
    const answer = await ask(endpoint, await signedIn('responder'), SAMPLES[name]);
    expect(answer === undefined || answer.statusCode < 300 ? 'answered' : `needs a sample: ${answer.body}`).toBe('answered');
  });

  it.each(READERS)('%s shows nothing of what is not the caller’s', async (name, endpoint) => {
    const callers = [
      await signedIn('responder', [OTHER]),
      await withToken(`elsewhere-${name}`.toLowerCase(), SCOPES_OF_ROLE.responder, [OTHER]),
    ];
    for (const headers of callers) {
      engine.asked.length = 0;
      const answer = await ask(endpoint, headers, SAMPLES[name]);
      const statements = engine.asked.map(({ statement }) => statement).filter(({ text }) => isSearch(text));
      // What the engine is asked is held to the caller's datasets, or what it found is not given out.
      if (answer?.statusCode !== 404) for (const { params } of statements) expect(Object.values(params).join(' ')).toContain(OTHER);
      expect(answer?.body ?? '').not.toContain(MARK);
      if (name.startsWith('change') || name.startsWith('set')) expect(answer?.body).toMatch(/EAR_API_NOT_FOUND|not_found/);
    }
  });

  it('a caller without any dataset sees nothing', async () => {
    for (const [name, endpoint] of READERS) {
      const answer = await ask(endpoint, await signedIn('responder', []), SAMPLES[name]);
      expect.soft({ name, seen: answer?.body.includes(MARK) ?? false }).toEqual({ name, seen: false });
    }
  });
});
