import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { as, setUpApi } from '../../test/support/api.ts';
import { addUser, Browser, PASSWORD } from '../../test/support/api-browser.ts';
import { type TestState, testState } from '../../test/support/state.ts';
import type { AuditEvent } from '../model/audit.ts';

const HOUR = 3_600_000;

let clock = Date.UTC(2026, 0, 31, 12);
let test: TestState;
let app: FastifyInstance;
let audits: AuditEvent[];

beforeEach(async () => {
  clock = Date.UTC(2026, 0, 31, 12);
  test = await testState(() => clock);
  ({ app, audits } = setUpApi({}, {}, { accounts: test.state, now: () => clock }));
});
afterEach(async () => {
  await app.close();
  await test.remove();
});

const browser = (...given: [address?: string, headers?: Record<string, string>]) => new Browser(app, ...given);

describe('signing in', () => {
  it('gives a session with the rights of the role', async () => {
    await addUser(test.state, 'ada', 'analyst', ['linux.*']);
    const visitor = browser();
    const answer = await visitor.signIn(' Ada');
    expect(answer.json()).toMatchObject({ name: 'ada', role: 'analyst', datasets: ['linux.*'], version: '0.0.0' });
    expect(answer.headers['set-cookie']).toMatch(/^earshot_session=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/);
    const again = await visitor.send('GET', '/api/session');
    expect(again.json()).toEqual(answer.json());
    expect(again.json().scopes).toEqual(['events:read', 'events:export', 'alerts:write', 'lists:write', 'rules:write']);
    expect(audits).toMatchObject([{ action: 'sign_in', category: ['authentication'], type: ['start'], outcome: 'success', actor: 'ada' }]);
  });

  it('says the same of a wrong password, an unknown name, who is disabled and who has no password', async () => {
    await addUser(test.state, 'ada');
    const off = await addUser(test.state, 'off', 'analyst');
    await test.state.users.change(off.id, { disabled: true });
    await test.state.users.create({ name: 'new', displayName: '', role: 'viewer', datasets: ['*'] });
    const tries = [
      ['ada', 'wrong password of hers'],
      ['nobody', PASSWORD],
      ['off', PASSWORD],
      ['new', PASSWORD],
    ] as const;
    const bodies = [];
    for (const [name, password] of tries) {
      const answer = await browser().signIn(name, password);
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['set-cookie']).toBeUndefined();
      bodies.push({ ...answer.json(), instance: '' });
    }
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
    expect(audits.map(({ outcome, actor }) => [outcome, actor])).toEqual([
      ['failure', 'ada'],
      ['failure', undefined],
      ['failure', 'off'],
      ['failure', 'new'],
    ]);
    expect(JSON.stringify(audits)).not.toContain('nobody@');
    expect(JSON.stringify(audits)).not.toMatch(/staple|wrong password/);
  });

  it('changes the session, and ends the one before', async () => {
    await addUser(test.state, 'ada');
    const visitor = browser();
    await visitor.signIn('ada');
    const before = { cookie: visitor.cookie };
    await visitor.signIn('ada');
    expect(visitor.cookie).not.toBe(before.cookie);
    expect((await app.inject({ url: '/api/session', headers: before })).statusCode).toBe(401);
    expect(await visitor.status('GET', '/api/session')).toBe(200);
  });

  it('a session that the browser brought along is not taken over', async () => {
    await addUser(test.state, 'ada');
    const visitor = browser();
    visitor.cookie = `earshot_session=${'A'.repeat(43)}`;
    await visitor.signIn('ada');
    expect(visitor.cookie).not.toContain('AAAA');
  });
});

describe('a session', () => {
  it('ends when it is not used, and some time after the sign-in', async () => {
    await addUser(test.state, 'ada');
    const visitor = browser();
    await visitor.signIn('ada');
    clock += 8 * HOUR - 1;
    expect(await visitor.status('GET', '/api/session')).toBe(200);
    clock += 8 * HOUR;
    expect(await visitor.status('GET', '/api/session')).toBe(401);

    await visitor.signIn('ada');
    for (let hours = 7; hours < 168; hours += 7) {
      clock += 7 * HOUR;
      expect(await visitor.status('GET', '/api/session')).toBe(200);
    }
    clock += 7 * HOUR;
    expect(await visitor.status('GET', '/api/session')).toBe(401);
  });

  it('changes at once with its user, and ends when they are disabled or removed', async () => {
    await addUser(test.state, 'root', 'admin');
    const { id } = await addUser(test.state, 'ada', 'admin');
    const visitor = browser();
    await visitor.signIn('ada');
    expect(await visitor.status('GET', '/api/outbox')).toBe(200);
    await test.state.users.change(id, { role: 'viewer', datasets: ['a.*'] });
    expect((await visitor.send('GET', '/api/session')).json()).toMatchObject({ role: 'viewer', datasets: ['a.*'] });
    expect(await visitor.status('POST', '/api/alerts/a1/state', { state: 'resolved' })).toBe(403);
    await test.state.users.change(id, { disabled: true });
    expect(await visitor.status('GET', '/api/session')).toBe(401);
    await test.state.users.change(id, { disabled: false });
    expect(await visitor.status('GET', '/api/session')).toBe(401);
    await visitor.signIn('ada');
    await test.state.users.remove(id);
    expect(await visitor.status('GET', '/api/session')).toBe(401);
  });

  it('ends by signing out: this one, or all of them', async () => {
    await addUser(test.state, 'ada');
    const [one, other] = [browser(), browser()];
    await one.signIn('ada');
    await other.signIn('ada');
    const out = await one.send('POST', '/api/sign-out', {});
    expect(out.json()).toEqual({ ended: 1 });
    expect(out.headers['set-cookie']).toMatch(/^earshot_session=; Max-Age=0; Path=\//);
    expect(await other.status('GET', '/api/session')).toBe(200);
    await one.signIn('ada');
    expect((await one.send('POST', '/api/sign-out', { everywhere: true })).json()).toEqual({ ended: 2 });
    expect(await other.status('GET', '/api/session')).toBe(401);
    expect(audits.filter(({ action }) => action === 'sign_out')).toHaveLength(2);
  });

  it('is kept as a hash only', async () => {
    await addUser(test.state, 'ada');
    const visitor = browser();
    await visitor.signIn('ada');
    const rows = await test.state.read((db) => db.selectFrom('sessions').selectAll().execute());
    expect(JSON.stringify(rows)).not.toContain(visitor.cookie.split('=')[1]);
  });
});

describe('another site', () => {
  const change = ['POST', '/api/alerts/a1/state', { state: 'resolved' }] as const;

  it.each([
    ['no token', {}, 403],
    ['a wrong token', { 'x-csrf-token': 'x'.repeat(43) }, 403],
  ])('%s: nothing is changed', async (_, headers, status) => {
    await addUser(test.state, 'ada', 'analyst');
    const visitor = browser();
    await visitor.signIn('ada');
    visitor.csrf = '';
    Object.assign(visitor.headers, headers);
    const answer = await visitor.send(...change);
    expect([answer.statusCode, answer.json().code]).toEqual([status, 'EAR_ACCESS_FORGERY']);
  });

  it.each([
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ 'sec-fetch-site': 'same-origin', origin: 'http://localhost:80' }, 200],
    [{ origin: 'http://localhost:80', host: 'localhost:80' }, 403],
    [{ origin: 'http://localhost', host: 'localhost' }, 200],
  ])('%j with the right token: %i', async (headers, status) => {
    await addUser(test.state, 'ada', 'analyst');
    const visitor = browser();
    await visitor.signIn('ada');
    Object.assign(visitor.headers, headers);
    expect(await visitor.status(...change)).toBe(status);
  });

  it("another session's token is a wrong one", async () => {
    await addUser(test.state, 'ada', 'analyst');
    const [one, other] = [browser(), browser()];
    await one.signIn('ada');
    await other.signIn('ada');
    one.csrf = other.csrf;
    expect(await one.status(...change)).toBe(403);
  });

  it('cannot sign a browser in', async () => {
    await addUser(test.state, 'mallory');
    const visitor = browser('192.0.2.1', { 'sec-fetch-site': 'cross-site' });
    expect((await visitor.signIn('mallory')).statusCode).toBe(403);
  });

  it('a token of the API needs none of it, and counts when a cookie comes along', async () => {
    await addUser(test.state, 'ada', 'admin');
    const visitor = browser('192.0.2.1');
    await visitor.signIn('ada');
    visitor.csrf = '';
    Object.assign(visitor.headers, as('ear_operator'));
    expect(await visitor.status(...change)).toBe(200);
    expect(audits.at(-1)).toMatchObject({ action: 'alert_state', actor: 'ear_operator' });
    Object.assign(visitor.headers, as('ear_wrong'));
    expect(await visitor.status('GET', '/api/session')).toBe(401);
  });
});

describe('behind a proxy that ends TLS', () => {
  const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9, 198.51.100.7' };

  it('believes the one hop that is its own: whose request it is, and that it came over TLS', async () => {
    const behind = setUpApi({ believedHops: 1 }, {}, { accounts: test.state, now: () => clock });
    await addUser(test.state, 'ada');
    const answer = await new Browser(behind.app, '192.0.2.1', forwarded).signIn('ada');
    expect(answer.headers['set-cookie']).toMatch(/^__Host-earshot_session=.*; Secure; SameSite=Strict$/);
    expect(answer.headers['strict-transport-security']).toBeDefined();
    expect(behind.audits).toMatchObject([{ action: 'sign_in', address: '198.51.100.7' }]);
    await behind.app.close();
  });

  it('believes nobody without that setting', async () => {
    await addUser(test.state, 'ada');
    const answer = await browser('192.0.2.1', forwarded).signIn('ada');
    expect(answer.headers['set-cookie']).toMatch(/^earshot_session=.*; HttpOnly; SameSite=Strict$/);
    expect(answer.headers['strict-transport-security']).toBeUndefined();
    expect(audits).toMatchObject([{ address: '192.0.2.1' }]);
  });
});

describe('the first account', () => {
  const first = { name: 'Ada', display_name: 'Ada L.', password: PASSWORD };

  it('is made by a link, once, and is an administrator', async () => {
    const { code } = await test.state.setupLinks.create(undefined, 24 * HOUR);
    const visitor = browser();
    expect((await visitor.send('GET', '/api/sign-in')).json()).toEqual({ setup: true });
    expect((await visitor.send('POST', '/api/setup/look', { code })).json()).toEqual({ first: true, reset: false });
    const made = await visitor.send('POST', '/api/setup', { code, ...first });
    expect(made.json()).toMatchObject({ name: 'ada', display_name: 'Ada L.', role: 'admin', datasets: ['*'] });
    expect(await visitor.status('GET', '/api/session')).toBe(200);
    expect((await visitor.send('GET', '/api/sign-in')).json()).toEqual({ setup: false });
    expect(await browser().status('POST', '/api/setup', { code, ...first, name: 'eve' })).toBe(404);
    expect((await browser().signIn('ada')).statusCode).toBe(200);
    expect(JSON.stringify(audits)).not.toContain(code);
    expect(audits[0]).toMatchObject({ action: 'user_create', category: ['iam'], type: ['user', 'creation'], target: 'ada' });
  });

  it('a link works for its time, while nobody has an account, and not beside a newer one', async () => {
    const old = await test.state.setupLinks.create(undefined, 24 * HOUR);
    const { code } = await test.state.setupLinks.create(undefined, 24 * HOUR);
    expect(await browser().status('POST', '/api/setup/look', { code: old.code })).toBe(404);
    expect(await browser().status('POST', '/api/setup/look', { code })).toBe(200);
    clock += 24 * HOUR;
    expect(await browser().status('POST', '/api/setup', { code, ...first })).toBe(404);
    const late = await test.state.setupLinks.create(undefined, 24 * HOUR);
    await addUser(test.state, 'bob');
    expect(await browser().status('POST', '/api/setup', { code: late.code, ...first })).toBe(404);
  });

  it('of two who use it at once, one is in', async () => {
    const { code } = await test.state.setupLinks.create(undefined, 24 * HOUR);
    const both = await Promise.all(
      ['ada', 'eve'].map((name) => browser().status('POST', '/api/setup', { code, ...first, display_name: '', name })),
    );
    expect(both.sort()).toEqual([200, 404]);
    expect(await test.state.users.list()).toHaveLength(1);
  });

  it.each([
    [{ password: 'short' }, 'body.password'],
    [{ password: 'i am ADA lovelace' }, 'body.password'],
    [{ name: '' }, 'body.name'],
    [{ name: 'a b' }, 'body.name'],
  ])('%j is refused with its reason, and the link stays', async (change, path) => {
    const { code } = await test.state.setupLinks.create(undefined, 24 * HOUR);
    const answer = await browser().send('POST', '/api/setup', { code, ...first, ...change });
    expect([answer.statusCode, answer.json().faults?.[0]?.path]).toEqual([400, path]);
    expect(await browser().status('POST', '/api/setup', { code, ...first })).toBe(200);
  });
});

describe('guessing', () => {
  it('gets slower, by name from elsewhere, and never for who comes from where they always did', async () => {
    await addUser(test.state, 'ada');
    expect((await browser('192.0.2.7').signIn('ada')).statusCode).toBe(200);
    for (let i = 0; i < 5; i++) expect((await browser(`198.51.100.${i}`).signIn('ada', 'guess')).statusCode).toBe(401);
    const held = await browser('198.51.100.99').signIn('ada', 'guess');
    expect([held.statusCode, held.headers['retry-after']]).toEqual([429, '1']);
    expect((await browser('198.51.100.98').signIn('ada')).statusCode).toBe(429);
    expect((await browser('192.0.2.7').signIn('ada')).statusCode).toBe(200);
    clock += 1_000;
    expect((await browser('198.51.100.99').signIn('ada', 'guess')).statusCode).toBe(401);
    expect((await browser('198.51.100.99').signIn('ada', 'guess')).headers['retry-after']).toBe('2');
    expect(audits.some(({ about }) => about?.code === 'EAR_ACCESS_THROTTLED')).toBe(true);
  });

  it('gets slower by address, whatever the names, and names that nobody has count too', async () => {
    const visitor = browser('2001:db8::1');
    for (let i = 0; i < 20; i++) expect((await visitor.signIn(`nobody${i}`, 'guess')).statusCode).toBe(401);
    // The same customer's network.
    expect((await browser('2001:db8::2').signIn('nobody', 'guess')).statusCode).toBe(429);
    expect((await browser('2001:db8:0:1::1').signIn('nobody', 'guess')).statusCode).toBe(401);
  });

  it('many at once do not slip through', async () => {
    await addUser(test.state, 'ada');
    const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => browser(`198.51.100.${i}`).signIn('ada', 'guess')));
    expect(answers.filter(({ statusCode }) => statusCode === 401)).toHaveLength(5);
    expect(answers.filter(({ statusCode }) => statusCode === 429)).toHaveLength(25);
  });
});
