/** Takes the picture of a digest in `docs/reference/slack-messages.md`: of made-up numbers, written and sent by what writes and sends digests. */
import { mkdirSync } from 'node:fs';
import type { Digest } from '../src/digest/digest.ts';
import { periodAt } from '../src/digest/period.ts';
import { digestsSettings } from '../src/digest/settings.ts';
import { digestChart, digestWords } from '../src/digest/words.ts';
import { slackBot } from '../src/integrations/slack/bot-notifier.ts';
import { chartLines, chartWords } from '../src/model/chart.ts';
import { drawChart } from '../src/notify/chart-picture.ts';
import { outsideFetch } from '../src/outside-fetch.ts';
import { silent } from '../src/telemetry/telemetry.ts';
import { startSlackApi } from '../test/simulators/slack-api.ts';
import { findBrowser, openBrowser, openTab } from '../test/support/browser.ts';
import { FOLDER, pictureOf } from './picture.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const AT = Date.UTC(2026, 10, 23, 9);

const chromium = findBrowser();
if (chromium === undefined) process.exit(1);
mkdirSync(FOLDER, { recursive: true });
const slack = await startSlackApi({ now: () => AT });
const browser = await openBrowser(chromium);
try {
  await send();
  const { page } = await openTab(browser);
  await page.setViewportSize({ width: 800, height: 1_000 });
  await page.goto(slack.pageUrl);
  await page.locator('main > article img').evaluate('image => image.decode()');
  await pictureOf(page.locator('main > article').first(), 'slack-digest');
} finally {
  await browser.close();
  await slack.stop();
}

async function send(): Promise<void> {
  const digest = madeUp();
  const chart = digestChart(digest);
  if (chart === undefined) throw new Error('nothing to be drawn');
  const picture = { png: drawChart(chart), name: 'alerts.png', alt: chartWords(chart), text: chartLines(chart) };
  const config = slackBot.config.parse({
    token: slack.token,
    channel: slack.channel,
    api_url: slack.apiUrl,
    base_url: 'https://earshot.example.com',
  });
  const context = { config, fetch: outsideFetch(silent), signal: AbortSignal.timeout(10_000) };
  const whisper = { key: 'digest', place: null, answer: digestWords(digest), picture, possibleRepeat: false };
  const sent = await slackBot.whisper?.(whisper, context);
  if (sent?.verdict !== 'delivered') throw new Error(`the digest was not sent: ${JSON.stringify(sent)}`);
}

function madeUp(): Digest {
  const [settings] = digestsSettings.parse([{ name: 'acme_weekly', to: 'security', time_zone: 'Europe/Lisbon' }]);
  if (settings === undefined) throw new Error('no settings');
  const period = periodAt(settings, AT);
  const days = [
    [0, 1, 3, 2],
    [0, 0, 5, 3],
    [0, 2, 2, 3],
    [1, 3, 8, 4],
    [0, 1, 4, 2],
    [0, 0, 0, 1],
    [0, 0, 1, 0],
  ];
  const bars = days.map(([critical = 0, high = 0, medium = 0, before = 0]) => ({
    levels: { informational: 0, low: 0, medium, high, critical },
    before,
  }));
  return {
    settings,
    period,
    at: AT,
    keptSince: 0,
    faults: [],
    deaf: [{ from: period.from + 3 * DAY + 3 * HOUR, to: period.from + 3 * DAY + 3.5 * HOUR }],
    quiet: {
      total: 1,
      sources: [{ dataset: 'linux.auth', from: 'web1.example.com', silentMs: 74 * HOUR, longestPauseMs: 4 * HOUR }],
    },
    alerts: {
      levels: { informational: 0, low: 0, medium: 23, high: 7, critical: 1 },
      levelsBefore: { informational: 0, low: 0, medium: 12, high: 3, critical: 0 },
      pace: { opened: 31, acknowledged: 26, resolved: 24, medianAcknowledgeSecs: 540, medianResolveSecs: 9_000, resolutions: {} },
      paceBefore: { opened: 15, acknowledged: 14, resolved: 14, medianAcknowledgeSecs: 1_260, medianResolveSecs: 14_400, resolutions: {} },
      kinds: [
        { title: 'Many Files Downloaded From Slack', level: 'high', count: 11, before: 2 },
        { title: 'Privileged Session Outside Its Window', level: 'medium', count: 8, before: 6 },
        { title: 'Password Viewed Without An Approved Request', level: 'medium', count: 5, before: 4 },
        { title: 'Sign-in From A New Country', level: 'medium', count: 3, before: 1 },
        { title: 'Sudo Failure', level: 'medium', count: 2, before: 2 },
      ],
      others: { alerts: 2, kinds: 2 },
      change: { title: 'Many Files Downloaded From Slack', by: 9 },
      bars,
      open: {
        total: 2,
        nobodys: 1,
        oldest: [
          {
            ...{ id: 'a', title: 'Privileged Session Outside Its Window', level: 'medium', about: ['mcalloway'], state: 'acknowledged' },
            ...{ openedAt: AT - 5 * DAY - 2 * HOUR, assignee: 'ana' },
          },
          {
            ...{ id: 'b', title: 'Many Files Downloaded From Slack', level: 'high', about: ['tbrandt'], state: 'open' },
            openedAt: AT - 3 * DAY - 18 * HOUR,
          },
        ],
      },
      silent: { total: 0, alerts: [] },
      notTold: 0,
    },
  };
}
