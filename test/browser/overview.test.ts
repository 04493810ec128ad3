import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, findBrowser, openBrowser, type Tab } from '../support/browser.ts';
import { consoleLines, feed } from '../support/console-events.ts';
import { ConsoleHub } from '../support/console-hub.ts';
import { eventually } from '../support/hub-process.ts';

const chromium = findBrowser();
const ON_TRIAL = 'linux_sudo_not_in_sudoers';

describe.skipIf(chromium === undefined)('overview, sources and rules', () => {
  let browser: Browser;
  let site: ConsoleHub;

  beforeAll(async () => {
    browser = await openBrowser(chromium ?? '');
    site = await ConsoleHub.start(browser, { rules: { staged: [ON_TRIAL] } });
    await feed(site.hub, [...consoleLines(), '<13>1 - edge01 app - - - {"cut": "of']);
    await eventually(async () => ((await site.hub.get('/api/alerts?limit=1')).json as { alerts: unknown[] }).alerts.length > 0);
  });
  afterAll(async () => {
    await browser.close();
    await site.stop();
  });

  const good = async ({ page, complaints }: Tab) => {
    await expectAccessible(page);
    expect(complaints).toEqual([]);
  };

  /** How many the API finds for a link into the explorer or the queue. */
  async function countBehind(href: string): Promise<number> {
    const { pathname, searchParams } = new URL(href, site.url);
    searchParams.delete('state');
    const path = pathname === '/explorer' ? '/api/events/histogram' : '/api/alerts/counts';
    return ((await site.hub.get(`${path}?${searchParams}`)).json as { total: number }).total;
  }

  const number = (text: string | null): number => Number(text?.replace(/\D/g, ''));

  const tile = (page: Page, title: string) => page.getByRole('region', { name: title, exact: true }).getByRole('link');

  it.each(['Events', 'Events that a rule matched', 'Alerts'])('%s: the number opens as many', async (title) => {
    const tab = await site.open(browser, '/overview?period=week');
    const { page } = tab;
    const link = tile(page, title);
    const shown = number(await link.textContent());
    expect(shown).toBeGreaterThan(2);
    expect(shown).toBe(await countBehind((await link.getAttribute('href')) ?? ''));
    await good(tab);
    await link.click();
    await page.getByText(title === 'Alerts' ? `All ${shown}` : `${shown} events`).waitFor();
    await tab.context.close();
  });

  it('each kind of alert opens its alerts, and a level its events', async () => {
    const tab = await site.open(browser, '/overview');
    const { page } = tab;
    for (const link of await page.getByRole('figure', { name: 'Alerts by rule' }).getByRole('link').all()) {
      // A swatch, the name, the count, the share.
      const count = await link.locator('span').nth(2).textContent();
      expect(number(count)).toBe(await countBehind((await link.getAttribute('href')) ?? ''));
    }
    await page.getByRole('button', { name: 'Medium' }).click();
    await page.waitForURL(/explorer\?q=rule\.level%3Amedium/);
    await tab.context.close();
  });

  it('keeps the period in the address', async () => {
    const tab = await site.open(browser, '/overview');
    await tab.page.getByText('Month', { exact: true }).click();
    await tab.page.getByText('The last 30 days against the 30 days before').waitFor();
    expect(tab.page.url()).toContain('period=month');
    await good(tab);
    await tab.context.close();
  });

  it('shows what could not be read, as text, and how to connect', async () => {
    const tab = await site.open(browser, '/sources');
    const { page } = tab;
    await page.getByRole('button', { name: 'Show samples of json_fault:json_cut' }).click();
    await page.getByText('{"cut": "of').waitFor();
    await page.getByText(`logger --tcp --server 127.0.0.1 --port ${site.hub.ports.syslog}`).waitFor();
    await page.getByLabel('Find speakers').fill('vault');
    await good(tab);
    await page.getByRole('link', { name: 'vault01' }).first().click();
    await page.waitForURL(/explorer\?q=event\.dataset/);
    await tab.context.close();
  });

  it('a rule on trial finds, and opens no alert', async () => {
    const tab = await site.open(browser, '/rules');
    const { page } = tab;
    await page.getByText(/, \d+ on trial/).waitFor();
    await page.getByLabel('Find rules').fill(ON_TRIAL);
    await page.getByRole('link', { name: 'Sudo by Somebody Who Is Not in Sudoers' }).click();
    await page.getByText('On trial: what it finds is recorded').waitFor();
    await page.getByText(/^\d+ in 24 hours/).waitFor();
    await page.getByText('None: it is on trial.').waitFor();
    const link = await page.getByRole('link', { name: 'Show them' }).getAttribute('href');
    expect(await countBehind(link ?? '')).toBeGreaterThan(5);
    expect(await countBehind(`/alerts?rule=${ON_TRIAL}`)).toBe(0);
    await page.getByText('title: Sudo by Somebody Who Is Not in Sudoers').waitFor();
    await good(tab);
    await tab.context.close();
  });

  it('shows ATT&CK, and what was rejected', async () => {
    const tab = await site.open(browser, '/rules?show=coverage');
    await tab.page
      .getByRole('link', { name: /^T1548\.003 Abuse Elevation Control Mechanism: Sudo and Sudo Caching \d+ rules, \d+ hits/ })
      .first()
      .waitFor();
    await tab.page.getByRole('tab', { name: 'None rejected' }).click();
    await tab.page.getByText('Every rule that was found runs.').waitFor();
    await good(tab);
    await tab.context.close();
  });
});
