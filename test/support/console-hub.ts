import { rmSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { openTab, type Tab } from './browser.ts';
import { eventually, HubProcess } from './hub-process.ts';

export const ADMIN = { name: 'ada', password: 'correct horse battery' } as const;

/** A hub with its page and its first administrator, whose session each tab has. */
export class ConsoleHub {
  readonly hub: HubProcess;
  readonly url: string;
  #state: Awaited<ReturnType<BrowserContext['storageState']>> | undefined;

  private constructor(hub: HubProcess) {
    this.hub = hub;
    this.url = `http://127.0.0.1:${hub.ports.api}`;
  }

  static async start(
    browser: Browser,
    settings: Readonly<Record<string, unknown>> = {},
    options: Parameters<typeof HubProcess.create>[1] = {},
  ): Promise<ConsoleHub> {
    const console = new ConsoleHub(await HubProcess.create(settings, options));
    await console.hub.start();
    const { page, context } = await openTab(browser);
    await console.makeAdmin(page);
    console.#state = await context.storageState();
    await context.close();
    return console;
  }

  /** The hub is ready a moment before it has printed it. It bears the address that people use, which is none of a test's. */
  async setupLink(): Promise<string> {
    const path = await eventually(async () => /https?:\/\/[^/\s]+(\/setup#\S+)/.exec(this.hub.log)?.[1]);
    return `${this.url}${path}`;
  }

  /** By the link that the first start prints, as a person does it. */
  async makeAdmin(page: Page): Promise<void> {
    await page.goto(await this.setupLink());
    await page.getByLabel(/^Name/).fill(ADMIN.name);
    for (const field of await page.locator('input[type=password]').all()) await field.fill(ADMIN.password);
    await page.locator('button[type=submit]').click();
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  }

  /** A tab of the administrator's, at this address. */
  async open(browser: Browser, path: string, how: Parameters<typeof openTab>[1] = {}): Promise<Tab> {
    const tab = await openTab(browser, { ...how, ...(this.#state && { state: this.#state }) });
    await tab.page.goto(`${this.url}${path}`);
    return tab;
  }

  async stop(): Promise<void> {
    await this.hub.kill('SIGTERM');
    rmSync(this.hub.dataDir, { recursive: true, force: true });
  }
}
