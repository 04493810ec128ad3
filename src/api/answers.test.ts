import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { as, setUpApi } from '../../test/support/api.ts';
import { ASK, fakeAsks } from '../../test/support/fake-asks.ts';
import { err } from '../lib/result.ts';
import type { Ask } from '../model/ask.ts';
import type { ApiDeps } from './deps.ts';

const LINK = `${ASK.id}.${'s'.repeat(43)}`;
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

let app: FastifyInstance | undefined;
afterEach(() => app?.close());

/** An API with one question, and what was answered. */
function serve(ask: Ask = ASK, more: Partial<ApiDeps['asks']> = {}) {
  const answers: unknown[] = [];
  const up = setUpApi(
    {},
    {},
    {
      asks: {
        ...fakeAsks,
        look: async (link) => (link === LINK ? { kind: 'open', ask } : { kind: 'unknown' }),
        answer: async (link, answer) => {
          if (link !== LINK) return { kind: 'unknown' };
          answers.push(answer);
          return { kind: 'given', ask: { ...ask, state: 'answered', answer: { ...answer, at: 0 } } };
        },
        ...more,
      },
    },
  );
  app = up.app;
  const get = (url: string) => up.app.inject({ method: 'GET', url });
  const post = (payload: string, headers: Readonly<Record<string, string>> = {}, url = `/answer/${LINK}`) =>
    up.app.inject({ method: 'POST', url, payload, headers: { ...FORM, ...headers } });
  return { ...up, answers, get, post };
}

describe('the page on which somebody answers', () => {
  it('asks once more, without a script, and answers nothing by being fetched', async () => {
    const { get, answers } = serve();
    const { statusCode, headers, body } = await get(`/answer/${LINK}?said=not_me&utm_source=mail`);
    expect([statusCode, answers]).toEqual([200, []]);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex, nofollow, noarchive',
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    });
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(headers['set-cookie']).toBeUndefined();
    expect(body).toContain('value="not_me" required checked');
    expect(body).not.toContain('value="me" required checked');
    expect(body).toContain('ana of your security team would like to know');
    expect(body).toContain('192.0.2.7');
    expect(body).not.toMatch(/<script|<a |src=|alice@example\.com/);
  });

  it.each(['', '?said=maybe', '?said='])('chooses nothing by itself: %s', async (query) => {
    const { body, statusCode } = await serve().get(`/answer/${LINK}${query}`);
    expect([statusCode, body.includes('checked')]).toEqual([200, false]);
  });

  it('takes the form', async () => {
    const { post, answers } = serve();
    const { statusCode, body } = await post(new URLSearchParams({ said: 'not_me', note: ' I am on leave. ' }).toString());
    expect([statusCode, answers]).toEqual([200, [{ said: 'not_me', note: 'I am on leave.', address: '127.0.0.1' }]]);
    expect(body).toContain('it was not me');
  });

  it.each([
    ['nothing chosen', ''],
    ['another answer', 'said=maybe'],
    ['too long a sentence', `said=me&note=${'x'.repeat(501)}`],
  ])('asks again where the form has %s', async (_, form) => {
    const { post, answers } = serve();
    const { statusCode, body } = await post(form);
    expect([statusCode, answers]).toEqual([400, []]);
    expect(body).toContain('role="alert"');
  });

  it('loses nothing of what was typed, and counts a line as the page does', async () => {
    const { post, answers } = serve();
    const long = `</textarea><b>${'x'.repeat(500)}`;
    const { body } = await post(new URLSearchParams({ said: 'not_me', note: long }).toString());
    expect(body).toContain('value="not_me" required checked');
    expect(body).toContain(`&lt;/textarea&gt;&lt;b&gt;${'x'.repeat(500)}</textarea>`);
    const lines = 'line\r\n'.repeat(100).slice(0, -2);
    expect((await post(new URLSearchParams({ said: 'not_me', note: lines }).toString())).statusCode).toBe(200);
    expect(answers).toHaveLength(1);
    const nothing = await serve().app.inject({ method: 'POST', url: `/answer/${LINK}` });
    expect(nothing.statusCode).toBe(400);
  });

  it('refuses what another site had a browser send, and what is no form', async () => {
    const { post, answers } = serve();
    expect((await post('said=me', { 'sec-fetch-site': 'cross-site' })).json()).toMatchObject({ code: 'EAR_ACCESS_FORGERY' });
    expect((await post('said=me', { origin: 'https://evil.example.net' })).statusCode).toBe(403);
    expect((await post('{"said":"me"}', { 'content-type': 'application/json' })).statusCode).toBe(415);
    expect((await post(`said=me&note=${'x'.repeat(20_000)}`)).statusCode).toBe(413);
    expect(answers).toEqual([]);
  });

  it('shows names and what was seen as text', async () => {
    const hostile = '"><script>alert(1)</script>';
    const ask = { ...ASK, by: hostile, person: { ...ASK.person, name: hostile }, seen: [{ what: hostile, firstAt: 0, lastAt: 0 }] };
    const { body } = await serve(ask).get(`/answer/${LINK}`);
    expect(body).not.toContain('<script');
    expect(body.match(/&lt;script&gt;/g)).toHaveLength(3);
  });

  it('says that it was answered, or is too old', async () => {
    const answered = { ...ASK, state: 'answered', answer: { said: 'me', note: 'private', at: ASK.askedAt, address: '192.0.2.1' } } as const;
    const first = await serve(ASK, { look: async () => ({ kind: 'answered', ask: answered }) }).get(`/answer/${LINK}`);
    expect([first.statusCode, first.body.includes('This question was answered'), first.body.includes('private')]).toEqual([
      410,
      true,
      false,
    ]);
    const old = await serve(ASK, { look: async () => ({ kind: 'expired', ask: ASK }) }).get(`/answer/${LINK}`);
    expect([old.statusCode, old.body.includes('This link is too old')]).toEqual([410, true]);
  });

  it('lets nobody guess: after a few links that are not known, one waits', async () => {
    const { get, post, answers } = serve();
    const statuses: number[] = [];
    for (let i = 0; i < 8; i++) statuses.push((await get(`/answer/${ASK.id}.${String(i).repeat(43)}`)).statusCode);
    expect(statuses.slice(0, 5)).toEqual([404, 404, 404, 404, 404]);
    expect(statuses.at(-1)).toBe(429);
    const wrong = await post('said=me', {}, `/answer/${ASK.id}.${'x'.repeat(43)}`);
    expect([wrong.statusCode, wrong.headers['retry-after'], answers]).toEqual([429, '60', []]);
  });

  it('makes nobody wait who has the right link, whoever else comes from there', async () => {
    const { get, post, answers } = serve();
    for (let i = 0; i < 20; i++) await get(`/answer/${ASK.id}.${'x'.repeat(43)}`);
    for (let i = 0; i < 20; i++) expect((await get(`/answer/${LINK}`)).statusCode).toBe(200);
    expect((await post('said=not_me')).statusCode).toBe(200);
    expect(answers).toHaveLength(1);
  });

  it('has no link in the audit trail, or in a log', async () => {
    const { post, audits } = serve();
    await post('said=me', { 'sec-fetch-site': 'cross-site' });
    expect(audits).toMatchObject([{ action: 'api_denied', about: { path: '/answer/…' } }]);
    expect(JSON.stringify(audits)).not.toContain(LINK.slice(-43));
  });
});

describe('POST /api/alerts/:id/ask', () => {
  const ask = (up: ReturnType<typeof setUpApi>, body: object, token = 'ear_operator') =>
    up.app.inject({ method: 'POST', url: '/api/alerts/a1/ask', headers: as(token), payload: body });

  it('is for who works on alerts', async () => {
    const up = serve();
    expect((await ask(up, { person: 'alice' })).json()).toMatchObject({
      number: '0123-4567',
      stands: 'no answer yet',
      person: { id: 'alice', name: 'Alice Example' },
    });
    expect((await ask(up, {}, 'ear_reader')).statusCode).toBe(403);
    // Addresses of mail, and what opens a link, are nobody's to read here.
    expect((await ask(up, {})).body).not.toMatch(/@example|hashes/);
  });

  it.each([
    ['EAR_ASK_SETUP', 422],
    ['EAR_ASK_REFUSED', 422],
    ['EAR_API_CONFLICT', 409],
  ] as const)('says %s', async (code, status) => {
    const up = serve(ASK, { ask: async () => err({ code, message: 'why' }) });
    const answer = await ask(up, {});
    expect([answer.statusCode, answer.json().code, answer.json().detail]).toEqual([status, code, 'why']);
  });
});
