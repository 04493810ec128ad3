import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SlackApiSimulator, startSlackApi } from '../simulators/slack-api.ts';
import { expectAccessible, findBrowser, openBrowser } from '../support/browser.ts';
import { ADMIN, ConsoleHub } from '../support/console-hub.ts';

const chromium = findBrowser();

describe.skipIf(chromium === undefined)('what one listens for, on the page of the account', () => {
  let browser: Browser;
  let slack: SlackApiSimulator;
  let site: ConsoleHub;

  beforeAll(async () => {
    browser = await openBrowser(chromium ?? '');
    slack = await startSlackApi({ limited: false });
    const security = {
      type: 'slack_bot',
      token: slack.token,
      channel: slack.channel,
      api_url: slack.apiUrl,
      signing_secret: 'made-up-signing-secret',
      people: { UADA000001: ADMIN.name },
    };
    site = await ConsoleHub.start(browser, { notifiers: { security } });
  });
  afterAll(async () => {
    await browser.close();
    await site.stop();
    await slack.stop();
  });

  it('is said, told, and ended', async () => {
    const { page, context, complaints } = await site.open(browser, '/account');
    const words = page.getByRole('textbox', { name: 'Words' });
    await words.fill('Prod-DB');
    await page.getByLabel('Messages an hour').fill('5');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Listen', exact: true }).click();
    await page.getByText('The last seven days would have been 0 events and 0 alerts.').waitFor();
    await page.getByRole('cell', { name: 'at most 5 an hour' }).waitFor();
    expect(await words.inputValue()).toBe('');
    await expectAccessible(page);

    const append = { source: 'http', messages: ['somebody on prod-db'] };
    await fetch(`${site.url}/ingest/http`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', authorization: `Bearer ${await tokenFor(append.source)}` },
      body: append.messages.join('\n'),
    });
    await slack.until(() => slack.messages.some(({ channel, text }) => channel === 'DADA000001' && text.includes('somebody on prod-db')));

    await page.getByRole('button', { name: 'Stop listening for Prod-DB' }).click();
    await page.getByRole('cell', { name: 'Prod-DB', exact: true }).waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('says why a word cannot be listened for, on a phone too', async () => {
    const { page, context } = await site.open(browser, '/account', { scheme: 'dark', size: 'phone' });
    await page.getByRole('textbox', { name: 'Words' }).fill('--');
    await page.getByRole('textbox', { name: 'Words' }).press('Enter');
    await page.getByText('there is no letter and no digit in it').waitFor();
    await expectAccessible(page);
    await context.close();
  });

  async function tokenFor(name: string): Promise<string> {
    const { json } = await site.hub.post('/api/tokens', JSON.stringify({ name, scopes: ['ingest'] }), {
      'content-type': 'application/json',
    });
    return (json as { token: string }).token;
  }
});
