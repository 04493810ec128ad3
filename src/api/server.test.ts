import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { as, NOW, row, setUpApi } from '../../test/support/api.ts';
import { EngineError } from '../store/store.ts';
import { alertStateEndpoint, listAlertsEndpoint, oneAlertEndpoint } from './contract/alerts.ts';
import { histogramEndpoint, oneEventEndpoint, searchEventsEndpoint, surroundingsEndpoint, topValuesEndpoint } from './contract/events.ts';
import { problem } from './contract/fields.ts';
import { listOutboxEndpoint } from './contract/outbox.ts';
import { explainRuleEndpoint } from './contract/rule-explain.ts';
import { listRulesEndpoint } from './contract/rules.ts';

let app: FastifyInstance | undefined;
afterEach(async () => {
  await app?.close();
});

const setUp = (...given: Parameters<typeof setUpApi>) => {
  const made = setUpApi(...given);
  app = made.app;
  return made;
};

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
    explainRuleEndpoint.answer.parse(await get('/api/rules/su/explain?event=1-7'));
    expect(await get('/api/rules/nosuch/explain?event=1-7')).toMatchObject({ status: 404, detail: 'No rule nosuch runs.' });
    surroundingsEndpoint.answer.parse(await get('/api/events/1-7/surroundings?by=user.name&before=1&after=0'));
    listAlertsEndpoint.answer.parse(await get('/api/alerts?states=open,resolved&least_level=high&from=now-1d'));
    oneAlertEndpoint.answer.parse(await get('/api/alerts/a1'));
    listOutboxEndpoint.answer.parse(await get('/api/outbox?states=dead'));
    listRulesEndpoint.answer.parse(await get('/api/rules'));
    engine.rows = [
      { place: '0', kind: 0, value: '', other: 0, count: '5' },
      { place: '0', kind: 1, value: '', other: 0, count: '1' },
      { place: '0', kind: 2, value: 'alice', other: 0, count: '3', last: '1' },
      { place: '0', kind: 2, value: '', other: 1, count: '1', last: '2' },
    ];
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
