import { cpus, release } from 'node:os';
import type { PerformanceEntry } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { findBrowser, openBrowser, openTab } from '../test/support/browser.ts';
import { DemoProcess } from '../test/support/demo-process.ts';

/**
 * How long the explorer takes from its address to its first rows, in Chromium, with a cold cache (each time a browser that has seen nothing
 * but the sign-in) and a warm one. On a demo of its own, or on a hub that runs: `--url http://… --name … --password …`. After `npm run build`.
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '9' },
    path: { type: 'string', default: '/explorer' },
    url: { type: 'string' },
    name: { type: 'string', default: 'demo' },
    password: { type: 'string', default: 'look around at Acme' },
    /** What one cold run asked for, and when. */
    waterfall: { type: 'boolean', default: false },
  },
});

/** Milliseconds since the navigation began. */
interface Paint {
  readonly firstPaint: number;
  /** Something to read: the frame around the page, or its shape. */
  readonly contentPaint: number;
  /** The first event is drawn. */
  readonly rows: number;
  /** And the bars above, and the values beside it. */
  readonly whole: number;
}

const NAMES: Readonly<Record<keyof Paint, string>> = {
  firstPaint: 'first paint',
  contentPaint: 'first content',
  rows: 'first rows',
  whole: 'bars and top values',
};

/** In the page, before all of its own: notes when rows, bars and values are there, after the frame that draws them. */
const WATCH = `{
  const seen = globalThis.paintSeen = {};
  const note = (name, selector) => {
    if (name in seen || document.querySelector(selector) === null) return;
    seen[name] = performance.now();
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => { seen[name] = performance.now(); };
      port2.postMessage(0);
    });
  };
  new MutationObserver(() => {
    note('rows', '.events-body .events-row');
    note('bars', '.time-chart rect');
    note('values', '.facet:last-of-type .facet-value');
  }).observe(document, { childList: true, subtree: true });
}`;

const chromium = findBrowser();
if (chromium === undefined) process.exit(1);
const demo = values.url === undefined ? DemoProcess.ofThePast() : undefined;
const browser = await openBrowser(chromium);
try {
  const link = await demo?.whenStored();
  const origin = link === undefined ? (values.url ?? '') : new URL(link).origin;
  const state = await signedIn(browser, link ?? origin);
  await measure(browser, `${origin}${values.path}`, state);
} finally {
  await browser.close();
  await demo?.stop();
  demo?.remove();
}

type State = Awaited<ReturnType<BrowserContext['storageState']>>;

async function signedIn(browser: Browser, address: string): Promise<State> {
  const { page, context } = await openTab(browser);
  await page.goto(address);
  await page.locator('input[type=password]').first().waitFor();
  if (!address.includes('/setup#')) await page.getByLabel(/^Name/).fill(values.name);
  for (const field of await page.locator('input[type=password]').all()) await field.fill(values.password);
  await page.locator('button[type=submit]').click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  const state = await context.storageState();
  await context.close();
  return state;
}

async function measure(browser: Browser, address: string, state: State): Promise<void> {
  const cold: Paint[] = [];
  const warm: Paint[] = [];
  for (let run = 0; run < Number(values.runs); run++) {
    const { page, context } = await openTab(browser, { state });
    await page.addInitScript(WATCH);
    cold.push(await paintOf(page, address));
    if (values.waterfall && run === 0) await printWaterfall(page);
    await page.goto('about:blank');
    warm.push(await paintOf(page, address));
    await context.close();
  }
  const [cpu] = cpus();
  console.log(`${cpus().length} × ${cpu?.model ?? 'unknown'}, Linux ${release()}, Node ${process.version}, Chromium ${browser.version()}`);
  console.log(`${values.runs} runs; median (least to most) in ms since the navigation began`);
  for (const key of Object.keys(NAMES) as (keyof Paint)[])
    console.log(
      `${NAMES[key].padEnd(20)} cold ${spread(cold.map((paint) => paint[key]))}   warm ${spread(warm.map((paint) => paint[key]))}`,
    );
}

async function paintOf(page: Page, address: string): Promise<Paint> {
  await page.goto(address);
  await page.locator('.events-body .events-row').first().waitFor();
  await page.waitForLoadState('networkidle');
  return await page.evaluate(() => {
    const { paintSeen: seen } = globalThis as unknown as { paintSeen: Record<string, number> };
    const paint = (name: string) => performance.getEntriesByName(name)[0]?.startTime ?? Number.NaN;
    return {
      firstPaint: paint('first-paint'),
      contentPaint: paint('first-contentful-paint'),
      rows: seen.rows ?? Number.NaN,
      whole: Math.max(seen.rows ?? Number.NaN, seen.bars ?? Number.NaN, seen.values ?? Number.NaN),
    };
  });
}

async function printWaterfall(page: Page): Promise<void> {
  const asked = await page.evaluate(() =>
    performance.getEntriesByType('resource').map((entry) => {
      const { name, startTime, responseStart, responseEnd, transferSize } = entry as PerformanceEntry &
        Record<'responseStart' | 'responseEnd' | 'transferSize', number>;
      return { name: new URL(name).pathname + new URL(name).search, startTime, responseStart, responseEnd, transferSize };
    }),
  );
  console.log('  asked  began  ended  bytes');
  for (const { name, startTime, responseStart, responseEnd, transferSize } of asked)
    console.log(
      `${[startTime, responseStart, responseEnd, transferSize].map((n) => n.toFixed(0).padStart(7)).join('')}  ${name.slice(0, 90)}`,
    );
}

function spread(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const show = (at: number) => (sorted[at] ?? Number.NaN).toFixed(0);
  return `${show(Math.floor(sorted.length / 2)).padStart(5)} (${show(0)} to ${show(sorted.length - 1)})`.padEnd(22);
}
