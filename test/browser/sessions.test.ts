import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SeguraApiSimulator, startSeguraApi } from '../simulators/segura-api.ts';
import { expectAccessible, findBrowser, openBrowser } from '../support/browser.ts';
import { ConsoleHub } from '../support/console-hub.ts';
import { eventually } from '../support/hub-process.ts';

const chromium = findBrowser();
/** Where pictures go, when they are asked for. */
const pictures = process.env.EARSHOT_PICTURES;
const [MINUTE, HOUR] = [60_000, 3_600_000];
const NOW = Date.now();
const OPEN = 'c'.repeat(40);

const line = (at: number, kind: string, keys: string): string =>
  `<13>1 ${new Date(at).toISOString()} vault01 senhasegura - - - CEF:0|MT4|senhasegura|3.32.0|${kind}|5|${keys}`;
const about = (who: string, machine: number, account: string): string =>
  `sname=${who} Example suser=${who.toLowerCase()} src=198.51.100.9 dst=192.0.2.${machine} dhost=db${machine}.example.com dpt=22 duser=${account}`;
const started = (at: number, ...who: Parameters<typeof about>) =>
  line(at, '16|Session started', `${about(...who)} suid=153 msg=Session started`);
const ended = (at: number, ...who: Parameters<typeof about>) =>
  line(at, '17|Session finished', `${about(...who)} suid=153 msg=Session ended`);
const stamp = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ');
const request = (at: number, kind: string, who: string, machine: number): string =>
  line(
    at,
    kind,
    `sname=${who} Example suser=${who.toLowerCase()} suid=44 dst=192.0.2.${machine} duser=root cs1Label=Change Request cs1=S1 ` +
      `cs2Label=Validity Start cs2=${stamp(at)} cs3Label=Validity End cs3=${stamp(at + HOUR)} cs4Label=Approver cs4=Max Example ` +
      'cs5Label=Requester cs5=Ana Example Cs6=Action Cs7=Start session msg=Request',
  );

const LINES = [
  request(NOW - 5 * HOUR, '13|New request', 'Ana', 10),
  request(NOW - 5 * HOUR + MINUTE, '14|Request approved', 'Max', 10),
  started(NOW - 5 * HOUR + 5 * MINUTE, 'Ana', 10, 'root'),
  line(
    NOW - 5 * HOUR + 9 * MINUTE,
    '32|Command detected - Block',
    `${about('Ana', 10, 'root')} suid=40 msg=An audited command was detected!`,
  ),
  ended(NOW - 3 * HOUR, 'Ana', 10, 'root'),
  started(NOW - HOUR, 'Ben', 11, 'svc_admin'),
  started(NOW - 40 * HOUR, 'Cleo', 12, '<b>root</b>'),
  started(NOW - 2 * HOUR, 'Ana', 10, 'root'),
  line(
    NOW - 2 * HOUR + MINUTE,
    '31|Command detected - Block and interrupt session',
    `${about('Ana', 10, 'root')} suid=40 msg=An audited command`,
  ),
];

async function picture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `sessions-${name}.png`), fullPage: true });
}

describe.skipIf(chromium === undefined)('privileged sessions on the page', () => {
  let browser: Browser;
  let site: ConsoleHub;
  let vault: SeguraApiSimulator;

  beforeAll(async () => {
    browser = await openBrowser(chromium ?? '');
    vault = await startSeguraApi([
      { id: OPEN, user: 'ben', credential: 'svc_admin', device: 'db11 (192.0.2.11)', end: '' },
      { id: 'd'.repeat(40), user: 'ben', credential: 'root', device: 'db10', end: '' },
    ]);
    const system = { type: 'segura_sessions', url: vault.url, client_id: vault.clientId, client_secret: vault.clientSecret };
    site = await ConsoleHub.start(browser, { sources: { http: { type: 'http' } }, acts: { systems: { vault: system } } });
    const { status } = await site.hub.post('/ingest/http', LINES.join('\n'), { 'content-type': 'text/plain' });
    expect(status).toBe(200);
    await eventually(async () => {
      const { json } = await site.hub.get('/api/sessions?from=now-7d');
      return (json as { sessions: readonly unknown[] }).sessions.length === 4 ? true : undefined;
    });
  });
  afterAll(async () => {
    await browser.close();
    await site.stop();
    await vault.stop();
  });

  it.each([
    ['light', 'desk'],
    ['dark', 'desk'],
    ['light', 'phone'],
  ] as const)('are listed with how they stand, in words (%s, %s)', async (scheme, size) => {
    const { page, context, complaints } = await site.open(browser, '/sessions', { scheme, size });
    const row = (name: string) => page.getByRole('row').filter({ hasText: name });
    await row('Ben Example on db11.example.com as svc_admin').getByText('Open').waitFor();
    expect(await row('Cleo').getByText('Never ended').count()).toBe(1);
    expect(await row('Cut off').getByText('Outside its window').count()).toBe(1);
    const first = row('Past its window');
    expect(await first.textContent()).toMatch(/1 h 55 min/);
    expect(await first.textContent()).toMatch(/1, 1 blocked/);
    await expectAccessible(page);
    const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    expect(overflow).toBeLessThanOrEqual(1);
    await picture(page, `list-${scheme}-${size}`);
    await page.getByRole('link', { name: 'Ana Example on db10.example.com as root' }).last().click();
    await page.getByRole('heading', { level: 1, name: 'Ana Example on db10.example.com as root' }).waitFor();
    const timeline = page.getByRole('region', { name: 'Timeline' });
    expect(await timeline.getByRole('button').allInnerTexts()).toEqual([
      'Access requested',
      'Request approved',
      'Session started',
      'Command blocked',
      'Session ended',
    ]);
    await page.getByText('Approved by Max Example').waitFor();
    await expectAccessible(page);
    await picture(page, `one-${scheme}-${size}`);
    await timeline.getByRole('button', { name: 'Command blocked' }).click();
    await page.getByRole('dialog').getByText('command_blocked').first().waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('are found by what the address says, lead to their events, and say when there are none', async () => {
    const { page, context, complaints } = await site.open(browser, '/sessions?state=never_ended');
    await page.getByRole('link', { name: /^Cleo Example on db12/ }).waitFor();
    expect(await page.getByRole('row').count()).toBe(2);
    await page.getByLabel('State').selectOption('open');
    await page.getByRole('link', { name: /^Ben Example/ }).waitFor();
    expect(page.url()).toContain('state=open');
    await page.getByLabel('Person').fill('nobody');
    await page.getByText('No such session in this time').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'No filter' }).click();
    await page.getByRole('link', { name: /^Cleo Example/ }).click();
    await page.getByRole('link', { name: 'Its events' }).click();
    await page.waitForURL(/\/explorer\?/);
    await page.getByText('session_started').first().waitFor();
    await page.goto(`${site.url}/sessions/9-9`);
    await page.getByText('is one of a privileged session').waitFor();
    await expectAccessible(page);
    expect(complaints.filter((each) => !each.includes('404'))).toEqual([]);
    await context.close();
  });

  it('are ended by a responder: this one alone, after a look at what would be done', async () => {
    const { page, context, complaints } = await site.open(browser, '/sessions?state=open');
    await page.getByRole('link', { name: /^Ben Example/ }).click();
    await page.getByRole('button', { name: 'End …' }).click();
    const dialog = page.getByRole('dialog');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Show what it would do' }).click();
    await dialog.getByText('ends the session of ben on db11 (192.0.2.11) as svc_admin (SSH) in Segura').waitFor();
    await expectAccessible(page);
    expect(vault.drops).toEqual([]);
    await dialog.getByRole('button', { name: 'Do it' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('region', { name: 'Done in the vault' }).getByText('Done and proven').waitFor({ timeout: 30_000 });
    expect(vault.drops).toEqual([OPEN]);
    await expectAccessible(page);
    await picture(page, 'ended');
    expect(complaints).toEqual([]);
    await context.close();
  });
});
