import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, findBrowser, openBrowser, type Tab } from '../support/browser.ts';
import { consoleLines, feed } from '../support/console-events.ts';
import { ConsoleHub } from '../support/console-hub.ts';

const chromium = findBrowser();

/** The first number that is written there. */
const numberIn = async (place: Locator): Promise<number> =>
  Number(/[\d,]+/.exec((await place.textContent()) ?? '')?.[0].replaceAll(',', ''));

/** What people do with the page, against the real hub and engine: each picture leads to what is behind it. */
describe.skipIf(chromium === undefined)('the page', () => {
  let browser: Browser;
  let site: ConsoleHub;

  beforeAll(async () => {
    browser = await openBrowser(chromium ?? '');
    site = await ConsoleHub.start(browser);
    await feed(site.hub, consoleLines());
  });
  afterAll(async () => {
    await browser.close();
    await site.stop();
  });

  /** A tab of the administrator's; nothing may be wrong with it in the end. */
  async function on(path: string, work: (page: Page, tab: Tab) => Promise<void>, expected?: string): Promise<void> {
    const tab = await site.open(browser, path);
    await work(tab.page, tab);
    await expectAccessible(tab.page);
    // The browser itself notes each 4xx.
    expect(tab.complaints.filter((each) => expected === undefined || !each.includes(expected))).toEqual([]);
    await tab.context.close();
  }

  it('finds who viewed a password: query, table, full details, and back', () =>
    on('/explorer?from=now-2d', async (page) => {
      const query = page.getByRole('combobox', { name: 'Query' });
      await query.fill('cef.name:"Password Viewed" AND related.user:alice');
      await query.press('Enter');
      await page.waitForURL(/Password/);
      const table = page.getByLabel('Events, newest first');
      await table.getByText('Password viewed by user alice').first().click();
      const drawer = page.getByRole('dialog', { name: 'Event' });
      await drawer.getByText('Password viewed by user alice').first().waitFor();
      await drawer.getByRole('tab', { name: 'JSON' }).click();
      await drawer.getByText('"Password Viewed"').first().waitFor();
      expect(page.url()).toContain('event=');
      await expectAccessible(page);
      await page.keyboard.press('Escape');
      await drawer.waitFor({ state: 'hidden' });
      await page.goBack();
    }));

  it('shows where a query is wrong, in words and at the place', () =>
    on(
      '/explorer?from=now-2d',
      async (page) => {
        const query = page.getByRole('combobox', { name: 'Query' });
        await query.fill('user.name:bob AND (source.ip:10.0.0.0/33');
        await query.press('Enter');
        await page.locator('[aria-label=Query][aria-invalid=true]').waitFor();
        await page
          .getByText(/10\.0\.0\.0\/33/)
          .first()
          .waitFor();
      },
      '400',
    ));

  it('proposes fields and values while one types', () =>
    on('/explorer?from=now-2d', async (page) => {
      const query = page.getByRole('combobox', { name: 'Query' });
      await query.click();
      await query.pressSequentially('user.na', { delay: 30 });
      await page
        .getByRole('option', { name: /user\.name/ })
        .first()
        .click();
      await query.pressSequentially('ali', { delay: 30 });
      await page.getByRole('option', { name: /alice/ }).first().click();
      expect(await query.inputValue()).toContain('user.name:alice');
    }));

  it('takes an alert from the queue to its resolution by the keyboard', () =>
    on('/alerts', async (page) => {
      await page.getByRole('list', { name: 'Alerts' }).getByRole('listitem').first().waitFor();
      await page.keyboard.press('j');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/alerts\/.+/);
      await page.getByRole('toolbar', { name: 'What to do with this alert' }).waitFor();
      await page.keyboard.press('a');
      await page.getByText('Acknowledged').first().waitFor();
      await page.getByLabel('Comment').fill('seen with the owner <b>ok</b>');
      await page
        .getByRole('button', { name: /comment/i })
        .last()
        .click();
      await page.getByText('seen with the owner <b>ok</b>').first().waitFor();
      await page.keyboard.press('Escape');
      await page.locator('h1').click();
      await page.keyboard.press('r');
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('radio', { name: /benign/i }).check();
      await dialog.getByRole('button', { name: /resolve/i }).click();
      await page.getByText('Resolved').first().waitFor();
      await page.goto(`${site.url}/alerts?state=resolved`);
      await page.getByRole('list', { name: 'Alerts' }).getByRole('listitem').first().waitFor();
    }));

  it('counts on the overview what the explorer finds behind it', () =>
    on('/overview', async (page) => {
      const events = page.getByRole('region', { name: 'Events', exact: true });
      await events.waitFor();
      const shown = await numberIn(events);
      expect(shown).toBeGreaterThan(300);
      await events.getByRole('link').first().click();
      await page.waitForURL(/explorer/);
      const total = page.getByText(/^[\d,]+ events?/).first();
      await total.waitFor();
      const found = await numberIn(total);
      // The window moves on between the two looks.
      expect(Math.abs(found - shown)).toBeLessThan(10);
    }));

  it('shows a person that no directory knows, with addresses and hosts', () =>
    on('/people', async (page) => {
      await page.getByRole('link', { name: 'carol' }).first().click();
      await page.waitForURL(/people\/.+carol/);
      await page.getByRole('heading', { level: 1, name: /carol/ }).waitFor();
      await page.getByText('192.0.2.2', { exact: true }).first().waitFor();
    }));

  it('leads from a rule to its hits', () =>
    on('/rules', async (page) => {
      await page.getByRole('link', { name: /Sudo/ }).first().click();
      await page.waitForURL(/rules\/.+/);
      // By its name: the list's own heading may still be there.
      await page.getByRole('heading', { level: 1, name: /Sudo/ }).waitFor();
    }));
});
