/**
 * Takes the pictures of `docs/guides/acme.md` and of `docs/reference/slack-messages.md`, on a demo of its own that plays the story of Acme,
 * in Chromium: what it shows is what the hub has told, clicked as a reader would. After `npm run build`. Signs need a font with emoji.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { findBrowser, openBrowser, openTab } from '../test/support/browser.ts';
import { DemoProcess } from '../test/support/demo-process.ts';
import { PASSWORD, pictureOf, pictureOfPage, settled } from './picture.ts';

const PATIENCE_MS = 180_000;
const LEAVER = 'HIGH: Somebody Who Leaves Takes Files Along';

const chromium = findBrowser();
if (chromium === undefined) process.exit(1);
const demo = new DemoProcess(mkdtempSync(join(tmpdir(), 'earshot-acme-')), 'acme', '--days', '7', '--speed', '1');
const browser = await openBrowser(chromium);
try {
  const link = await demo.whenStored();
  const { page: channel } = await openTab(browser);
  channel.setDefaultTimeout(PATIENCE_MS);
  await channel.setViewportSize({ width: 760, height: 1_000 });
  await inTheChannel(channel);
  await onThePage(browser, link);
} finally {
  await browser.close();
  await demo.stop();
  demo.remove();
}

/** What people read in Slack, and what they click. */
async function inTheChannel(page: Page): Promise<void> {
  await page.goto(demo.channel.href);
  const leaver = messageOf(page, LEAVER);
  await shownIn(leaver, 'Glengarry-Leads.xlsx');
  await pictureOf(leaver, 'acme-1-told');
  const menu = leaver.locator('form', { hasText: 'Sign out' });
  await menu.locator('select').selectOption('all:mcalloway');
  await menu.locator('button').click();
  await shownIn(leaver, 'Nothing is done yet');
  await pictureOf(leaver.locator('article.whisper').last(), 'acme-2-plan');
  await leaver.getByRole('button', { name: 'Do it' }).last().click();
  await shownIn(leaver, 'Proven by the entry');
  await pictureOf(leaver, 'acme-3-proof', 330);
  const administrator = messageOf(page, 'HIGH: Command of High Urgency in a Privileged Session');
  await administrator.waitFor();
  await pictureOf(administrator, 'acme-6-administrator');
  await pictureOf(page.locator('main > article', { hasText: /\d+ alerts: [^.]+, and \d+ more/ }).first(), 'slack-several', 700);
  await pictureOf(page.locator('article article', { hasText: 'still going on' }).first(), 'slack-grown');
  const resolve = administrator.locator('form', { hasText: 'Resolve' });
  await resolve.locator('button').click();
  const resolved = messageOf(page, 'Command of High Urgency in a Privileged Session');
  await shownIn(resolved, 'Resolved');
  await pictureOf(resolved, 'slack-resolved', 330);
}

/** What they find behind it. */
async function onThePage(browser: Browser, link: string): Promise<void> {
  const { page } = await openTab(browser);
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(link);
  await page.locator('input[type=password]').first().waitFor();
  for (const field of await page.locator('input[type=password]').all()) await field.fill(PASSWORD);
  await page.locator('button[type=submit]').click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  const { origin } = new URL(link);
  await page.goto(`${origin}/alerts`);
  await page.locator('a[href^="/alerts/"]', { hasText: 'Somebody Who Leaves Takes Files Along' }).first().click();
  await page.waitForURL(/\/alerts\/./);
  await settled(page);
  await pictureOfPage(page, 'acme-4-alert', demo.folder, 860);
  const query = 'event.dataset:slack.audit AND event.action:file_downloaded AND user.name:mcalloway';
  await page.goto(`${origin}/explorer?from=now-1h&q=${encodeURIComponent(query)}`);
  await settled(page);
  await pictureOfPage(page, 'acme-5-files', demo.folder);
  await page.goto(`${origin}/sessions`);
  await page
    .getByRole('link', { name: /^Wei Chen on / })
    .first()
    .waitFor();
  await settled(page);
  await pictureOfPage(page, 'acme-7-sessions', demo.folder, 620);
  await page.goto(`${origin}/sessions?approval=outran_window`);
  await page
    .getByRole('link', { name: / on .+ as / })
    .first()
    .click();
  await page.getByRole('heading', { name: 'Timeline' }).waitFor();
  await settled(page);
  await pictureOfPage(page, 'session', demo.folder, 780);
}

function messageOf(page: Page, title: string): Locator {
  return page
    .locator('main > article')
    .filter({ has: page.locator('h2', { hasText: title }) })
    .first();
}

/** The channel's page loads itself again. */
function shownIn(message: Locator, words: string): Promise<void> {
  return message.filter({ hasText: words }).waitFor();
}
