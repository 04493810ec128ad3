/**
 * Takes the pictures of the README and of `docs/guides/who-viewed-which-password.md`, which it walks, in Chromium, on a demo of its own, and
 * says how long each step takes. After `npm run build`.
 */
import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { findBrowser, openBrowser, openTab } from '../test/support/browser.ts';
import { DemoProcess } from '../test/support/demo-process.ts';
import { FOLDER, PASSWORD, pictureOfPage, settled } from './picture.ts';

/** What a person needs to read a page before each click, and to type a letter. */
const READS_MS = 4_000;
const TYPES_MS = 120;

const chromium = findBrowser();
if (chromium === undefined) process.exit(1);
mkdirSync(FOLDER, { recursive: true });
const demo = DemoProcess.ofThePast();
const browser = await openBrowser(chromium);
try {
  const link = await demo.whenStored();
  await walk(browser, link);
} finally {
  await browser.close();
  await demo.stop();
  demo.remove();
}

/** As someone who has never seen it: from the printed link to the answer, with the time that each step takes. */
async function walk(browser: Browser, link: string): Promise<void> {
  const { page, context } = await openTab(browser);
  let total = 0;
  const step = async (name: string | undefined, what: string, act: () => Promise<unknown>) => {
    const began = Date.now();
    await sleep(READS_MS);
    await act();
    const took = Date.now() - began;
    total += took;
    process.stdout.write(`${(took / 1_000).toFixed(1)} s  ${what}\n`);
    if (name !== undefined) await pictureOfPage(page, name, demo.folder, 640);
  };
  const type = (text: string) => page.keyboard.type(text, { delay: TYPES_MS });

  await step('walk-1-password', 'open the link, choose a password', async () => {
    await page.goto(link);
    await page.locator('input[type=password]').first().waitFor();
    for (const field of await page.locator('input[type=password]').all()) {
      await field.click();
      await type(PASSWORD);
    }
  });
  await step('walk-2-overview', 'arrive', async () => {
    await page.locator('button[type=submit]').click();
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    await settled(page);
  });
  await step(undefined, 'open the audit logs', async () => {
    await page.getByRole('link', { name: 'Audit logs' }).click();
    await settled(page);
  });
  await step('walk-4-yesterday', 'open the times', () => page.getByRole('button', { name: 'Last 24 hours' }).click());
  await step('walk-5-query', 'choose yesterday, write what is looked for', async () => {
    await page.getByRole('button', { name: 'Yesterday' }).click();
    await page.getByRole('combobox', { name: 'Query' }).click();
    await type('cef.name:"Password Viewed"');
    await page.keyboard.press('Enter');
    await settled(page);
  });
  await step('walk-6-details', 'all that one event says', async () => {
    await page.getByRole('grid', { name: 'Events, newest first' }).getByRole('row').nth(1).click();
    await page.getByRole('dialog', { name: 'Event' }).getByRole('tab', { name: 'JSON' }).waitFor();
    await settled(page);
  });
  process.stdout.write(`${(total / 1_000).toFixed(0)} s in all, with ${READS_MS / 1_000} s to read before each step\n`);
  await page.goto(`${new URL(link).origin}/overview?period=week`);
  await settled(page);
  await pictureOfPage(page, 'overview', demo.folder);
  await context.close();
}
