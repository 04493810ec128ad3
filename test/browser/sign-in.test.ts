import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, findBrowser, openBrowser, openTab } from '../support/browser.ts';
import { ADMIN, ConsoleHub } from '../support/console-hub.ts';

const chromium = findBrowser();

describe.skipIf(chromium === undefined)('signing in', () => {
  let browser: Browser;
  let site: ConsoleHub;

  beforeAll(async () => {
    browser = await openBrowser(chromium ?? '');
    site = await ConsoleHub.start(browser);
  });
  afterAll(async () => {
    await browser.close();
    await site.stop();
  });

  it.each(['light', 'dark'] as const)('tells a wrong password, and lets the right one in (%s)', async (scheme) => {
    const { page, context, complaints } = await openTab(browser, { scheme });
    await page.goto(site.url);
    await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
    await expectAccessible(page);
    await page.getByLabel(/^Name/).fill(ADMIN.name);
    await page.locator('input[type=password]').fill('wrong');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('alert').waitFor();
    await expectAccessible(page);
    await page.locator('input[type=password]').fill(ADMIN.password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    await page.getByRole('button', { name: /Signed in as/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByLabel(/^Name/).waitFor();
    // The browser itself notes each 401.
    expect(complaints.filter((each) => !each.includes('401'))).toEqual([]);
    await context.close();
  });

  it('has no use for a link that was used', async () => {
    const { page, context } = await openTab(browser);
    await page.goto(await site.setupLink());
    await page.getByRole('alert').waitFor();
    expect(await page.locator('input[type=password]').count()).toBe(0);
    await context.close();
  });

  it('shows nothing of the hub to who is not signed in', async () => {
    const { page, context } = await openTab(browser);
    await page.goto(`${site.url}/explorer?q=*`);
    await page.getByLabel(/^Name/).waitFor();
    expect(await page.getByRole('navigation').count()).toBe(0);
    await context.close();
  });
});
