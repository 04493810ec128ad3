import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, findBrowser, openBrowser } from '../support/browser.ts';
import { consoleLines, feed, HOSTILE } from '../support/console-events.ts';
import { ConsoleHub } from '../support/console-hub.ts';

const chromium = findBrowser();
/** Where pictures go, when they are asked for. */
const pictures = process.env.EARSHOT_PICTURES;

const PEOPLE = `people:
  - id: asmith
    name: Alice Smith
    names: [alice]
    emails: [alice.smith@example.com]
    title: Database administrator
    department: Operations
    manager: bjones
    privileged: true
  - id: bjones
    name: Bob Jones
    names: [bob, shared]
    leaving_date: 2026-12-31
  - id: cdoe
    name: Carol Doe
    names: [carol, shared]
    active: false
`;

describe.skipIf(chromium === undefined)('people', () => {
  let browser: Browser;
  let site: ConsoleHub;
  const folder = mkdtempSync(join(tmpdir(), 'earshot-people-'));

  beforeAll(async () => {
    writeFileSync(join(folder, 'people.yaml'), PEOPLE);
    browser = await openBrowser(chromium ?? '');
    site = await ConsoleHub.start(browser, { people: { files: [join(folder, 'people.yaml')] } });
    await feed(site.hub, consoleLines());
  });
  afterAll(async () => {
    await browser.close();
    await site.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const picture = async (page: Page, name: string) => {
    if (pictures === undefined) return;
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  };

  it('are found by a name, opened, and lead to the events behind each number', async () => {
    const { page, context, complaints } = await site.open(browser, '/people');
    await page.getByRole('link', { name: 'Alice Smith' }).waitFor();
    await page.getByText('The name shared is claimed by bjones, cdoe').waitFor();
    await page.getByRole('link', { name: 'dave', exact: true }).waitFor();
    await expectAccessible(page);
    await picture(page, 'people');
    await page.getByLabel('Find a person by any name').fill('bob');
    await page.getByRole('link', { name: 'Alice Smith' }).waitFor({ state: 'detached' });
    expect(new URL(page.url()).searchParams.get('q')).toBe('bob');
    await page.getByLabel('Find a person by any name').fill('');
    await page.getByRole('link', { name: 'Alice Smith' }).click();
    await page.getByRole('heading', { level: 1, name: 'Alice Smith' }).waitFor();
    await page.getByRole('link', { name: 'Bob Jones' }).waitFor();
    await page.getByRole('region', { name: 'Addresses', exact: true }).waitFor();
    await page.getByText(/events are what they did themselves/).waitFor();
    const address = page.getByRole('region', { name: 'Addresses', exact: true }).getByRole('link').first();
    expect(decodeURIComponent((await address.getAttribute('href')) ?? '')).toMatch(
      /\/explorer\?q=\(.*user\.name:"alice".*\)\+AND\+source\.ip:"192\.0\.2\./,
    );
    await page.waitForLoadState('networkidle');
    await expectAccessible(page);
    await picture(page, 'person');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it.each([
    ['dark', 'desk'],
    ['light', 'phone'],
  ] as const)('can be used by all (%s, %s)', async (scheme, size) => {
    const { page, context, complaints } = await site.open(browser, '/people/bjones', { scheme, size });
    await page.getByRole('heading', { level: 1, name: 'Bob Jones' }).waitFor();
    await page.getByText('leaves 2026-12-31').waitFor();
    await page.waitForLoadState('networkidle');
    await expectAccessible(page);
    const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    expect(overflow).toBeLessThanOrEqual(1);
    await picture(page, `person-${scheme}-${size}`);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('a name that no directory knows has a page too, whatever it is made of', async () => {
    for (const name of ['dave', ...HOSTILE.slice(0, 3)]) {
      const { page, context, complaints } = await site.open(browser, `/people/${encodeURIComponent(`name:${name}`)}`);
      await page.getByRole('heading', { level: 1, name }).waitFor();
      await page.getByText('Unknown to the directory').waitFor();
      await page.waitForLoadState('networkidle');
      expect(await page.evaluate<boolean>("'owned' in window")).toBe(false);
      expect(complaints).toEqual([]);
      await context.close();
    }
  });
});
