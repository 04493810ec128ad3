import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, findBrowser, openBrowser } from '../support/browser.ts';
import { ConsoleHub } from '../support/console-hub.ts';
import { eventually } from '../support/hub-process.ts';
import { type SlackOrganization, startSlackOrganization } from '../support/slack-organization.ts';

const chromium = findBrowser();
const BEN = 'W0EXAMPLE02';

describe.skipIf(chromium === undefined)('signing somebody out on the page', () => {
  let browser: Browser;
  let site: ConsoleHub;
  let organization: SlackOrganization;

  beforeAll(async () => {
    browser = await openBrowser(chromium ?? '');
    const sessions = [{ id: 1, device: 'mobile', os: 'OS', ip: '192.0.2.9' }] as const;
    organization = await startSlackOrganization([{ id: BEN, name: 'Ben Martin', email: 'ben@example.com', sessions: [...sessions] }]);
    site = await ConsoleHub.start(browser, {
      sources: {
        http: { type: 'http' },
        slack: organization.source,
      },
      acts: organization.acts,
    });
    const line = `<85>1 ${new Date().toISOString()} web01 sudo - - - alice : user NOT in sudoers ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh`;
    const { status } = await site.hub.post('/ingest/http', line, { 'content-type': 'text/plain' });
    expect(status).toBe(200);
  });
  afterAll(async () => {
    await browser.close();
    await site.stop();
    await organization.stop();
  });

  it('names whom and on what before it does anything, and shows the proof', async () => {
    const alert = await eventually(async () => {
      const { json } = await site.hub.get('/api/alerts?limit=1');
      return (json as { alerts: readonly { id: string }[] }).alerts[0];
    });
    const { page, context, complaints } = await site.open(browser, `/alerts/${alert.id}`);
    await page.getByRole('button', { name: 'Sign out …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: 'Whom' }).fill('nobody-there@example.com');
    await dialog.getByRole('button', { name: 'Show what it would do' }).click();
    await dialog.getByText('there is nobody with the mail address').waitFor();
    await dialog.getByRole('combobox', { name: 'Whom' }).fill('ben@example.com');
    await dialog.getByLabel('Phones and tablets alone').check();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Show what it would do' }).click();
    await dialog.getByText('signs Ben Martin (ben@example.com) out of Slack on phones and tablets alone').waitFor();
    await expectAccessible(page);
    expect(organization.sessions.people[0]?.sessions).toHaveLength(1);
    await dialog.getByRole('button', { name: 'Do it' }).click();
    await dialog.waitFor({ state: 'detached' });
    const panel = page.getByRole('region', { name: 'Done in other systems' });
    await panel.getByText('Done and proven').waitFor({ timeout: 30_000 });
    await expectAccessible(page);
    expect(organization.sessions.people[0]?.sessions).toHaveLength(0);
    await panel.getByRole('button', { name: 'The entry that proves it' }).click();
    await page.getByRole('dialog').getByText('user_session_reset_by_admin').first().waitFor();
    // What could not be planned was answered so, which the browser tells of.
    expect(complaints.filter((each) => !each.includes('422'))).toEqual([]);
    await context.close();
  });
});
