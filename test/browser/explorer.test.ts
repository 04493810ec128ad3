import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, findBrowser, openBrowser } from '../support/browser.ts';
import { consoleLines, feed } from '../support/console-events.ts';
import { ConsoleHub } from '../support/console-hub.ts';

const chromium = findBrowser();

const PATIENTLY = { timeout: 15_000 };

/** What the address says. */
const said = (page: Page, name: string): string | null => new URL(page.url()).searchParams.get(name);
const rows = (page: Page) => page.getByRole('grid', { name: 'Events, newest first' }).getByRole('row');
const total = (page: Page) => page.getByRole('region', { name: 'Events over time' }).getByRole('status').first();

describe.skipIf(chromium === undefined)('the audit logs', () => {
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

  it('finds who viewed which password: a query, a value of it left out, and back again', async () => {
    const { page, context, complaints } = await site.open(browser, '/explorer?from=now-7d');
    await rows(page).nth(5).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('"Password Viewed" user.name:alice');
    await page.keyboard.press('Enter');
    await expect.poll(() => said(page, 'q'), PATIENTLY).toBe('"Password Viewed" user.name:alice');
    await expect.poll(() => total(page).textContent(), PATIENTLY).toMatch(/^60 events/);
    await page.getByRole('button', { name: /^Not 192\.0\.2\.0 / }).click();
    await expect.poll(() => said(page, 'q'), PATIENTLY).toMatch(/^"Password Viewed" AND user\.name:alice AND NOT source\.ip:/);
    await expect.poll(() => total(page).textContent(), PATIENTLY).toMatch(/^5\d events/);
    await page.goBack();
    await expect.poll(() => said(page, 'q'), PATIENTLY).toBe('"Password Viewed" user.name:alice');
    // A hint that hangs over the page is in no landmark of it.
    await page.mouse.move(0, 0);
    await page.getByRole('tooltip').waitFor({ state: 'hidden' });
    await expectAccessible(page);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('is worked by keys: down to an event, its details, a value of it as filter', async () => {
    const { page, context, complaints } = await site.open(browser, '/explorer?from=now-7d&q=rule.id:*');
    await rows(page).nth(2).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    const details = page.getByRole('dialog', { name: 'Event' });
    await details.getByRole('button', { name: /^Only event\.dataset / }).waitFor();
    expect(said(page, 'event')).toMatch(/^1-\d+$/);
    await expectAccessible(page);
    // Which conditions of the rule were true, and by which values.
    expect(
      await details
        .getByRole('region', { name: /^Rule / })
        .first()
        .textContent(),
    ).toMatch(/selection/);
    await details.getByRole('tab', { name: 'JSON' }).click();
    expect(JSON.parse((await details.locator('pre').textContent()) ?? '')).toMatchObject({ event: { id: said(page, 'event') } });
    await details.getByRole('tab', { name: 'Around it' }).click();
    await details.getByRole('listitem').nth(3).waitFor();
    await expectAccessible(page);
    await details.getByRole('tab', { name: 'Fields' }).click();
    await details.getByRole('button', { name: /^Not event\.dataset / }).click();
    await expect.poll(() => said(page, 'q'), PATIENTLY).toMatch(/^rule\.id:\* AND NOT event\.dataset:/);
    await page.keyboard.press('Escape');
    await expect.poll(() => said(page, 'event'), PATIENTLY).toBe(null);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('proposes fields and values, and underlines what is wrong', async () => {
    const { page, context, complaints } = await site.open(browser, '/explorer?from=now-7d');
    const query = page.getByRole('combobox', { name: 'Query' });
    await query.fill('user.na');
    await page.getByRole('option', { name: /^user\.name/ }).waitFor();
    await expectAccessible(page);
    await query.press('ArrowDown');
    await query.press('Enter');
    await expect.poll(() => query.inputValue(), PATIENTLY).toBe('user.name:');
    await query.pressSequentially('al');
    await page.getByRole('option', { name: /^alice/ }).click();
    await expect.poll(() => query.inputValue(), PATIENTLY).toBe('user.name:alice ');
    await query.pressSequentially('"open');
    await page.getByText('This quote is not closed').waitFor();
    expect(await query.getAttribute('aria-invalid')).toBe('true');
    expect(await page.locator('.query-marks mark').textContent()).toBe('"');
    await expectAccessible(page);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('a stretch drawn on the bars is the time; a network has its pie in one press', async () => {
    const { page, context, complaints } = await site.open(browser, '/explorer?q=source.ip:192.0.2.0/24');
    const bars = page.getByRole('slider', { name: 'Events over time' });
    const box = await bars.boundingBox();
    if (box === null) throw new Error('no bars');
    await page.mouse.move(box.x + box.width * 0.6, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.8, box.y + 40, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => said(page, 'from'), PATIENTLY).toMatch(/^\d{4}-.*Z$/);
    expect(Date.parse(said(page, 'from') ?? '')).toBeLessThan(Date.parse(said(page, 'to') ?? ''));
    await page.goBack();
    await page.getByRole('button', { name: 'Quick values of source.ip' }).click();
    const quick = page.getByRole('region', { name: 'Quick values of source.ip' });
    await quick
      .getByRole('button', { name: /^192\.0\.2\.\d+/ })
      .first()
      .waitFor();
    await quick.getByRole('slider', { name: 'Events over time by source.ip' }).waitFor();
    await expectAccessible(page);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('shows what comes in as it comes, and holds it while one reads', async () => {
    const { page, context, complaints } = await site.open(browser, '/explorer?q=user.name:late*');
    const heard = (name: string) =>
      feed(site.hub, [
        `<86>1 ${new Date().toISOString()} web00 sshd 1 - - Accepted publickey for ${name} from 192.0.2.7 port 4000 ssh2: ED25519 SHA256:abc`,
      ]);
    await page.getByRole('button', { name: 'Live tail' }).click();
    await page.getByText('Live', { exact: true }).waitFor();
    await heard('late-one');
    await rows(page).filter({ hasText: 'late-one' }).waitFor();
    await rows(page).filter({ hasText: 'late-one' }).hover();
    await heard('late-two');
    await page.getByRole('button', { name: '1 new, held while you read' }).waitFor();
    expect(await rows(page).filter({ hasText: 'late-two' }).count()).toBe(0);
    await page.mouse.move(0, 0);
    await rows(page).filter({ hasText: 'late-two' }).waitFor();
    await expectAccessible(page);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('hands all events of a search over as a file', async () => {
    const { page, context, complaints } = await site.open(browser, '/explorer?from=now-7d&q=user.name:alice');
    await rows(page).nth(2).waitFor();
    await page.getByRole('button', { name: 'Export' }).click();
    const coming = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: /^CSV/ }).click();
    const file = readFileSync(await (await coming).path(), 'utf8')
      .trimEnd()
      .split('\r\n');
    expect(file[0]).toMatch(/^'@timestamp,event\.action,cef\.name,.*,destination\.user\.name,.*,source\.ip,.*,message$/);
    expect(await total(page).textContent()).toMatch(new RegExp(`^${file.length - 1} events`));
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('keeps a search under a name, opens and deletes it', async () => {
    const { page, context, complaints } = await site.open(browser, '/explorer?from=now-7d&q=user.name:bob');
    await page.getByRole('button', { name: 'Saved' }).click();
    await page.getByRole('button', { name: 'Save this search' }).click();
    await page.getByLabel(/^Name/).fill('What Bob did');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.goto(`${site.url}/explorer`);
    await page.getByRole('button', { name: 'Saved' }).click();
    await page.getByRole('button', { name: /^What Bob did/ }).click();
    await expect.poll(() => said(page, 'q'), PATIENTLY).toBe('user.name:bob');
    expect(said(page, 'from')).toBe('now-7d');
    await page.getByRole('button', { name: 'Saved' }).click();
    await page.getByRole('button', { name: 'Delete What Bob did' }).click();
    await page.getByRole('button', { name: 'Really delete What Bob did' }).click();
    await page.getByText('Nothing is saved yet').waitFor();
    await expectAccessible(page);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('keeps its columns, in the address and in the browser', async () => {
    const { page, context } = await site.open(browser, '/explorer');
    await rows(page).nth(2).waitFor();
    await page.getByRole('button', { name: 'Target', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await expect.poll(() => said(page, 'columns'), PATIENTLY).toBe('what,who,from,outcome,message');
    await page.goto(`${site.url}/explorer`);
    await rows(page).nth(2).waitFor();
    expect(await page.getByRole('columnheader').allTextContents()).toEqual(['Time', 'What', 'Who', 'From', 'Outcome', 'message']);
    await context.close();
  });

  it('says of each event what happened, who did it, to what and from where, without a setting', async () => {
    const path = '/explorer?from=now-7d&q=cef.name:"Password Viewed" AND user.name:alice';
    const desk = await site.open(browser, path);
    const row = rows(desk.page).nth(1);
    await row.waitFor();
    const cells = (await row.getByRole('gridcell').allTextContents()).slice(1, 5);
    expect(cells).toEqual([
      'password_viewed',
      'alice',
      expect.stringMatching(/^(app_ro|root) on db0\d\.example\.com$/),
      expect.stringMatching(/^192\.0\.2\./),
    ]);
    await row.click();
    await desk.page.getByRole('dialog', { name: 'Event' }).getByRole('heading', { name: 'password_viewed' }).waitFor();
    expect(desk.complaints).toEqual([]);
    await desk.context.close();

    const phone = await site.open(browser, path, { size: 'phone' });
    const card = rows(phone.page).first();
    await card.waitFor();
    expect(await card.textContent()).toMatch(/password_viewed.*alice · (app_ro|root) on db0\d\.example\.com · 192\.0\.2\./);
    await expectAccessible(phone.page);
    expect(phone.complaints).toEqual([]);
    await phone.context.close();
  });

  it('shows what else there was in the session of an event', async () => {
    const { page, context, complaints } = await site.open(browser, '/explorer?from=now-7d&q=process.name:sshd AND user.name:alice');
    await rows(page).nth(1).click();
    const details = page.getByRole('dialog', { name: 'Event' });
    await details.getByRole('tab', { name: 'Around it' }).click();
    await details.getByText(/^Session \d+$/).click();
    await details.getByRole('listitem').first().waitFor();
    await details.getByRole('link', { name: 'All of a day before and after' }).click();
    await expect.poll(() => said(page, 'q'), PATIENTLY).toMatch(/^process\.pid:"\d+" AND process\.name:"sshd" AND host\.name:"web0\d"$/);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('a column that is added comes into sight, left of the message', async () => {
    const { page, context, complaints } = await site.open(
      browser,
      '/explorer?from=now-7d&columns=what,who,target,from,event.outcome,host.name,process.name,message',
    );
    await rows(page).nth(2).waitFor();
    await page.getByRole('button', { name: 'Columns' }).click();
    for (const name of ['event.dataset', 'log.syslog.severity.name', 'observer.vendor']) {
      await page.getByRole('combobox', { name: 'Add a column' }).fill(name);
      await page.keyboard.press('Enter');
      await page.getByRole('columnheader', { name }).waitFor();
    }
    await page.keyboard.press('Escape');
    expect((await page.getByRole('columnheader').allTextContents()).slice(-2)).toEqual(['observer.vendor', 'message']);
    const table = await page.locator('.events').boundingBox();
    const head = await page.getByRole('columnheader', { name: 'observer.vendor' }).boundingBox();
    if (table === null || head === null) throw new Error('no table');
    expect(head.x + head.width).toBeLessThanOrEqual(table.x + table.width + 1);
    expect(head.x).toBeGreaterThanOrEqual(table.x);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('counts the bars and the values beside the table in one call, after the rows', async () => {
    const { page, context } = await site.open(browser, '/explorer?from=now-7d&q=user.name:bob');
    const notBob = page.getByRole('region', { name: 'Top values of user.name' }).getByRole('button', { name: /^Not bob/ });
    // Before that, the first load may still be asking.
    await notBob.waitFor();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.reload();
    await notBob.waitFor();
    expect(asked.filter((path) => path.startsWith('/api/events'))).toEqual(['/api/events', '/api/events/summary']);
    await context.close();
  });
});
