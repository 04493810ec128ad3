import { rmSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OidcIssuer } from '../simulators/oidc-issuer.ts';
import { expectAccessible, findBrowser, openBrowser, openTab } from '../support/browser.ts';
import { freePort } from '../support/free-port.ts';
import { HubProcess } from '../support/hub-process.ts';

const chromium = findBrowser();

describe.skipIf(chromium === undefined)('signing in through an OpenID provider', () => {
  let browser: Browser;
  let issuer: OidcIssuer;
  let hub: HubProcess;
  let url: string;

  beforeAll(async () => {
    browser = await openBrowser(chromium ?? '');
    issuer = await OidcIssuer.start({ host: 'localhost' });
    const listen = `127.0.0.1:${await freePort()}`;
    url = `http://${listen}`;
    const oidc = {
      issuer: issuer.url,
      client_id: issuer.clientId,
      client_secret: issuer.clientSecret,
      label: 'Sign in with Acme',
      groups: [{ group: 'soc', role: 'analyst', datasets: ['linux.*'] }],
    };
    hub = await HubProcess.create({ api: { listen }, auth: { oidc } });
    await hub.start();
  });
  afterAll(async () => {
    await browser.close();
    await hub.kill();
    await issuer.stop();
    rmSync(hub.dataDir, { recursive: true, force: true });
  });

  it('leads to the other site and back to the page that was asked for, with a strict cookie', async () => {
    const { page, context, complaints } = await openTab(browser);
    await page.goto(`${url}/account?from=link`);
    await page.getByRole('link', { name: 'Sign in with Acme' }).click();
    await page.getByRole('button', { name: 'Signed in as Ada L.' }).waitFor();
    expect(page.url()).toBe(`${url}/account?from=link`);
    await page.getByText('You sign in through the provider').waitFor();
    await expectAccessible(page);
    expect(await context.cookies()).toMatchObject([{ name: 'earshot_session', httpOnly: true, sameSite: 'Strict' }]);
    expect(complaints.filter((each) => !each.includes('401'))).toEqual([]);
    await context.close();
  });

  it('says why somebody is not let in', async () => {
    issuer.claims = { sub: '2', preferred_username: 'bob', groups: ['sales'] };
    const { page, context } = await openTab(browser, { scheme: 'dark', size: 'phone' });
    await page.goto(url);
    await page.getByRole('link', { name: 'Sign in with Acme' }).click();
    await page.getByText('None of your groups at the provider gives access here').waitFor();
    await expectAccessible(page);
    await context.close();
  });
});
