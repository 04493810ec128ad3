import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Locator, Page } from 'playwright-core';
import { eventually } from '../test/support/hub-process.ts';

/** Where the pictures of the docs are. */
export const FOLDER = 'docs/pictures';
export const PASSWORD = 'look around at Acme';
const MOST_BYTES = 200_000;
const UNDER_WAY = '[aria-busy=true], [data-stale=true], .mantine-Loader-root, .mantine-Skeleton-root';

/** Everything asked for is there, and drawn. */
export async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle');
  await sleep(500);
  await eventually(async () => (await page.locator(UNDER_WAY).count()) === 0);
  await sleep(300);
}

/** A page, or so much of its top. Where this machine has the demo (`folder`) and the repository is nobody's business: as the README names them. */
export async function pictureOfPage(page: Page, name: string, folder: string, height?: number): Promise<void> {
  // What the pointer is on would say so over the rest.
  await page.mouse.move(0, 0);
  await page.evaluate(withoutPaths(folder));
  await page.screenshot({ path: pathOf(name), animations: 'disabled', ...(height && { clip: { x: 0, y: 0, width: 1440, height } }) });
  check(name);
}

/** One thing on a page, or so much of its top. */
export async function pictureOf(shown: Locator, name: string, height?: number): Promise<void> {
  const page = shown.page();
  await page.evaluate('scrollTo(0, 0)');
  const box = await shown.boundingBox();
  if (box === null) throw new Error(`nothing to be seen for ${name}`);
  const clip = { ...box, height: Math.min(box.height, height ?? box.height) };
  await page.screenshot({ path: pathOf(name), animations: 'disabled', fullPage: true, clip });
  check(name);
}

const pathOf = (name: string): string => join(FOLDER, `${name}.png`);

function check(name: string): void {
  const { size } = statSync(pathOf(name));
  if (size > MOST_BYTES) throw new Error(`${pathOf(name)} has ${size} bytes: at most ${MOST_BYTES}`);
}

const withoutPaths = (folder: string): string => `{
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode() !== null) {
    const { data } = texts.currentNode;
    const said = data.replaceAll(${JSON.stringify(folder)}, './data-demo').replaceAll(${JSON.stringify(process.cwd())}, '.');
    if (said !== data) texts.currentNode.data = said;
  }
}`;
