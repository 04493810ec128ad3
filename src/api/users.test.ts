import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setUpApi } from '../../test/support/api.ts';
import { addUser, Browser, PASSWORD } from '../../test/support/api-browser.ts';
import { type TestState, testState } from '../../test/support/state.ts';
import type { AuditEvent } from '../model/audit.ts';

let clock = Date.UTC(2026, 0, 31, 12);
let test: TestState;
let app: FastifyInstance;
let audits: AuditEvent[];
let root: Browser;
let rootId: string;

beforeEach(async () => {
  test = await testState(() => clock);
  ({ app, audits } = setUpApi({}, {}, { accounts: test.state, tokens: test.state.tokens, now: () => clock }));
  ({ id: rootId } = await addUser(test.state, 'root', 'admin'));
  root = await signedIn('root');
});
afterEach(async () => {
  await app.close();
  await test.remove();
});

async function signedIn(name: string): Promise<Browser> {
  const browser = new Browser(app);
  expect((await browser.signIn(name)).statusCode).toBe(200);
  return browser;
}

const lastAudit = () => audits.at(-1);

describe('users', () => {
  const ada = { name: 'Ada', display_name: 'Ada L.', role: 'analyst', datasets: ['linux.*'] };

  it('are made with a link by which they choose a password', async () => {
    const made = await root.send('POST', '/api/users', ada);
    expect(made.json()).toMatchObject({ user: { name: 'ada', role: 'analyst', datasets: ['linux.*'], state: 'invited' } });
    const { code } = made.json().link;
    const browser = new Browser(app);
    expect((await browser.send('POST', '/api/setup/look', { code })).json()).toEqual({
      first: false,
      reset: false,
      name: 'ada',
      display_name: 'Ada L.',
    });
    // The name is who the link is for, whatever comes along.
    const used = await browser.send('POST', '/api/setup', { code, name: 'root', password: PASSWORD });
    expect(used.json()).toMatchObject({ name: 'ada', role: 'analyst', datasets: ['linux.*'] });
    expect(await new Browser(app).status('POST', '/api/setup', { code, password: PASSWORD })).toBe(404);
    const { users } = (await root.send('GET', '/api/users')).json();
    expect(users.map(({ name, state }: { name: string; state: string }) => [name, state])).toEqual([
      ['ada', 'active'],
      ['root', 'active'],
    ]);
    expect(audits).toContainEqual(
      expect.objectContaining({ action: 'user_create', category: ['iam'], type: ['user', 'creation'], actor: 'root', target: 'ada' }),
    );
    expect(JSON.stringify(audits)).not.toContain(code);
    expect(await root.status('POST', '/api/users', ada)).toBe(409);
  });

  it.each([
    [{ name: 'a b' }, 'body.name'],
    [{ role: 'god' }, 'body.role'],
    [{ datasets: ["x' OR 1=1"] }, 'body.datasets.0'],
  ])('%j is refused', async (change, path) => {
    const answer = await root.send('POST', '/api/users', { ...ada, ...change });
    expect([answer.statusCode, answer.json().faults[0].path]).toEqual([400, path]);
  });

  it('get a new link when they are locked out: it ends their sessions when it is used, not before', async () => {
    const { id } = await addUser(test.state, 'ada');
    const before = await signedIn('ada');
    const first = (await root.send('POST', `/api/users/${id}/invite`, {})).json();
    const second = (await root.send('POST', `/api/users/${id}/invite`, {})).json();
    expect(lastAudit()).toMatchObject({ action: 'user_invite', target: 'ada' });
    expect(await new Browser(app).status('POST', '/api/setup/look', { code: first.code })).toBe(404);
    expect((await new Browser(app).send('POST', '/api/setup/look', { code: second.code })).json()).toMatchObject({ reset: true });
    expect(await before.status('GET', '/api/session')).toBe(200);
    const fresh = new Browser(app);
    expect(await fresh.status('POST', '/api/setup', { code: second.code, password: 'another very long one' })).toBe(200);
    expect(await before.status('GET', '/api/session')).toBe(401);
    expect((await new Browser(app).signIn('ada')).statusCode).toBe(401);
    expect((await new Browser(app).signIn('ada', 'another very long one')).statusCode).toBe(200);
  });

  it('who is disabled has no session, cannot sign in, and no link lets them in', async () => {
    const { id } = await addUser(test.state, 'ada');
    const browser = await signedIn('ada');
    const { code } = (await root.send('POST', `/api/users/${id}/invite`, {})).json();
    expect((await root.send('PUT', `/api/users/${id}`, { disabled: true })).json()).toMatchObject({ state: 'disabled' });
    expect(lastAudit()).toMatchObject({ action: 'user_change', target: 'ada', about: { disabled: true } });
    expect(await browser.status('GET', '/api/session')).toBe(401);
    expect((await new Browser(app).signIn('ada')).statusCode).toBe(401);
    expect(await new Browser(app).status('POST', '/api/setup', { code, password: PASSWORD })).toBe(404);
    expect(await root.status('POST', `/api/users/${id}/invite`, {})).toBe(409);
    await root.send('PUT', `/api/users/${id}`, { disabled: false });
    expect((await new Browser(app).signIn('ada')).statusCode).toBe(200);
  });

  it('of a provider get no password here, with which they could come in when it has put them out', async () => {
    const ada = { name: 'ada', displayName: '', role: 'viewer', datasets: ['*'] } as const;
    const made = await test.state.users.fromProvider('https://idp.example.com#1', ada);
    const id = made.ok ? made.value.after.id : '';
    expect(await root.status('POST', `/api/users/${id}/invite`, {})).toBe(409);
  });

  it('are removed with their sessions', async () => {
    const { id } = await addUser(test.state, 'ada');
    const browser = await signedIn('ada');
    expect((await root.send('DELETE', `/api/users/${id}`)).json()).toEqual({ removed: 'ada' });
    expect(lastAudit()).toMatchObject({ action: 'user_remove', type: ['user', 'deletion'], target: 'ada' });
    expect(await browser.status('GET', '/api/session')).toBe(401);
    expect(await root.status('DELETE', `/api/users/${id}`)).toBe(404);
  });

  it('the last administrator stays one', async () => {
    for (const change of [{ role: 'viewer' }, { disabled: true }])
      expect(await root.status('PUT', `/api/users/${rootId}`, change)).toBe(409);
    expect(await root.status('DELETE', `/api/users/${rootId}`)).toBe(409);
    // One who was invited and has not come could not undo it.
    await root.send('POST', '/api/users', { ...ada, role: 'admin' });
    expect(await root.status('DELETE', `/api/users/${rootId}`)).toBe(409);
    await addUser(test.state, 'eve', 'admin');
    expect(await root.status('PUT', `/api/users/${rootId}`, { role: 'viewer' })).toBe(200);
    expect(await root.status('GET', '/api/users')).toBe(403);
  });

  it('of two administrators who remove each other at once, one stays', async () => {
    const eve = await addUser(test.state, 'eve', 'admin');
    const other = await signedIn('eve');
    const both = await Promise.all([root.status('DELETE', `/api/users/${eve.id}`), other.status('DELETE', `/api/users/${rootId}`)]);
    expect(both.filter((status) => status === 200)).toHaveLength(1);
    expect(await test.state.users.list()).toHaveLength(1);
  });

  it('are signed out everywhere by an administrator', async () => {
    const { id } = await addUser(test.state, 'ada');
    const browsers = [await signedIn('ada'), await signedIn('ada')];
    const { sessions } = (await root.send('GET', `/api/users/${id}/sessions`)).json();
    expect(sessions).toMatchObject([{ way: 'password', address: '192.0.2.1' }, {}]);
    expect((await root.send('POST', `/api/users/${id}/sessions/end`, {})).json()).toEqual({ ended: 2 });
    expect(lastAudit()).toMatchObject({ action: 'sessions_end', target: 'ada' });
    for (const browser of browsers) expect(await browser.status('GET', '/api/session')).toBe(401);
    expect(await root.status('GET', '/api/session')).toBe(200);
  });
});

it('who can work on alerts is known to who can, by name alone', async () => {
  await addUser(test.state, 'ada', 'analyst');
  await addUser(test.state, 'vic');
  const gone = await addUser(test.state, 'gone', 'responder');
  await test.state.users.change(gone.id, { disabled: true });
  const { colleagues } = (await (await signedIn('ada')).send('GET', '/api/colleagues')).json();
  expect(colleagues).toEqual([
    { name: 'ada', display_name: '' },
    { name: 'root', display_name: '' },
  ]);
  expect(await (await signedIn('vic')).status('GET', '/api/colleagues')).toBe(403);
});

describe('the own account', () => {
  it('shows its sessions, and ends one of them but nobody else’s', async () => {
    await addUser(test.state, 'ada');
    const [one, other] = [await signedIn('ada'), await signedIn('ada')];
    const account = (await one.send('GET', '/api/account')).json();
    expect(account).toMatchObject({ name: 'ada', role: 'viewer', has_password: true });
    expect(account.sessions).toHaveLength(2);
    const { id } = account.sessions.find(({ current }: { current: boolean }) => !current);
    expect(await root.status('POST', `/api/account/sessions/${id}/end`, {})).toBe(404);
    expect((await one.send('POST', `/api/account/sessions/${id}/end`, {})).json()).toEqual({ ended: 1 });
    expect(await other.status('GET', '/api/session')).toBe(401);
  });

  it('changes its password, knowing the old one, and ends the other sessions', async () => {
    await addUser(test.state, 'ada');
    const [one, other] = [await signedIn('ada'), await signedIn('ada')];
    const change = (current: string, password: string) => one.send('POST', '/api/account/password', { current, password });
    expect((await change('wrong', 'another very long one')).statusCode).toBe(401);
    expect((await change(PASSWORD, 'short')).json().faults[0].path).toBe('body.password');
    expect((await change(PASSWORD, 'another very long one')).json()).toEqual({ ended: 1 });
    expect(await one.status('GET', '/api/session')).toBe(200);
    expect(await other.status('GET', '/api/session')).toBe(401);
    expect((await new Browser(app).signIn('ada')).statusCode).toBe(401);
    expect((await new Browser(app).signIn('ada', 'another very long one')).statusCode).toBe(200);
    expect(audits).toContainEqual(expect.objectContaining({ action: 'password_change', actor: 'ada' }));
  });

  it('guesses of the old password get slower too', async () => {
    await addUser(test.state, 'ada');
    const browser = await signedIn('ada');
    const guess = () => browser.status('POST', '/api/account/password', { current: 'guess', password: 'another very long one' });
    for (let i = 0; i < 5; i++) expect(await guess()).toBe(401);
    expect(await guess()).toBe(429);
    clock += 3_600_000;
  });

  it('is not for tokens', async () => {
    const made = await test.state.tokens.create({ name: 't', scopes: ['admin'] });
    const headers = { authorization: `Bearer ${made?.token}` };
    expect((await app.inject({ url: '/api/account', headers })).statusCode).toBe(409);
    expect((await app.inject({ url: '/api/session', headers })).json()).toEqual({
      name: 't',
      display_name: 't',
      scopes: ['admin'],
      datasets: ['*'],
      csrf_token: '',
      version: '0.0.0',
    });
  });
});

describe('tokens', () => {
  it('are made, used, listed and revoked, and may be held to datasets', async () => {
    const made = await root.send('POST', '/api/tokens', { name: 'grafana', scopes: ['events:read'], datasets: ['linux.*'] });
    const { token } = made.json();
    const headers = { authorization: `Bearer ${token}` };
    expect((await app.inject({ url: '/api/session', headers })).json()).toMatchObject({ scopes: ['events:read'], datasets: ['linux.*'] });
    expect((await app.inject({ url: '/api/tokens', headers })).statusCode).toBe(403);
    const list = await root.send('GET', '/api/tokens');
    expect(list.json()).toMatchObject({ tokens: [{ name: 'grafana', datasets: ['linux.*'], last_used_at: expect.any(String) }] });
    expect(list.body).not.toContain(token);
    expect(await root.status('POST', '/api/tokens', { name: 'grafana', scopes: ['admin'] })).toBe(409);
    expect(await root.status('DELETE', '/api/tokens/grafana')).toBe(200);
    expect((await app.inject({ url: '/api/session', headers })).statusCode).toBe(401);
    expect(await root.status('DELETE', '/api/tokens/grafana')).toBe(404);
    const changes = audits.filter(({ action }) => action.startsWith('token_'));
    expect(changes).toMatchObject([
      { action: 'token_create', actor: 'root', about: { token: 'grafana', datasets: ['linux.*'] } },
      { action: 'token_revoke', actor: 'root', about: { token: 'grafana' } },
    ]);
    expect(JSON.stringify(audits)).not.toContain(token);
  });

  it('are told from the users whose name they have, in all that they do and all that is denied to them', async () => {
    const made = await root.send('POST', '/api/tokens', { name: 'root', scopes: ['admin'] });
    const headers = { authorization: `Bearer ${made.json().token}` };
    await app.inject({ method: 'DELETE', url: '/api/tokens/root', headers });
    const few = await root.send('POST', '/api/tokens', { name: 'root', scopes: ['events:read'] });
    await app.inject({ url: '/api/tokens', headers: { authorization: `Bearer ${few.json().token}` } });
    expect(audits.slice(-4)).toMatchObject([
      { action: 'token_create', actor: 'root', actorKind: 'user' },
      { action: 'token_revoke', actor: 'root', actorKind: 'token' },
      { action: 'token_create', actor: 'root', actorKind: 'user' },
      { action: 'api_denied', actor: 'root', actorKind: 'token' },
    ]);
    expect(audits.find(({ action }) => action === 'sign_in')).toMatchObject({ actor: 'root', actorKind: 'user' });
  });
});
