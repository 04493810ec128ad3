import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SmtpSimulator, startSmtp } from '../simulators/smtp.ts';
import { expectAccessible, findBrowser, openBrowser, openTab, SIZES } from '../support/browser.ts';
import { ConsoleHub } from '../support/console-hub.ts';
import { eventually } from '../support/hub-process.ts';

const chromium = findBrowser();

describe.skipIf(chromium === undefined)('asking the person', () => {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-ask-'));
  let browser: Browser;
  let site: ConsoleHub;
  let server: SmtpSimulator;

  beforeAll(async () => {
    browser = await openBrowser(chromium ?? '');
    server = await startSmtp();
    writeFileSync(join(folder, 'people.csv'), 'id,name,emails\nalice,Alice Example,alice@example.com\n');
    const mail = { type: 'mail', host: '127.0.0.1', port: server.port, tls: 'none', from: 'earshot@example.com', to: ['soc@example.com'] };
    site = await ConsoleHub.start(browser, {
      api: { public_url: 'https://earshot.example.com' },
      people: { files: [join(folder, 'people.csv')] },
      notifiers: { mail },
      asking: { by: 'mail' },
    });
    const line = `<85>1 ${new Date().toISOString()} web01 sudo - - - alice : user NOT in sudoers ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh`;
    const { status } = await site.hub.post('/ingest/http', line, { 'content-type': 'text/plain' });
    expect(status).toBe(200);
  });
  afterAll(async () => {
    await browser.close();
    await site.stop();
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  /** Where the link of the mail leads, without what is in front of the hub. */
  async function answerLink(): Promise<string> {
    const mail = await eventually(async () => server.mails.find(({ to }) => to.includes('alice@example.com')));
    return `${site.url}${/\/answer\/\S+\?said=not_me/.exec(mail.text)?.[0]}`;
  }

  it('is begun on the page of the alert, which shows the answer', async () => {
    const alert = await eventually(async () => {
      const { json } = await site.hub.get('/api/alerts?limit=1');
      return (json as { alerts: readonly { id: string }[] }).alerts[0];
    });
    const { page, context, complaints } = await site.open(browser, `/alerts/${alert.id}`);
    await page.getByRole('button', { name: 'Ask the person …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('nothing of the rule').waitFor();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Send the mail' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page
      .getByText(/^Alice Example asked by mail whether it was them/)
      .first()
      .waitFor();
    // A second time it says why not.
    await page.getByRole('button', { name: 'Ask the person …' }).click();
    await dialog.getByRole('button', { name: 'Send the mail' }).click();
    await dialog.getByText('Alice Example was asked already').waitFor();
    await expectAccessible(page);
    await context.close();
    // The browser itself tells of an answer 409.
    expect(complaints.filter((each) => !each.includes('409'))).toEqual([]);
  });

  it.each([
    ['light', 'desk'],
    ['dark', 'desk'],
    ['light', 'phone'],
    ['dark', 'phone'],
  ] as const)('is a page for everybody: %s, %s', async (scheme, size) => {
    const { page, context, complaints } = await openTab(browser, { scheme, size });
    await page.goto(await answerLink());
    await page.getByRole('heading', { name: 'Was this you?' }).waitFor();
    expect(await page.getByLabel('It was not me').isChecked()).toBe(true);
    await expectAccessible(page);
    const width = await page.evaluate('document.documentElement.scrollWidth');
    expect(width).toBeLessThanOrEqual(SIZES[size].width);
    await page.goto(`${site.url}/answer/0123456789abcdef.${'A'.repeat(43)}`);
    await page.getByRole('heading', { name: 'This link is not known' }).waitFor();
    await expectAccessible(page);
    await context.close();
    expect(complaints.filter((each) => !each.includes('404'))).toEqual([]);
  });

  it('is answered without a script and by keys, once', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: SIZES.phone });
    const page = await context.newPage();
    await page.goto(await answerLink());
    await page.getByLabel(/^Anything to add/).fill('I was on leave.');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Thank you' }).waitFor();
    await page.goto(await answerLink());
    await page.getByRole('heading', { name: 'This question was answered' }).waitFor();
    await context.close();

    const shown = await site.open(browser, '/alerts');
    await shown.page.getByRole('link', { name: /sudo/i }).first().click();
    await shown.page.getByText('Alice Example answers by mail: it was NOT me').waitFor();
    await shown.page.getByText('I was on leave.').waitFor();
    await expectAccessible(shown.page);
    await shown.context.close();
    expect(shown.complaints).toEqual([]);
  });
});
