import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The browser of this machine; undefined where it has none, which CI does not forgive. */
export function findBrowser(): string | undefined {
  const found = PLACES.find((place) => existsSync(place));
  if (found === undefined && process.env.CI !== undefined) throw new Error('no Chromium: scripts/install-test-peers.sh installs it');
  if (found === undefined) process.stderr.write('skipped: browser tests need Chromium (scripts/install-test-peers.sh)\n');
  if (!existsSync('dist/web/index.html')) throw new Error('the page is not built: npm run build');
  return found;
}

export const openBrowser = (executablePath: string): Promise<Browser> => chromium.launch({ executablePath, args: ARGS });

export type Scheme = 'light' | 'dark';
/** A desk and a phone. */
export const SIZES = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const;

/** A tab, with all that its console said of errors and all that was answered with 5xx. */
export interface Tab {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly complaints: string[];
}

export async function openTab(
  browser: Browser,
  how: {
    readonly scheme?: Scheme;
    readonly size?: keyof typeof SIZES;
    readonly state?: Awaited<ReturnType<BrowserContext['storageState']>>;
  } = {},
): Promise<Tab> {
  const context = await browser.newContext({
    colorScheme: how.scheme ?? 'light',
    viewport: SIZES[how.size ?? 'desk'],
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'UTC',
    ...(how.state && { storageState: how.state }),
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`));
  page.on('response', (response) => {
    if (response.status() >= 500) complaints.push(`${response.status()} ${response.url()}`);
  });
  return { page, context, complaints };
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary?: string }[];
  }[];
}

/** What axe has to say against the page as it stands, by WCAG 2.2 A and AA: one line each. */
export async function accessFaults(page: Page): Promise<string[]> {
  // Through the debugger, which the page's policy does not bind.
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(
    () =>
      (globalThis as unknown as { axe: { run(options: object): Promise<AxeResult> } }).axe.run({
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      }) as Promise<AxeResult>,
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help} at ${target.join(' ')}: ${failureSummary ?? ''}`),
  );
}

export async function expectAccessible(page: Page): Promise<void> {
  expect(await accessFaults(page)).toEqual([]);
}
