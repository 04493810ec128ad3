import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SlackApiSimulator, startSlackApi } from '../simulators/slack-api.ts';
import { expectAccessible, findBrowser, openBrowser } from '../support/browser.ts';
import { consoleLines, feed } from '../support/console-events.ts';
import { ConsoleHub } from '../support/console-hub.ts';
import { eventually } from '../support/hub-process.ts';

const chromium = findBrowser();

describe.skipIf(chromium === undefined)('notifications', () => {
  let browser: Browser;
  let site: ConsoleHub;
  let slack: SlackApiSimulator;

  beforeAll(async () => {
    slack = await startSlackApi();
    browser = await openBrowser(chromium ?? '');
    const bot = { type: 'slack_bot', channel: slack.channel, api_url: slack.apiUrl, token: 'xoxb-wrong', app_token: 'xapp-wrong' };
    site = await ConsoleHub.start(browser, {
      notifiers: { security: bot },
      routes: [{ name: 'all', to: ['security'] }],
      listening: [{ name: 'sudoers', words: ['sudoers'], to: 'security' }],
    });
    await feed(site.hub, consoleLines().slice(-40));
    await eventually(async () => (await dead()) > 0);
  });
  afterAll(async () => {
    await browser.close();
    await site.stop();
    await slack.stop();
  });

  const dead = async () => ((await site.hub.get('/api/outbox?states=dead')).json as { total: number }).total;

  it('that were given up are found from the overview, with why, and are tried again', async () => {
    const { page, context, complaints } = await site.open(browser, '/overview');
    await page.getByRole('link', { name: /given up$/ }).click();
    await page.waitForURL(/\/notifications$/);
    await page
      .getByText(/invalid_auth/)
      .first()
      .waitFor();
    await expectAccessible(page);
    const sent = slack.calls.length;
    await page
      .getByRole('button', { name: /^Try again: .+ to security/ })
      .first()
      .click();
    await page.getByText('It is tried again now.').waitFor();
    await eventually(async () => slack.calls.length > sent);
    await page.getByRole('tab', { name: /^Waiting/ }).click();
    await page.getByText('None waits').waitFor();
    await expectAccessible(page);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('of no alert are told as well when they were given up', async () => {
    const { page, context, complaints } = await site.open(browser, '/notifications');
    const row = page
      .getByRole('region', { name: 'Digests and what people listen for' })
      .getByRole('row', { name: /What somebody listens for/ });
    await row.getByText(/invalid_auth/).waitFor();
    await expectAccessible(page);
    await page.goto(`${site.url}/overview`);
    const ofAlerts = await dead();
    await page.getByRole('link', { name: new RegExp(`^${ofAlerts + 1} were given up$`) }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('that cannot be answered by clicks are told with why and what to do', async () => {
    const { page, context, complaints } = await site.open(browser, '/notifications');
    const told = page.getByRole('alert').filter({ hasText: 'security: clicks and commands do not come through' });
    await told.getByText(/invalid_auth: app_token is not valid: make an app-level token/).waitFor();
    await expectAccessible(page);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it.each([
    ['dark', 'desk'],
    ['light', 'phone'],
  ] as const)('can be read by all (%s, %s)', async (scheme, size) => {
    const { page, context, complaints } = await site.open(browser, '/notifications', { scheme, size });
    await page
      .getByRole('link', { name: /Sudo by Somebody|Password of a Root/ })
      .first()
      .waitFor();
    await expectAccessible(page);
    expect(await page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBeLessThan(2);
    expect(complaints).toEqual([]);
    await page
      .getByRole('link', { name: /Sudo by Somebody|Password of a Root/ })
      .first()
      .click();
    await page.getByRole('heading', { name: 'Timeline' }).waitFor();
    await context.close();
  });
});
