import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, findBrowser, openBrowser, openTab } from '../support/browser.ts';
import { ADMIN, ConsoleHub } from '../support/console-hub.ts';

const chromium = findBrowser();

describe.skipIf(chromium === undefined)('users, tokens and the own account', () => {
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

  it('an administrator invites somebody, who comes in by the link; disabled, they are out at once', async () => {
    const admin = await site.open(browser, '/users');
    const { page } = admin;
    await page.getByRole('button', { name: 'New user' }).click();
    await page.getByLabel(/^Name/).fill('bob');
    await page.getByLabel('Datasets').fill('linux.*, cef');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Make the user and a link' }).click();
    const link = (await page.locator('.mono', { hasText: '/setup#' }).textContent()) ?? '';
    await expectAccessible(page);
    await page.keyboard.press('Escape');

    const invited = await openTab(browser, { scheme: 'dark', size: 'phone' });
    await invited.page.goto(link);
    await invited.page.getByText('An account was made for you.').waitFor();
    await invited.page.locator('input[type=password]').fill('another horse battery');
    // The code is not in the browser's history.
    expect(invited.page.url()).toBe(`${site.url}/setup`);
    await expectAccessible(invited.page);
    await invited.page.locator('button[type=submit]').click();
    await invited.page.getByRole('button', { name: 'Signed in as bob' }).waitFor();
    await invited.page.goto(`${site.url}/account`);
    await invited.page.getByText('bob · viewer · sees linux.*, cef').waitFor();
    await expectAccessible(invited.page);
    await invited.page.goto(`${site.url}/users`);
    await invited.page.getByText('There is no such page').waitFor();

    await page.reload();
    await page.getByRole('button', { name: 'Actions for bob' }).click();
    await page.getByRole('menuitem', { name: 'New password link …' }).click();
    const again = await openTab(browser);
    await again.page.goto((await page.locator('.mono', { hasText: '/setup#' }).textContent()) ?? '');
    await again.page.getByText('The old one stops working').waitFor();
    await expectAccessible(again.page);
    await again.context.close();
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: 'Actions for bob' }).click();
    await page.getByRole('menuitem', { name: 'Disable …' }).click();
    await page.getByRole('button', { name: 'Disable', exact: true }).click();
    await page.getByText('disabled').waitFor();
    await invited.page.reload();
    await invited.page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
    expect(admin.complaints).toEqual([]);
    await invited.context.close();
    await admin.context.close();
  });

  it('a token is shown once, and is no more when it is revoked', async () => {
    const { page, context, complaints } = await site.open(browser, '/tokens');
    await page.getByRole('button', { name: 'New token' }).click();
    await page.getByLabel(/^Name/).fill('grafana');
    await page.getByLabel('events:read').check();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Make the token' }).click();
    const token = (await page.locator('.mono', { hasText: 'ear_' }).textContent()) ?? '';
    const asks = () => fetch(`${site.url}/api/events`, { headers: { authorization: `Bearer ${token}` } }).then(({ status }) => status);
    expect(await asks()).toBe(200);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Revoke grafana' }).click();
    await page.getByRole('button', { name: 'Revoke', exact: true }).click();
    await page.getByRole('button', { name: 'Revoke grafana' }).waitFor({ state: 'detached' });
    expect(await asks()).toBe(401);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('people change their password, and sign out everywhere', async () => {
    const { page, context, complaints } = await site.open(browser, '/account');
    await page.getByLabel(/^Current password/).fill(ADMIN.password);
    await page.getByLabel(/^New password/).fill('yet another horse of mine');
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByText('Your password is changed').waitFor();
    expect(complaints).toEqual([]);
    await page.getByRole('button', { name: 'Sign out everywhere' }).click();
    await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
    await context.close();
  });
});
