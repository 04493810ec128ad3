import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { expectAccessible, findBrowser, openBrowser, openTab } from '../support/browser.ts';
import { ADMIN, ConsoleHub } from '../support/console-hub.ts';
import { earshot, eventually, HubProcess } from '../support/hub-process.ts';
import { Keycloak, missingKeycloak } from '../support/keycloak.ts';
import { AcmeRealm, CLIENT_SECRET, PASSWORD } from '../support/keycloak-realm.ts';

const chromium = findBrowser();
const TEST_MS = 120_000;

function guideSettings(): object {
  const [, text = ''] = /```yaml\n(.*?)```/s.exec(readFileSync('docs/guides/keycloak.md', 'utf8')) ?? [];
  return (parse(text) as { auth: { oidc: object } }).auth.oidc;
}

describe.skipIf(missingKeycloak() !== undefined || chromium === undefined)('with a real Keycloak', { timeout: TEST_MS }, () => {
  let browser: Browser;
  let keycloak: Keycloak;
  let realm: AcmeRealm;
  let site: ConsoleHub;

  beforeAll(async () => {
    browser = await openBrowser(chromium ?? '');
    keycloak = await Keycloak.start();
    realm = await AcmeRealm.create(keycloak);
    site = await ConsoleHub.start(browser, { auth: { oidc: oidc() } });
    await realm.leadBackTo(site.url);
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await site?.stop();
    await keycloak?.stop();
  });

  /** As the guide has them. */
  const oidc = (more: object = {}) => ({ ...guideSettings(), issuer: realm.issuer, client_secret: CLIENT_SECRET, ...more });

  /** As an administrator does it: in the file, and by a reload. */
  async function configure(more: object): Promise<void> {
    const before = parse(readFileSync(site.hub.configFile, 'utf8')) as object;
    writeFileSync(site.hub.configFile, stringify({ ...before, auth: { oidc: oidc(more) } }));
    expect(await earshot(['reload', '--config', site.hub.configFile])).toMatchObject({ code: 0 });
  }

  /** Presses the button of the hub's door. */
  async function toProvider(page: Page, path = '/account', url = site.url): Promise<void> {
    await page.goto(`${url}${path}`);
    await page.getByRole('link', { name: 'Sign in with Acme' }).click();
  }

  /** Fills Keycloak's own page in. */
  async function atKeycloak(page: Page, name: string, password = PASSWORD): Promise<void> {
    await page.locator('#username').waitFor();
    expect(page.url()).toContain(`${realm.issuer}/`);
    await page.locator('#username').fill(name);
    await page.locator('#password').fill(password);
    await page.locator('#kc-login').click();
  }

  async function signIn(name: string, path?: string) {
    const tab = await openTab(browser);
    await toProvider(tab.page, path);
    await atKeycloak(tab.page, name);
    return tab;
  }

  const arrived = (page: Page) => page.getByRole('button', { name: /Signed in as/ }).waitFor();
  const sessionOf = async (page: Page) => {
    const reply = await page.request.get(`${site.url}/api/session`);
    return { status: reply.status(), ...((await reply.json()) as object) };
  };

  async function signOut(page: Page): Promise<void> {
    await page.getByRole('button', { name: /Signed in as/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: 'Sign in with Acme' }).waitFor();
  }

  /** Signs in as who is let in, and gives what the hub says of them. */
  async function rightsOf(name: string) {
    const { page, context } = await signIn(name);
    await arrived(page);
    const session = await sessionOf(page);
    await context.close();
    return session;
  }

  /** Signs in as who is not let in, and sees the reason. */
  async function refused(name: string, reason: string): Promise<void> {
    const { page, context } = await signIn(name);
    await page.getByText(reason).waitFor();
    expect(await sessionOf(page)).toMatchObject({ status: 401 });
    await expectAccessible(page);
    await context.close();
  }

  async function audited(query: string, { configFile }: HubProcess = site.hub): Promise<Record<string, unknown>[]> {
    const text = `event.dataset:earshot.audit AND ${query}`;
    // Also of a hub whose clock is ahead.
    const times = ['--since', '1h', '--until', 'now+1h'];
    const { code, stdout, stderr } = await earshot(['search', text, '--json', ...times, '--config', configFile]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]));
  }

  it('leads to its page and back to the page that was asked for, with a strict cookie', async () => {
    const { page, context, complaints } = await signIn('anna', '/account?from=link');
    await arrived(page);
    expect(page.url()).toBe(`${site.url}/account?from=link`);
    await page.getByText('You sign in through the provider').waitFor();
    const [session, ...others] = await context.cookies(site.url);
    expect([session, others]).toMatchObject([{ name: 'earshot_session', httpOnly: true, sameSite: 'Strict' }, []]);
    expect(complaints.filter((each) => !each.includes('401'))).toEqual([]);
    await context.close();
  });

  it.each([
    ['vera', { role: 'viewer', datasets: ['linux.*'], display_name: 'Given0 Family0' }],
    ['anna', { role: 'analyst', datasets: ['linux.*', 'cef'] }],
    ['rex', { role: 'responder', datasets: ['cef'] }],
    ['axel', { role: 'admin', datasets: ['*'] }],
    ['mia', { role: 'responder', datasets: ['linux.*', 'cef'] }],
    ['kim@example.com', { role: 'analyst' }],
  ])('gives %s what their groups give', async (name, rights) => {
    expect(await rightsOf(name)).toMatchObject({ status: 200, name, ...rights });
  });

  it('shows the pages of administrators to those alone', async () => {
    for (const [name, shown] of [
      ['vera', 0],
      ['axel', 1],
    ] as const) {
      const { page, context } = await signIn(name);
      await arrived(page);
      expect(await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Users' }).count()).toBe(shown);
      expect((await page.request.get(`${site.url}/api/users`)).status()).toBe(shown === 1 ? 200 : 403);
      await context.close();
    }
  });

  it.each([
    ['nora', 'None of your groups at the provider gives access here'],
    ['paula', 'None of your groups at the provider gives access here'],
    ['josé', 'The provider’s name for you is none that a user can have here'],
    ['ada', 'Another account here has your name'],
  ])('does not let %s in: %s', refused);

  it('leaves a wrong password to Keycloak, and lets the right one in', async () => {
    const { page, context } = await openTab(browser);
    await toProvider(page);
    await atKeycloak(page, 'vera', 'wrong');
    await page.getByText('Invalid username or password').first().waitFor();
    expect(await sessionOf(page)).toMatchObject({ status: 401 });
    await atKeycloak(page, 'vera');
    await arrived(page);
    await context.close();
  });

  it('signs out here and not there: the next sign-in needs no password until Keycloak’s own session ends', async () => {
    const { page, context } = await signIn('vera');
    await arrived(page);
    const [cookie] = await context.cookies(site.url);
    await signOut(page);
    expect(await context.cookies(site.url)).toEqual([]);
    const replayed = await fetch(`${site.url}/api/session`, { headers: { cookie: `${cookie?.name}=${cookie?.value}` } });
    expect(replayed.status).toBe(401);

    await toProvider(page);
    await arrived(page);
    await signOut(page);

    await realm.signOut('vera');
    await toProvider(page);
    await atKeycloak(page, 'rex');
    await arrived(page);
    expect(await sessionOf(page)).toMatchObject({ name: 'rex' });
    await context.close();
  });

  it('asks the groups again at each sign-in, and knows people by their subject', async () => {
    await realm.join('vera', '/soc/analysts');
    expect(await rightsOf('vera')).toMatchObject({ role: 'analyst', datasets: ['linux.*', 'cef'] });
    await realm.changePerson('vera', { username: 'vera.new', lastName: 'Renamed' });
    expect(await rightsOf('vera.new')).toMatchObject({ name: 'vera', display_name: 'Given0 Renamed' });
    await realm.leave('vera.new', '/soc/analysts');
    await realm.leave('vera.new', '/soc/viewers');
    await refused('vera.new', 'None of your groups at the provider gives access here');
    await eventually(async () => (await audited('event.action:user_change AND user.target.name:vera')).length === 1);
  });

  it('a person disabled at Keycloak cannot sign in again; their session here goes on until it ends or is ended here', async () => {
    const { page, context } = await signIn('rex');
    await arrived(page);
    await realm.changePerson('rex', { enabled: false });
    expect(await sessionOf(page)).toMatchObject({ status: 200, name: 'rex' });

    const other = await openTab(browser);
    await toProvider(other.page);
    await atKeycloak(other.page, 'rex');
    await other.page.getByText('Account is disabled').first().waitFor();
    await other.context.close();

    expect(await earshot(['user', 'disable', 'rex', '--config', site.hub.configFile])).toMatchObject({ code: 0 });
    expect(await sessionOf(page)).toMatchObject({ status: 401 });
    await context.close();
    await realm.changePerson('rex', { enabled: true });
    await refused('rex', 'Your account is disabled');
  });

  it.each([
    ['another RSA key', 'rsa-generated', {}],
    ['an EC key', 'ecdsa-generated', { ecdsaEllipticCurveKey: ['P-256'] }],
  ] as const)('goes on when the realm has changed its key for %s a moment ago', async (_, kind, config) => {
    expect(await rightsOf('anna')).toMatchObject({ status: 200 });
    const before = await realm.signingKeys();
    await realm.rotateKey(kind, config);
    expect((await realm.signingKeys()).filter((key) => before.includes(key))).toEqual([]);
    if (kind === 'ecdsa-generated') await realm.changeClient({ attributes: { 'id.token.signed.response.alg': 'ES256' } });
    expect(await rightsOf('anna')).toMatchObject({ status: 200 });
  });

  it('says so when somebody does not agree at Keycloak', async () => {
    await realm.changeClient({ consentRequired: true });
    const { page, context } = await signIn('mia');
    await page.locator('#kc-cancel').click();
    await page.getByText('The provider refused').waitFor();
    await context.close();
    await realm.changeClient({ consentRequired: false });
    await eventually(async () => (await audited('earshot.audit.reason:provider AND earshot.audit.detail:*access_denied*')).length === 1);
  });

  it('Keycloak insists on PKCE, as the guide’s client has it', async () => {
    const asked = new URL((await fetch(`${site.url}/api/oidc/start`, { redirect: 'manual' })).headers.get('location') ?? '');
    expect((await fetch(asked)).status).toBe(200);
    asked.searchParams.delete('code_challenge');
    asked.searchParams.delete('code_challenge_method');
    const back = (await fetch(asked, { redirect: 'manual' })).headers.get('location');
    expect(back).toContain(`${site.url}/api/oidc/callback?error=invalid_request`);
  });

  it('Keycloak leads back to the guide’s address alone', async () => {
    const asked = new URL((await fetch(`${site.url}/api/oidc/start`, { redirect: 'manual' })).headers.get('location') ?? '');
    asked.searchParams.set('redirect_uri', `${site.url}/api/oidc/callback/x`);
    const reply = await fetch(asked, { redirect: 'manual' });
    expect([reply.status, await reply.text()]).toEqual([400, expect.stringContaining('Invalid parameter: redirect_uri')]);
  });

  it('takes client roles instead of groups, as the guide says', async () => {
    await realm.giveClientRole('nora', 'responder');
    // Who was refused has got no account.
    expect((await earshot(['user', 'list', '--config', site.hub.configFile])).stdout).not.toMatch(/nora|paula|josé/);
    await configure({ groups_claim: 'earshot_roles', groups: [{ group: 'responder', role: 'responder' }] });
    expect(await rightsOf('nora')).toMatchObject({ role: 'responder', datasets: ['*'] });
    await refused('mia', 'None of your groups at the provider gives access here');
    await configure({});
  });

  it('does not sign in with a wrong secret of the client, and the audit trail says why', async () => {
    await configure({ client_secret: 'another' });
    await refused('mia', 'The provider refused');
    await configure({});
    const [event] = await eventually(async () => {
      const found = await audited('event.outcome:failure AND earshot.audit.detail:*unauthorized_client*');
      return found.length > 0 && found;
    });
    expect(JSON.stringify(event)).toContain('Invalid client or Invalid client credentials');
    expect(JSON.stringify(event)).not.toContain(CLIENT_SECRET);
  });

  it('has all of it in the audit trail', async () => {
    const count = async (query: string) => (await audited(query)).length;
    await eventually(async () => (await count('event.action:sign_in AND event.outcome:success AND user.name:nora')) === 1);
    expect(await count('event.action:user_create AND user.target.name:nora AND earshot.audit.role:responder')).toBe(1);
    expect(await count('event.action:sign_in AND event.outcome:success AND user.name:vera AND earshot.audit.way:provider')).toBeGreaterThan(
      3,
    );
    expect(await count('event.action:sign_out AND user.name:vera')).toBe(2);
    for (const reason of ['no_group', 'no_name', 'name_taken', 'disabled', 'provider'])
      expect([reason, await count(`event.action:sign_in AND event.outcome:failure AND earshot.audit.reason:${reason}`)]).not.toEqual([
        reason,
        0,
      ]);
  });

  it.each([
    [-600, 'in'],
    [240, 'in'],
    [600, 'out'],
  ])('a hub whose clock is %d s off lets people %s', async (offset, way) => {
    const hub = await HubProcess.create({ auth: { oidc: oidc() } }, { nodeOptions: ['--import', './test/support/clock-preload.ts'] });
    const url = `http://127.0.0.1:${hub.ports.api}`;
    await realm.leadBackTo(url);
    await hub.start({ EARSHOT_CLOCK_OFFSET_SECS: String(offset) });
    const { page, context } = await openTab(browser);
    await toProvider(page, '/account', url);
    await atKeycloak(page, 'mia');
    await (way === 'in' ? arrived(page) : page.getByText('The provider refused').waitFor());
    const [event] = await eventually(async () => {
      const found = await audited('event.action:sign_in', hub);
      return found.length > 0 && found;
    });
    expect(JSON.stringify(event)).toContain(way === 'in' ? 'mia signed in' : '(expiration time)');
    await context.close();
    await hub.kill('SIGTERM');
    rmSync(hub.dataDir, { recursive: true, force: true });
  });

  it('without Keycloak says that it cannot be reached, and passwords still work', async () => {
    await keycloak.stop();
    // What it said of itself is forgotten with the settings.
    await configure({ label: 'Sign in with Acme' });
    const { page, context } = await openTab(browser);
    await toProvider(page);
    await page.getByText('The provider cannot be reached').waitFor();
    await page.getByLabel(/^Name/).fill(ADMIN.name);
    await page.locator('input[type=password]').fill(ADMIN.password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await arrived(page);
    await context.close();
  });
});
