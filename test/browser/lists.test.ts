import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SlackAllowListSimulator, serveSlackAllowList } from '../simulators/slack-allow-list.ts';
import { expectAccessible, findBrowser, openBrowser } from '../support/browser.ts';
import { ConsoleHub } from '../support/console-hub.ts';

const chromium = findBrowser();
/** Where pictures go, when they are asked for. */
const pictures = process.env.EARSHOT_PICTURES;

describe.skipIf(chromium === undefined)('lists', () => {
  let browser: Browser;
  let site: ConsoleHub;
  let served: Awaited<ReturnType<typeof serveSlackAllowList>>;
  const slack = new SlackAllowListSimulator({ cidrs: ['203.0.113.0/24'], asns: [] });

  beforeAll(async () => {
    browser = await openBrowser(chromium ?? '');
    served = await serveSlackAllowList(slack);
    site = await ConsoleHub.start(browser, {
      acts: { systems: { slack: { type: 'slack_sessions', token: slack.token, api_url: served.apiUrl } } },
    });
  });
  afterAll(async () => {
    await browser.close();
    await site.stop();
    await served.stop();
  });

  it('are made, filled, corrected and deleted', async () => {
    const { page, context, complaints } = await site.open(browser, '/lists');
    await page.getByText('No lists yet').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'New list' }).click();
    await page.getByLabel(/^Name/).fill('vpn_ranges');
    await page.getByLabel(/^Why it is kept/).fill('Where our VPN comes out');
    await page.getByRole('button', { name: 'Make the list' }).click();
    await page.getByRole('heading', { level: 1, name: 'vpn_ranges' }).waitFor();
    await page.getByLabel(/^Values/).fill('192.0.2.1/24');
    await page.getByLabel(/^Why/).fill('Lisbon');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('write 192.0.2.0/24').waitFor();
    await page.getByLabel(/^Values/).fill('192.0.2.0/24\n198.51.100.7');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('rowheader', { name: '198.51.100.7' }).waitFor();
    await expectAccessible(page);
    if (pictures !== undefined) {
      mkdirSync(pictures, { recursive: true });
      await page.screenshot({ path: join(pictures, 'list.png'), fullPage: true });
    }
    await page.getByRole('button', { name: 'Take 198.51.100.7 off the list' }).click();
    await page.getByRole('rowheader', { name: '198.51.100.7' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('button', { name: 'Delete the list' }).click();
    await page.getByText('No lists yet').waitFor();
    // The network that was refused is the one thing that the browser tells of.
    expect(complaints.filter((line) => !line.includes('400'))).toEqual([]);
    await context.close();
  });

  it('are held against what another system trusts, which takes what an administrator adds', async () => {
    const json = { 'content-type': 'application/json' };
    await site.hub.post('/api/lists', JSON.stringify({ name: 'trusted_ranges', kind: 'cidr', reason: 'offices' }), json);
    await site.hub.post('/api/lists/trusted_ranges/entries', JSON.stringify({ values: ['192.0.2.0/24'], reason: 'Lisbon' }), json);
    const { page, context, complaints } = await site.open(browser, '/lists');
    await page.getByRole('button', { name: 'Compare with slack' }).click();
    await page.getByRole('row', { name: '203.0.113.0/24 slack alone' }).waitFor();
    await page.getByRole('row', { name: '192.0.2.0/24 lists alone' }).waitFor();
    await expectAccessible(page);
    if (pictures !== undefined) await page.screenshot({ path: join(pictures, 'trusted-elsewhere.png'), fullPage: true });
    await page.getByRole('button', { name: 'Add 1 network to slack …' }).click();
    await page.getByLabel(/^Why/).fill('our office');
    await expectAccessible(page);
    expect(slack.list.cidrs).toEqual(['203.0.113.0/24']);
    await page.getByRole('button', { name: 'Add them' }).click();
    await page.getByRole('row', { name: '192.0.2.0/24 both' }).waitFor();
    expect(slack.list.cidrs).toEqual(['203.0.113.0/24', '192.0.2.0/24']);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
