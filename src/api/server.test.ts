import { connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { err, ok } from '../lib/result.ts';
import type { AuditEvent } from '../model/audit.ts';
import type { RawBatch } from '../model/record.ts';
import { HttpSource } from '../sources/http/http-source.ts';
import { ByteBudget } from '../sources/http/read-body.ts';
import { httpSettings } from '../sources/http/settings.ts';
import type { Sql } from '../store/sql.ts';
import { EngineError, type EventEngine, type QueryBounds } from '../store/store.ts';
import { silent } from '../telemetry/telemetry.ts';
import { alertStateEndpoint, listAlertsEndpoint, oneAlertEndpoint } from './contract/alerts.ts';
import { histogramEndpoint, oneEventEndpoint, searchEventsEndpoint, surroundingsEndpoint, topValuesEndpoint } from './contract/events.ts';
import { problem } from './contract/fields.ts';
import { listOutboxEndpoint } from './contract/outbox.ts';
import { listRulesEndpoint } from './contract/rules.ts';
import type { ApiDeps, KeptAlertDetail } from './deps.ts';
import { type ApiOptions, createApi } from './server.ts';

const NOW = Date.UTC(2026, 0, 31, 12);
const TOKENS: Readonly<Record<string, readonly string[]>> = {
  ear_reader: ['events:read'],
  ear_operator: ['alerts:write'],
  ear_sender: ['ingest:web'],
  ear_scraper: ['metrics:read'],
  ear_admin: ['admin'],
};

const alert: KeptAlertDetail = {
  id: 'a1',
  ruleId: 'r1',
  ruleName: 'night_login',
  ruleVersion: 'v1',
  title: 'Login at night',
  level: 'high',
  group: { 'user.name': 'alice' },
  count: 2,
  lateCount: 0,
  firstAt: NOW,
  lastAt: NOW,
  openedAt: NOW,
  changedAt: NOW,
  evidence: [{ eventId: '1-1', timestamp: NOW, dataset: 'a.b', message: 'm', matches: [] }],
  tags: [],
  nextSteps: [],
  state: 'open',
  history: [{ at: NOW, change: 'opened', actor: 'earshot', note: '', count: 1 }],
  deliveries: [],
};

const row = {
  node: 1,
  seq: '7',
  ts_ms: `${NOW}`,
  ingested_ms: `${NOW}`,
  source: 'web',
  user_name: 'alice',
  attrs: {},
  shape: '',
  hits: '',
  raw_base64: '/w==',
};

/** Answers every statement with the same rows, and remembers what it was asked. */
class FakeEngine implements EventEngine {
  up = true;
  rows: unknown[] = [];
  fault: EngineError | undefined;
  readonly asked: { statement: Sql; bounds: QueryBounds }[] = [];
  hang: Promise<void> | undefined;

  async query<Row>(statement: Sql, bounds: QueryBounds): Promise<Row[]> {
    this.asked.push({ statement, bounds });
    await this.hang;
    if (this.fault) throw this.fault;
    return this.rows as Row[];
  }

  async command() {}
  async insert() {}
}

function setUp(options: Partial<ApiOptions> = {}, sourceSettings: Record<string, unknown> = {}) {
  const engine = new FakeEngine();
  const audits: AuditEvent[] = [];
  const batches: RawBatch[] = [];
  const intake = {
    open: true,
    append: async (batch: RawBatch) => {
      batches.push(batch);
      return { firstSeq: 1, count: batch.messages.length, duplicate: false };
    },
    whenOpen: async () => undefined,
  };
  const source = (name: string, more: Record<string, unknown>) =>
    new HttpSource({
      name,
      settings: httpSettings.parse({ type: 'http', ...more }),
      intake,
      budget: new ByteBudget(1e8),
      telemetry: silent,
      now: () => NOW,
    });
  const sources = new Map([
    ['web', source('web', sourceSettings)],
    ['hook', source('hook', { auth: { type: 'hmac', secret: 's', header: 'x-sig' } })],
  ]);
  const reasons: string[] = [];
  const deps: ApiDeps = {
    engine,
    alerts: {
      list: async ({ cursor }) => (cursor === 'bad' ? err('bad_cursor') : ok({ alerts: [alert], next: 'n' })),
      get: async (id) => (id === 'a1' ? alert : undefined),
      setState: async (id, { to }) => (id !== 'a1' ? err('not_found') : to === 'open' ? err('unchanged') : ok({ ...alert, state: to })),
    },
    outbox: { list: async () => ({ entries: [], total: 0 }), retry: async (id) => id === 'o1' },
    rules: () => ({ rules: [], rejected: [{ file: 'x.yml', line: 1, column: 2, reason: 'why' }] }),
    tokens: {
      verify: async (token) => (Object.hasOwn(TOKENS, token) ? { name: token, scopes: TOKENS[token] ?? [] } : undefined),
    },
    httpSources: () => sources,
    unready: () => reasons,
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'earshot_engine_up 1\n' }),
    onAudit: (event) => audits.push(event),
    telemetry: silent,
    now: () => NOW,
  };
  app = createApi(deps, { trusted: false, ...options });
  return { app, engine, audits, batches, reasons };
}

let app: FastifyInstance | undefined;
afterEach(async () => {
  await app?.close();
});

const as = (token: string) => ({ authorization: `Bearer ${token}` });

describe('who may ask', () => {
  const READS = [
    '/api/events',
    '/api/events/histogram',
    '/api/events/top?field=user.name',
    '/api/events/1-7',
    '/api/events/1-7/surroundings',
  ];

  it.each([...READS, '/api/alerts', '/api/alerts/a1', '/api/outbox', '/api/rules', '/metrics'])('%s needs a token', async (url) => {
    const { app, audits, engine } = setUp();
    for (const headers of [
      {},
      as('ear_wrong'),
      { authorization: 'Basic ear_admin' },
      { authorization: 'Bearer' },
      as(`ear_${'x'.repeat(600)}`),
    ]) {
      const answer = await app.inject({ url, headers });
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
      expect(problem.parse(answer.json())).toMatchObject({ code: 'EAR_API_AUTH', status: 401 });
    }
    expect(engine.asked).toEqual([]);
    // A flood of refusals is one event a minute.
    expect(audits.map(({ action, outcome }) => [action, outcome])).toEqual([['api_denied', 'failure']]);
    expect(JSON.stringify(audits)).not.toContain('ear_wrong');
  });

  it.each(READS)('%s needs its scope', async (url) => {
    const { app } = setUp();
    const answer = await app.inject({ url, headers: as('ear_operator') });
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({ code: 'EAR_API_SCOPE', detail: expect.stringContaining('events:read') });
  });

  it('asks for no token on its own socket', async () => {
    const { app } = setUp({ trusted: true });
    expect((await app.inject('/api/events')).statusCode).toBe(200);
  });

  it('a reader changes nothing', async () => {
    const { app } = setUp();
    const change = { method: 'POST', url: '/api/alerts/a1/state', headers: as('ear_reader'), payload: { state: 'resolved' } } as const;
    expect((await app.inject(change)).statusCode).toBe(403);
    expect((await app.inject({ method: 'POST', url: '/api/outbox/o1/retry', headers: as('ear_reader') })).statusCode).toBe(403);
    expect((await app.inject({ url: '/metrics', headers: as('ear_reader') })).statusCode).toBe(403);
  });

  it('health needs no token, and says why it is not ready', async () => {
    const { app, reasons } = setUp();
    expect((await app.inject('/healthz')).json()).toEqual({ status: 'ok' });
    expect((await app.inject('/readyz')).statusCode).toBe(200);
    reasons.push('the engine is down');
    const answer = await app.inject('/readyz');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toEqual({ status: 'not_ready', reasons: ['the engine is down'] });
  });
});

describe('answers', () => {
  it('keep to the contract', async () => {
    const { app, engine } = setUp();
    engine.rows = [row];
    const get = async (url: string) => (await app.inject({ url, headers: as('ear_admin') })).json();
    const page = searchEventsEndpoint.answer.parse(await get('/api/events?limit=1&q=user.name:alice'));
    expect(page.events[0]).toMatchObject({ id: '1-7', fields: { 'user.name': 'alice' }, original: '\uFFFD', original_base64: '/w==' });
    expect(page.cursor).toBeDefined();
    expect((await app.inject({ url: `/api/events?cursor=${page.cursor}`, headers: as('ear_admin') })).statusCode).toBe(200);
    oneEventEndpoint.answer.parse(await get('/api/events/1-7'));
    surroundingsEndpoint.answer.parse(await get('/api/events/1-7/surroundings?by=user.name&before=1&after=0'));
    listAlertsEndpoint.answer.parse(await get('/api/alerts?states=open,resolved&least_level=high&from=now-1d'));
    oneAlertEndpoint.answer.parse(await get('/api/alerts/a1'));
    listOutboxEndpoint.answer.parse(await get('/api/outbox?states=dead'));
    listRulesEndpoint.answer.parse(await get('/api/rules'));
    engine.rows = [{ value: 'alice', count: '3', distinct: '2', all: '4', total: '5', missing: '1' }];
    expect(topValuesEndpoint.answer.parse(await get('/api/events/top?field=user.name'))).toMatchObject({
      total: 5,
      missing: 1,
      distinct: 2,
      others: 1,
    });
    engine.rows = [{ start: `${NOW - 3_600_000}`, value: '', other: 0, count: '3' }];
    const bars = histogramEndpoint.answer.parse(await get('/api/events/histogram?interval_ms=3600000'));
    expect(bars).toMatchObject({ total: 3, interval_ms: 3_600_000 });
    expect(bars.bars).toHaveLength(24);
  });

  it('have an id and are not to be cached, framed or guessed at', async () => {
    const { app } = setUp();
    const { headers } = await app.inject('/healthz');
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    expect(headers['x-request-id']).toMatch(/^[\da-f-]{36}$/);
  });

  it('every statement is bounded in time, memory and rows', async () => {
    const { app, engine } = setUp();
    for (const url of ['/api/events', '/api/events/histogram', '/api/events/top?field=a', '/api/events/1-7'])
      await app.inject({ url, headers: as('ear_admin') });
    for (const { bounds, statement } of engine.asked) {
      expect(bounds.timeoutMs).toBeLessThanOrEqual(15_000);
      expect(bounds.maxMemoryBytes).toBeLessThanOrEqual(250_000_000);
      expect(bounds.maxRows).toBeGreaterThan(0);
      expect(bounds.signal).toBeDefined();
      expect(statement.text).toMatch(/ts >= |seq = /);
    }
  });
});

describe('faults', () => {
  it.each([
    ['/api/events?q=user.name:%22a', 400, { code: 'EAR_SEARCH_SYNTAX', position: { at: 10, length: 1, fault: 'unclosed_quote' } }],
    ['/api/events?limit=501', 400, { code: 'EAR_API_INPUT', faults: [{ path: 'query.limit' }] }],
    ['/api/events?limit=1&limit=2', 400, { code: 'EAR_API_INPUT' }],
    ['/api/events?nonsense=1', 400, { code: 'EAR_API_INPUT' }],
    ['/api/events?from=yesterday', 400, { faults: [{ path: 'query.from' }] }],
    ['/api/events?from=now&to=now-1h', 400, { faults: [{ path: 'query.from' }] }],
    ['/api/events?cursor=nonsense', 400, { faults: [{ path: 'query.cursor' }] }],
    ['/api/events/top?field=@timestamp', 400, { faults: [{ path: 'query.field' }] }],
    ['/api/events/1-8', 404, { code: 'EAR_API_NOT_FOUND' }],
    ['/api/alerts/nobody', 404, { code: 'EAR_API_NOT_FOUND' }],
    ['/api/alerts?cursor=bad', 400, { faults: [{ path: 'query.cursor' }] }],
    ['/api/nothing', 404, { code: 'EAR_API_NOT_FOUND' }],
    ['/api/%zz', 400, {}],
  ])('%s', async (url, status, expected) => {
    const { app } = setUp();
    const answer = await app.inject({ url, headers: as('ear_admin') });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(problem.parse(answer.json())).toMatchObject({ status, ...expected });
  });

  it.each([
    ['down', 503, 'EAR_ENGINE_DOWN'],
    ['busy', 503, 'EAR_ENGINE_QUERY'],
    ['timeout', 422, 'EAR_ENGINE_QUERY'],
    ['memory', 422, 'EAR_ENGINE_QUERY'],
    ['refused', 500, 'EAR_INTERNAL'],
  ] as const)('an engine that is %s is never "nothing found"', async (code, status, expected) => {
    const { app, engine } = setUp();
    engine.fault = new EngineError({ code, message: 'SELECT secret FROM events' });
    for (const url of ['/api/events', '/api/events/histogram', '/api/events/top?field=a', '/api/events/1-7']) {
      const answer = await app.inject({ url, headers: as('ear_admin') });
      expect([answer.statusCode, answer.json().code]).toEqual([status, expected]);
      expect(answer.body).not.toContain('secret');
      expect(answer.headers['retry-after'] !== undefined).toBe(status === 503);
    }
  });

  it('changes of alerts: not found, unchanged, malformed', async () => {
    const { app, audits } = setUp();
    const post = async (id: string, payload: object | string, type = 'application/json') =>
      (
        await app.inject({
          method: 'POST',
          url: `/api/alerts/${id}/state`,
          headers: { ...as('ear_operator'), 'content-type': type },
          payload,
        })
      ).statusCode;
    expect(await post('a1', { state: 'resolved', note: 'was me' })).toBe(200);
    expect(await post('a1', { state: 'open' })).toBe(409);
    expect(await post('zz', { state: 'resolved' })).toBe(404);
    expect(await post('a1', { state: 'gone' })).toBe(400);
    expect(await post('a1', { state: 'open', more: 1 })).toBe(400);
    expect(await post('a1', '{"state":')).toBe(400);
    expect(await post('a1', 'x', 'text/plain')).toBe(415);
    expect(await post('a1', { state: 'open', note: 'x'.repeat(70_000) })).toBe(413);
    expect(audits.map(({ actor, outcome }) => [actor, outcome])).toEqual([
      ['ear_operator', 'success'],
      ['ear_operator', 'failure'],
      ['ear_operator', 'failure'],
    ]);
    alertStateEndpoint.body.parse({ state: 'open' });
  });

  it('searches are audited with who and what', async () => {
    const { app, audits } = setUp();
    await app.inject({ url: '/api/events?q=user.name:alice', headers: as('ear_reader') });
    expect(audits).toMatchObject([{ action: 'search', actor: 'ear_reader', about: { query: 'user.name:alice', kind: 'events' } }]);
  });
});

describe('POST /ingest', () => {
  const post = (name: string, payload: string, headers: Record<string, string>) =>
    ({ method: 'POST', url: `/ingest/${name}`, payload, headers }) as const;

  it('takes events in, with a token for this source', async () => {
    const { app, batches } = setUp();
    const answer = await app.inject(post('web', '{"a":1}\n{"a":2}', { ...as('ear_sender'), 'content-type': 'application/x-ndjson' }));
    expect([answer.statusCode, answer.json()]).toEqual([200, { accepted: 2, duplicate: false }]);
    expect(batches.map(({ source }) => source)).toEqual(['web']);
  });

  it('refuses the wrong token, the wrong signature, an unknown source', async () => {
    const { app, audits, batches } = setUp();
    expect((await app.inject(post('web', 'x', {}))).statusCode).toBe(401);
    expect((await app.inject(post('web', 'x', as('ear_reader')))).statusCode).toBe(403);
    expect((await app.inject(post('other', 'x', as('ear_sender')))).statusCode).toBe(403);
    expect((await app.inject(post('other', 'x', {}))).statusCode).toBe(401);
    expect((await app.inject(post('other', 'x', as('ear_admin')))).statusCode).toBe(404);
    expect((await app.inject(post('hook', 'x', { ...as('ear_admin'), 'x-sig': '00' }))).statusCode).toBe(401);
    expect(batches).toEqual([]);
    expect(audits.length).toBeGreaterThan(2);
  });

  it('writes its refusals as problems', async () => {
    const { app } = setUp();
    const answer = await app.inject(post('web', '{"a":', { ...as('ear_sender'), 'content-type': 'application/json' }));
    expect(problem.parse(answer.json())).toMatchObject({ status: 400, code: 'EAR_INGEST_BODY', line: 1 });
  });
});

const portOf = (app: FastifyInstance): number => {
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

describe('slow and broken clients', () => {
  /** Writes a request by hand and gives all that comes back until the server closes. */
  async function raw(app: FastifyInstance, text: string): Promise<string> {
    await app.listen({ host: '127.0.0.1', port: 0 });
    const port = portOf(app);
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(text));
      let back = '';
      socket.on('data', (chunk) => {
        back += chunk.toString();
      });
      socket.on('close', () => resolve(back));
      socket.on('error', reject);
    });
  }

  const head = (path: string, length: number, token = 'ear_sender') =>
    `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: ${length}\r\n`;

  it('a body that stops is answered 408 and cut', async () => {
    const { app, batches } = setUp({}, { body_timeout_secs: 1 });
    expect(await raw(app, `${head('/ingest/web', 100)}\r\nhalf`)).toMatch(/^HTTP\/1.1 408 [\s\S]*EAR_INGEST_TIMEOUT/);
    expect(batches).toEqual([]);
  });

  it('a body that is too large is answered and cut, before all of it came', async () => {
    const { app } = setUp({}, { max_body_bytes: 10 });
    expect(await raw(app, `${head('/ingest/web', 1_000_000)}\r\n${'x'.repeat(5000)}`)).toMatch(/^HTTP\/1.1 413 /);
  });

  it('without a token the body is not waited for', async () => {
    const { app } = setUp();
    expect(await raw(app, `${head('/ingest/web', 1_000_000, 'ear_wrong')}\r\n`)).toMatch(/^HTTP\/1.1 401 /);
  });

  it('headers that do not end, and a JSON body that does not, are cut', async () => {
    const { app } = setUp({ headersTimeoutMs: 300, requestTimeoutMs: 600 });
    expect(await raw(app, 'GET /healthz HTTP/1.1\r\nHost: x\r\n')).toMatch(/^HTTP\/1.1 408 [\s\S]*problem\+json/);
    const second = setUp({ headersTimeoutMs: 300, requestTimeoutMs: 600 });
    const body = await raw(second.app, `${head('/api/alerts/a1/state', 50, 'ear_operator')}Content-Type: application/json\r\n\r\n{`);
    expect(body).toMatch(/^HTTP\/1.1 408 /);
    await app.close();
  });

  it('what is not HTTP is answered and cut', async () => {
    const { app } = setUp();
    expect(await raw(app, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1.1 400 [\s\S]*EAR_API_INPUT/);
  });

  it('a client that goes away cancels its search', async () => {
    const { app, engine } = setUp({ trusted: true });
    const { promise, resolve } = Promise.withResolvers<void>();
    engine.hang = promise;
    await app.listen({ host: '127.0.0.1', port: 0 });
    const port = portOf(app);
    const gone = new Promise<void>((cancelled) => {
      const socket = connect(port, '127.0.0.1', () => socket.write('GET /api/events HTTP/1.1\r\nHost: x\r\n\r\n'));
      const timer = setInterval(() => {
        const signal = engine.asked[0]?.bounds.signal;
        if (signal === undefined) return;
        clearInterval(timer);
        signal.addEventListener('abort', () => cancelled());
        socket.destroy();
      }, 5);
    });
    await gone;
    resolve();
  });
});
