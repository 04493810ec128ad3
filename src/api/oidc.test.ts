import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OidcIssuer } from '../../test/simulators/oidc-issuer.ts';
import { setUpApi } from '../../test/support/api.ts';
import { addUser } from '../../test/support/api-browser.ts';
import { type TestState, testState } from '../../test/support/state.ts';
import type { AuditEvent } from '../model/audit.ts';
import { type AuthSettings, authSettings } from './auth/settings.ts';

let issuer: OidcIssuer;
let test: TestState;
let app: FastifyInstance;
let audits: AuditEvent[];
let auth: AuthSettings;
let clock = 0;

beforeAll(async () => {
  issuer = await OidcIssuer.start();
});
afterAll(() => issuer.stop());

beforeEach(async () => {
  clock = Date.now();
  issuer.claims = { sub: '1', preferred_username: 'ada', name: 'Ada L.', groups: ['soc', 'staff'] };
  issuer.spoil = {};
  auth = settings();
  test = await testState(() => clock);
  ({ app, audits } = setUpApi({}, {}, { accounts: test.state, tokens: test.state.tokens, auth: () => auth, now: () => clock }));
});
afterEach(async () => {
  await app.close();
  await test.remove();
});

const settings = (more: object = {}): AuthSettings =>
  authSettings.parse({
    oidc: {
      issuer: issuer.url,
      client_id: issuer.clientId,
      client_secret: issuer.clientSecret,
      label: 'Sign in with Acme',
      groups: [
        { group: 'soc', role: 'analyst', datasets: ['linux.*'] },
        { group: 'staff', role: 'viewer', datasets: ['cef'] },
        { group: 'boss', role: 'admin' },
      ],
      ...more,
    },
  });

const cookiesOf = ({ headers }: LightMyRequestResponse): string[] => [headers['set-cookie'] ?? []].flat();
const nameAndValue = (cookie = ''): string => cookie.split(';', 1)[0] ?? '';

/** Goes to the provider, and gives the address at which it leads back, with the cookie of the browser that began. */
async function begin(to = '/'): Promise<{ readonly cookie: string; readonly back: string }> {
  const start = await app.inject({ url: `/api/oidc/start?to=${encodeURIComponent(to)}` });
  expect(start.statusCode).toBe(303);
  const provider = await fetch(String(start.headers.location), { redirect: 'manual' });
  const back = new URL(provider.headers.get('location') ?? '');
  expect(back.origin + back.pathname).toBe('http://localhost/api/oidc/callback');
  return { cookie: nameAndValue(cookiesOf(start)[0]), back: back.pathname + back.search };
}

const finish = ({ cookie, back }: { readonly cookie: string; readonly back: string }) => app.inject({ url: back, headers: { cookie } });

/** Begins and finishes. */
async function signIn(to?: string) {
  const answer = await finish(await begin(to));
  const session = cookiesOf(answer).find((cookie) => cookie.startsWith('earshot_session='));
  return { answer, location: answer.headers.location, session };
}

const sessionOf = async (cookie: string | undefined) =>
  (await app.inject({ url: '/api/session', headers: { cookie: nameAndValue(cookie) } })).json();

describe('sign-in through an OpenID provider', () => {
  it('makes the account, with what the groups give, and leads back to the page', async () => {
    expect((await app.inject('/api/sign-in')).json()).toEqual({ setup: true, oidc: 'Sign in with Acme' });
    const { location, session } = await signIn('/alerts/a1?x=1');
    expect(location).toBe('/alerts/a1?x=1');
    expect(session).toMatch(/HttpOnly; SameSite=Strict$/);
    expect(await sessionOf(session)).toMatchObject({ name: 'ada', display_name: 'Ada L.', role: 'analyst', datasets: ['linux.*', 'cef'] });
    expect(audits).toMatchObject([
      { action: 'user_create', category: ['iam'], target: 'ada', about: { role: 'analyst' } },
      { action: 'sign_in', category: ['authentication'], outcome: 'success', actor: 'ada', about: { way: 'provider' } },
    ]);
  });

  it('brings role and datasets up to date at each sign-in, and knows people by their subject', async () => {
    await signIn();
    issuer.claims = { sub: '1', preferred_username: 'ada.lovelace', name: 'Ada King', groups: 'boss' };
    const { session } = await signIn();
    expect(await sessionOf(session)).toMatchObject({ name: 'ada', display_name: 'Ada King', role: 'admin', datasets: ['*'] });
    expect(await test.state.users.list()).toHaveLength(1);
    expect(audits.find(({ action }) => action === 'user_change')).toMatchObject({ target: 'ada', about: { role: 'admin' } });
  });

  it('goes on when the provider has changed its key a moment ago', async () => {
    expect((await signIn()).location).toBe('/');
    issuer.rotateKey();
    expect((await signIn()).location).toBe('/');
  });

  it('the cookie of the way there is lax, and for that way only', async () => {
    const start = await app.inject({ url: '/api/oidc/start' });
    expect(cookiesOf(start)[0]).toMatch(/^earshot_oidc=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/);
    const { answer } = await signIn();
    expect(cookiesOf(answer)[0]).toMatch(/^earshot_oidc=; Max-Age=0;/);
    const url = new URL(String(start.headers.location));
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      scope: 'openid profile email',
    });
  });

  it.each(['//evil.example', '/\\evil.example', 'https://evil.example', '/\n/evil.example'])('does not lead on to %j', async (to) => {
    expect((await app.inject({ url: `/api/oidc/start?to=${encodeURIComponent(to)}` })).statusCode).toBe(400);
  });

  it('is not there without a provider', async () => {
    auth = authSettings.parse({});
    expect((await app.inject('/api/oidc/start')).statusCode).toBe(404);
    expect((await app.inject('/api/oidc/callback?code=x&state=y')).statusCode).toBe(404);
  });

  it('says when the provider cannot be reached, and asks again the next time', async () => {
    auth = settings({ issuer: 'http://127.0.0.1:9' });
    expect((await app.inject('/api/oidc/start')).headers.location).toBe('/?sign_in=unreachable');
    auth = settings();
    expect((await signIn()).location).toBe('/');
  });
});

describe('nobody comes in', () => {
  const old = () => Math.floor(Date.now() / 1000) - 3_600;

  it.each<readonly [string, () => OidcIssuer['spoil']]>([
    ['a wrong nonce', () => ({ claims: { nonce: 'another' } })],
    ['no nonce', () => ({ claims: { nonce: undefined } })],
    ['a wrong audience', () => ({ claims: { aud: 'another client' } })],
    ['several audiences, and another client as the one it was made for', () => ({ claims: { aud: ['earshot', 'x'], azp: 'x' } })],
    ['a wrong issuer', () => ({ claims: { iss: 'https://evil.example' } })],
    ['a token that has expired', () => ({ claims: { iat: old(), exp: old() + 60 } })],
    ['a token without a subject', () => ({ claims: { sub: undefined } })],
    ['the algorithm none', () => ({ header: { alg: 'none' }, signature: 'none' })],
    ['no signature', () => ({ signature: 'none' })],
    ['a signature by another key', () => ({ signature: 'wrong_key' })],
    ['the public key as a secret', () => ({ header: { alg: 'HS256' }, signature: 'hmac' })],
    ['a key that is not among the issuer’s', () => ({ header: { kid: 'k2' } })],
  ])('with %s', async (_, spoil) => {
    issuer.spoil = spoil();
    const { location, session } = await signIn();
    expect([location, session]).toEqual(['/?sign_in=provider', undefined]);
    expect(await test.state.users.list()).toEqual([]);
    expect(audits).toMatchObject([{ action: 'sign_in', outcome: 'failure', about: { way: 'provider', reason: 'provider' } }]);
    expect(audits[0]?.about?.detail).not.toBe('');
  });

  it('with a state that was used', async () => {
    const begun = await begin();
    expect((await finish(begun)).headers.location).toBe('/');
    const granted = issuer.granted;
    const again = await finish(begun);
    expect([again.headers.location, cookiesOf(again).some((cookie) => cookie.startsWith('earshot_session'))]).toEqual([
      '/?sign_in=expired',
      false,
    ]);
    expect(issuer.granted).toBe(granted);
  });

  it('with a state of another browser, or of another sign-in', async () => {
    const [one, other] = [await begin(), await begin()];
    expect((await app.inject({ url: one.back })).headers.location).toBe('/?sign_in=expired');
    expect((await finish({ cookie: other.cookie, back: one.back })).headers.location).toBe('/?sign_in=provider');
    expect((await finish({ cookie: one.cookie, back: one.back.replace(/state=[^&]+/, 'state=') })).headers.location).toBe(
      '/?sign_in=provider',
    );
  });

  it('with a code of another sign-in: its verifier is another', async () => {
    const [one, other] = [await begin(), await begin()];
    const code = /code=([^&]+)/.exec(other.back)?.[1] ?? '';
    const mixed = { cookie: one.cookie, back: one.back.replace(/code=[^&]+/, `code=${code}`) };
    expect((await finish(mixed)).headers.location).toBe('/?sign_in=provider');
  });

  it('after too long, or when the provider says no', async () => {
    const late = await begin();
    clock += 600_000;
    expect((await finish(late)).headers.location).toBe('/?sign_in=expired');
    const { cookie, back } = await begin();
    const denied = `/api/oidc/callback?error=access_denied&error_description=They+said+no&state=${/state=([^&]+)/.exec(back)?.[1]}`;
    expect((await finish({ cookie, back: denied })).headers.location).toBe('/?sign_in=provider');
    expect(audits.at(-1)?.about?.detail).toContain('(access_denied: They said no)');
  });

  it('with a wrong secret of the client, and the audit trail has what the provider said', async () => {
    auth = settings({ client_secret: 'another' });
    expect((await signIn()).location).toBe('/?sign_in=provider');
    expect(audits).toMatchObject([{ outcome: 'failure', about: { detail: expect.stringContaining('(invalid_client)') } }]);
  });

  it('without a group that gives something, without a name, with the name of another account, or disabled', async () => {
    issuer.claims = { sub: '2', preferred_username: 'bob', groups: ['others'] };
    expect((await signIn()).location).toBe('/?sign_in=no_group');
    issuer.claims = { sub: '2', preferred_username: 'b o b', groups: ['soc'] };
    expect((await signIn()).location).toBe('/?sign_in=no_name');
    await addUser(test.state, 'bob', 'admin');
    issuer.claims = { sub: '2', preferred_username: 'BOB', groups: ['soc'] };
    expect((await signIn()).location).toBe('/?sign_in=name_taken');
    issuer.claims = { sub: '3', preferred_username: 'eve', groups: ['soc'] };
    await signIn();
    const eve = await test.state.users.byName('eve');
    await test.state.users.change(eve?.id ?? '', { disabled: true });
    expect((await signIn()).location).toBe('/?sign_in=disabled');
    expect(JSON.stringify(audits)).not.toContain(issuer.clientSecret);
  });
});
