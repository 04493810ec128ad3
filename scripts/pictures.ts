/**
 * Takes the pictures of the docs: a demo of its own on free ports and a folder that goes away, Chromium, and the pages as a new user finds
 * them. Walks `docs/guides/who-viewed-which-password.md` on the way, and says how long that takes. After `npm run build`.
 */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { findBrowser, openBrowser, openTab } from '../test/support/browser.ts';
import { DemoProcess } from '../test/support/demo-process.ts';
import { eventually } from '../test/support/hub-process.ts';
import { DEFAULT_COLUMNS } from '../web/pages/explorer/columns.ts';

const FOLDER = 'docs/pictures';
const MOST_BYTES = 200_000;
const PASSWORD = 'look around at Acme';
/** What a person needs to read a page before each click, and to type a letter. */
const READS_MS = 4_000;
const TYPES_MS = 120;
const UNDER_WAY = '[aria-busy=true], [data-stale=true], .mantine-Loader-root, .mantine-Skeleton-root';

type State = Awaited<ReturnType<BrowserContext['storageState']>>;

const chromium = findBrowser();
if (chromium === undefined) process.exit(1);
mkdirSync(FOLDER, { recursive: true });
const demo = DemoProcess.ofThePast();
/** Where this machine has the demo and the repository is nobody's business: the folders as the README names them. */
const WITHOUT_PATHS = `{
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode() !== null) {
    const { data } = texts.currentNode;
    const said = data.replaceAll(${JSON.stringify(demo.folder)}, './data-demo').replaceAll(${JSON.stringify(process.cwd())}, '.');
    if (said !== data) texts.currentNode.data = said;
  }
}`;
const browser = await openBrowser(chromium);
try {
  const link = await demo.whenStored();
  const state = await walk(browser, link);
  await takePages(browser, new URL(link).origin, state);
} finally {
  await browser.close();
  await demo.stop();
  demo.remove();
}

/** As someone who has never seen it: from the printed link to the answer, with the time that each step takes. */
async function walk(browser: Browser, link: string): Promise<State> {
  const { page, context } = await openTab(browser);
  let total = 0;
  const step = async (name: string | undefined, what: string, act: () => Promise<unknown>) => {
    const began = Date.now();
    await sleep(READS_MS);
    await act();
    const took = Date.now() - began;
    total += took;
    process.stdout.write(`${(took / 1_000).toFixed(1)} s  ${what}\n`);
    if (name !== undefined) await picture(page, name, 640);
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
  const state = await context.storageState();
  await context.close();
  return state;
}

async function takePages(browser: Browser, origin: string, state: State): Promise<void> {
  const desk = await openTab(browser, { state });
  const open = async (path: string) => {
    await desk.page.goto(`${origin}${path}`);
    await settled(desk.page);
  };
  const take = async (name: string, path: string) => {
    await open(path);
    await picture(desk.page, name);
  };
  await take('overview', '/overview?period=week');
  await take(
    'explorer',
    `/explorer?from=now-7d&q=${encodeURIComponent('event.outcome:failure AND source.ip:*')}&columns=${DEFAULT_COLUMNS.join(',')}`,
  );
  await take('alerts', '/alerts');
  await desk.page.locator('a[href^="/alerts/"]').first().click();
  await desk.page.waitForURL(/\/alerts\/./);
  await settled(desk.page);
  await picture(desk.page, 'alert');
  await take('detections', '/detections?from=now-7d&to=now');
  await open('/people');
  await desk.page.getByRole('link', { name: /Matt/ }).first().click();
  await desk.page.waitForURL(/\/people\/./);
  await settled(desk.page);
  await picture(desk.page, 'person');
  await take('sources', '/sources');
  await take('rules', '/rules');
  await desk.context.close();
  for (const [name, path, how] of [
    ['overview-dark', '/overview?period=week', { scheme: 'dark' }],
    ['alerts-phone', '/alerts', { size: 'phone' }],
  ] as const) {
    const tab = await openTab(browser, { state, ...how });
    await tab.page.goto(`${origin}${path}`);
    await settled(tab.page);
    await picture(tab.page, name);
    await tab.context.close();
  }
}

/** Everything asked for is there, and drawn. */
async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle');
  await sleep(500);
  await eventually(async () => (await page.locator(UNDER_WAY).count()) === 0);
  await sleep(300);
}

async function picture(page: Page, name: string, height?: number): Promise<void> {
  await page.evaluate(WITHOUT_PATHS);
  const path = join(FOLDER, `${name}.png`);
  await page.screenshot({ path, animations: 'disabled', ...(height && { clip: { x: 0, y: 0, width: 1440, height } }) });
  const { size } = statSync(path);
  if (size > MOST_BYTES) throw new Error(`${path} has ${size} bytes: at most ${MOST_BYTES}`);
}
