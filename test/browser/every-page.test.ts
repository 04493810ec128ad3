import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessFaults, findBrowser, openBrowser } from '../support/browser.ts';
import { consoleLines, feed } from '../support/console-events.ts';
import { ConsoleHub } from '../support/console-hub.ts';

const chromium = findBrowser();
/** Where pictures of every page go, when they are asked for. */
const pictures = process.env.EARSHOT_PICTURES;

describe.skipIf(chromium === undefined)('every page of the navigation', () => {
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

  it.each([
    ['light', 'desk'],
    ['dark', 'desk'],
    ['light', 'phone'],
  ] as const)('can be used by all, complains of nothing and runs nothing of an event (%s, %s)', async (scheme, size) => {
    const { page, context, complaints } = await site.open(browser, '/', { scheme, size });
    await page.getByRole('navigation', { name: 'Pages' }).waitFor({ state: 'attached' });
    const paths = await page.locator('nav a').evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
    const faults: string[] = [];
    for (const path of paths) {
      await page.goto(`${site.url}${path}`);
      await page.locator('h1').first().waitFor();
      await page.waitForLoadState('networkidle');
      faults.push(...(await accessFaults(page)).map((fault) => `${path}: ${fault}`));
      // What is wider than a phone must scroll by itself, and not the page.
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
      if (overflow > 1) faults.push(`${path}: the page is ${overflow} px wider than the screen`);
      if (await page.evaluate<boolean>("'owned' in window")) faults.push(`${path}: something of an event was run`);
      if (pictures !== undefined) {
        mkdirSync(pictures, { recursive: true });
        await page.screenshot({ path: join(pictures, `${path.slice(1).replaceAll('/', '-')}-${scheme}-${size}.png`) });
      }
    }
    expect(faults).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
