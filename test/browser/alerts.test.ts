import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, findBrowser, openBrowser, type Tab } from '../support/browser.ts';
import { consoleLines, feed } from '../support/console-events.ts';
import { ADMIN, ConsoleHub } from '../support/console-hub.ts';
import { eventually } from '../support/hub-process.ts';

const chromium = findBrowser();
/** Where pictures go, when they are asked for. */
const pictures = process.env.EARSHOT_PICTURES;

interface Listed {
  readonly alerts: readonly {
    readonly id: string;
    readonly state: string;
    readonly rule_name: string;
    readonly title: string;
    readonly assignee?: string;
  }[];
}

describe.skipIf(chromium === undefined)('alerts and detections', () => {
  let browser: Browser;
  let site: ConsoleHub;

  beforeAll(async () => {
    browser = await openBrowser(chromium ?? '');
    site = await ConsoleHub.start(browser);
    await feed(site.hub, consoleLines());
    await eventually(async () => (await listed()).alerts.length > 5);
  });
  afterAll(async () => {
    await browser.close();
    await site.stop();
  });

  const listed = async (query = '') => (await site.hub.get(`/api/alerts?limit=200${query}`)).json as Listed;
  const change = (id: string, act: object, more: object = {}) =>
    site.hub.post(`/api/alerts/${id}/changes`, JSON.stringify({ act, ...more }), { 'content-type': 'application/json' });

  const picture = async (page: Page, name: string) => {
    if (pictures === undefined) return;
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  };

  const good = async ({ page, context, complaints }: Tab) => {
    await expectAccessible(page);
    expect(await page.evaluate<boolean>("'owned' in window")).toBe(false);
    expect(await page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBeLessThan(2);
    expect(complaints).toEqual([]);
    await context.close();
  };

  it('the queue is worked from the keyboard', async () => {
    const tab = await site.open(browser, '/alerts');
    const { page } = tab;
    const rows = page.getByRole('list', { name: 'Alerts' }).getByRole('listitem');
    await rows.first().waitFor();
    const before = (await listed('&states=open')).alerts.length;
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.getByText('2 selected').waitFor();
    await picture(page, 'alerts-selected');
    await page.keyboard.press('a');
    await page.getByText('2 alerts were acknowledged.').waitFor();
    await eventually(async () => (await listed('&states=open')).alerts.length === before - 2);
    await page.getByRole('tab', { name: `Open ${before - 2}` }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('r');
    await page.getByRole('dialog', { name: 'Resolve this alert' }).waitFor();
    await page.getByRole('radio', { name: /^Benign/ }).check();
    await page.getByLabel(/^Note/).fill('a drill of the team');
    await picture(page, 'alerts-resolve');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Resolve', exact: true }).click();
    await page.getByText('The alert was resolved.').waitFor();
    await page.getByRole('tab', { name: /^Resolved 1/ }).click();
    await expect.poll(() => page.url()).toContain('state=resolved');
    await page.getByText('Resolved: benign').waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await good(tab);
  });

  it('what another does appears by itself, and nobody overwrites it', async () => {
    const tab = await site.open(browser, '/alerts?sort=level');
    const { page } = tab;
    const [first] = (await listed('&states=open&sort=level')).alerts;
    const id = first?.id ?? '';
    await page.locator(`#alert-${id}`).waitFor();
    await page.locator(`#alert-${id}`).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    // The other is quicker: their line comes between the look and the key.
    await page.route('**/api/alerts/changes', async (route) => {
      await change(id, { kind: 'comment' }, { note: 'I am on the phone with her' });
      await route.continue();
    });
    await page.getByRole('button', { name: 'Take' }).click();
    await page.getByText('One has changed meanwhile: look again, then decide.').waitFor();
    await page.getByText('I am on the phone with her').waitFor();
    await page.unroute('**/api/alerts/changes');
    await page.getByRole('button', { name: 'Take' }).click();
    await page.getByText('The alert was taken.').waitFor();
    expect((await listed(`&assignee=${ADMIN.name}`)).alerts.map((alert) => alert.id)).toEqual([id]);
    await good(tab);
  });

  it('what is known and harmless is excepted, with what that would have done; the rule is put on trial', async () => {
    const [first] = (await listed('&states=open&sort=level')).alerts;
    const tab = await site.open(browser, `/alerts/${first?.id}`);
    const { page } = tab;
    await page.getByRole('button', { name: 'Except this …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Except this from the rule' });
    await dialog.getByText(/In the last 30 days this would have taken out [1-9]/).waitFor();
    await dialog.getByLabel('Why').fill('a drill of the team');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Except', exact: true }).click();
    await page.getByText('Excepted: it counts').waitFor();
    await page.goto(`${new URL(page.url()).origin}/rules?show=exceptions`);
    await page.getByRole('tab', { name: '1 exception' }).waitFor();
    const row = page.getByRole('row', { name: /a drill of the team/ });
    await expectAccessible(page);
    await row.getByRole('rowheader').getByRole('link').click();
    await page.getByText(/a drill of the team, says/).waitFor();
    await page.getByRole('button', { name: 'Put it on trial …' }).click();
    await page.getByRole('dialog').getByLabel('Why').fill('too loud');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Put it on trial', exact: true }).click();
    await page.getByText(/has said so.*: too loud/).waitFor();
    await page.goto(`${new URL(page.url()).origin}/rules?show=exceptions`);
    await page.getByRole('button', { name: 'End the exception: a drill of the team' }).click();
    await page.getByText('Nothing is excepted').waitFor();
    await good(tab);
  });

  it('an event says why a rule fires on it, and why another does not', async () => {
    // Not of the hub's own trail, which by now tells of what was done to its rules here.
    const first = (await listed('&sort=level')).alerts.find((alert) => !alert.rule_name.startsWith('earshot_'));
    const tab = await site.open(browser, `/alerts/${first?.id}`);
    const { page } = tab;
    await page.getByRole('button', { name: 'Full details' }).first().click();
    await page.getByRole('tab', { name: 'Why, why not' }).click();
    await page.getByText('It fires.').waitFor();
    await expectAccessible(page);
    await page.getByRole('combobox', { name: 'Rule' }).fill('earshot_hub_stopped');
    // By its name: the list may not be narrowed yet.
    await page.getByRole('option', { name: 'earshot_hub_stopped' }).click();
    await page.getByText('It does not fire.').waitFor();
    await page
      .getByText(/would have to be/)
      .first()
      .waitFor();
    await good(tab);
  });

  it('an alert is given to a colleague by keys', async () => {
    const user = { name: 'grace', display_name: 'Grace H.', role: 'analyst', datasets: ['*'] };
    await site.hub.post('/api/users', JSON.stringify(user), { 'content-type': 'application/json' });
    const [last] = (await listed('&states=open')).alerts.toReversed();
    const tab = await site.open(browser, `/alerts/${last?.id ?? ''}`);
    const { page } = tab;
    await page.getByRole('button', { name: 'Assign …' }).waitFor();
    await page.keyboard.press('g');
    await page.getByRole('dialog', { name: 'Assign this alert' }).waitFor();
    await page.getByRole('option').first().waitFor();
    await expectAccessible(page);
    await picture(page, 'alert-assign');
    await page.keyboard.type('grac');
    await page.getByRole('option', { name: 'Grace H. (grace)' }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await page.getByText('The alert was assigned.').waitFor();
    await page.locator('.timeline').getByText('Assigned to grace').waitFor();
    await good(tab);
  });

  it('each of alike alerts says whom it is about, and a count of a person leads to just theirs', async () => {
    const tab = await site.open(browser, '/alerts?state=all&person=alice', { size: 'phone' });
    const { page } = tab;
    await page.getByText('Naming alice').waitFor();
    const names = page.locator('.queue-names');
    await names.first().waitFor();
    for (const line of await names.allTextContents()) expect(line).toContain('alice');
    await page.goto(`${site.url}/alerts?state=all&rule=segura_root_password_viewed`);
    await names.getByText('→ root@db0').first().waitFor();
    await page.goto(`${site.url}/alerts?state=all&person=lic`);
    await page.getByText('No alert is like that').waitFor();
    await good(tab);
  });

  it('an alert says what, who, where and how unusual, and can be brought to its end', async () => {
    const { alerts } = await listed('&states=open&about=alice');
    const id = alerts[0]?.id ?? '';
    const tab = await site.open(browser, `/alerts/${id}`);
    const { page } = tab;
    for (const name of ['What, who, where', 'How unusual', 'Evidence', 'Around it', 'What to do next', 'Related alerts', 'Timeline'])
      await page.getByRole('heading', { name }).waitFor();
    await page.getByText(/^This rule, for anybody/).waitFor();
    await page.getByText('What each system tells').waitFor();
    await page
      .getByText(/because .* is/)
      .first()
      .waitFor();
    await picture(page, 'alert');
    await page.keyboard.press('s');
    await page.getByRole('radio', { name: 'For an hour' }).check();
    await page.getByRole('button', { name: 'Snooze', exact: true }).click();
    await page.getByText(/^Snoozed until/).waitFor();
    await page.keyboard.press('c');
    await page.keyboard.type('asked her: it was the change of tonight');
    await page.getByRole('button', { name: 'Comment' }).click();
    await page.locator('.timeline').getByText('asked her: it was the change of tonight').waitFor();
    await page.getByRole('button', { name: 'Resolve …' }).click();
    await page.getByRole('radio', { name: /^Expected/ }).check();
    await page.getByRole('button', { name: 'Resolve', exact: true }).click();
    await page
      .getByText(/^Resolved: expected/)
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Full details' }).first().click();
    await page.getByRole('tab', { name: 'Raw' }).waitFor();
    await picture(page, 'alert-event');
    await page.getByRole('button', { name: 'Close the event' }).click();
    expect((await site.hub.get(`/api/alerts/${id}`)).json).toMatchObject({ state: 'resolved', resolution: 'expected' });
    await good(tab);
  });

  it.each([
    ['light', 'desk'],
    ['dark', 'desk'],
    ['light', 'phone'],
    ['dark', 'phone'],
  ] as const)('are legible for all (%s, %s)', async (scheme, size) => {
    const hostile = (await listed()).alerts.at(-1)?.id ?? '';
    for (const [name, path] of [
      ['queue', '/alerts?state=all'],
      ['alert', `/alerts/${hostile}`],
      ['detections', '/detections?from=now-24h&to=now'],
    ] as const) {
      const tab = await site.open(browser, path, { scheme, size });
      await tab.page.locator('h1').first().waitFor();
      await tab.page.waitForLoadState('networkidle');
      await picture(tab.page, `${name}-${scheme}-${size}`);
      await good(tab);
    }
  });

  it('every count of detections leads to as many events', async () => {
    const tab = await site.open(browser, '/detections?from=now-24h&to=now');
    const { page } = tab;
    await page.locator('.rule-bar').first().waitFor();
    const links = await page
      .locator('.rule-bar')
      .evaluateAll((all) => all.map((link) => [link.getAttribute('href') ?? '', link.textContent ?? ''] as const));
    expect(links.length).toBeGreaterThan(1);
    for (const [href, count] of links) {
      const search = new URL(href, site.url).searchParams;
      const query = new URLSearchParams({ q: search.get('q') ?? '', from: search.get('from') ?? '', to: search.get('to') ?? '' });
      const { json } = await site.hub.get(`/api/events/histogram?${query}`);
      expect([href, (json as { total: number }).total]).toEqual([href, Number(count.replaceAll(',', ''))]);
    }
    await page.getByLabel('Over time by', { exact: true }).selectOption('technique');
    await expect.poll(() => page.url()).toContain('by=technique');
    await good(tab);
  });
});
