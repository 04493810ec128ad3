/**
 * Takes the pictures of `docs/reference/slack-messages.md` that the story of Acme does not have: a silence, a baseline, what somebody listens
 * for, what somebody says who was asked, answers of `/earshot`, and the Home tab. A hub of its own is told of a vault and of a till, and what
 * it sends to a simulated Slack is drawn from its blocks, in Chromium. After `npm run build`.
 */
import { createSocket } from 'node:dgram';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { DAY, HOUR } from '../test/simulators/acme/chance.ts';
import { type Host, hostOf, hostsOf } from '../test/simulators/acme/estate.ts';
import { deskOf, type Person, personOf } from '../test/simulators/acme/people.ts';
import { viewLines } from '../test/simulators/pam-segura.ts';
import { startSlackApi } from '../test/simulators/slack-api.ts';
import { homeOpened, signedJson } from '../test/simulators/slack-clicks.ts';
import { slackPage } from '../test/simulators/slack-page.ts';
import { startSmtp } from '../test/simulators/smtp.ts';
import { findBrowser, openBrowser, openTab } from '../test/support/browser.ts';
import { earshot, eventually, HubProcess } from '../test/support/hub-process.ts';
import { FOLDER, pictureOf } from './picture.ts';

const SECRET = 'made-up-signing-secret';
const ANA = 'UANA000001';
const RULES = ['base/vault_password_viewed.yml', 'pam/segura_more_passwords_than_ever.yml'];
const SILENCE = `
title: A Till Has Gone Silent
id: 5d2f6a52-7a0e-4a55-9d0a-1f6f4b1f7c21
description: A till that used to report every few seconds does not.
level: high
silence: { of: host, expect: 1m }
detection:
  tills: { event.action: sold }
  condition: tills
earshot:
  next_steps:
    - 'Is the till on? Call the shop.'
    - If it is, look at its network, then at who was on the till last.
`;
const PATIENCE_MS = 180_000;

const chromium = findBrowser();
if (chromium === undefined) process.exit(1);
mkdirSync(FOLDER, { recursive: true });
const rules = mkdtempSync(join(tmpdir(), 'earshot-pictures-'));
for (const rule of RULES) add(rule);
const directory = join(rules, 'people.csv');
writeFileSync(directory, 'id,name,emails\nmcalloway,Matt Calloway,matt.calloway@example.com\n');
writeFileSync(join(rules, 'till_silent.yml'), SILENCE);
const slack = await startSlackApi({ limited: false });
const mailServer = await startSmtp();
const hub = await HubProcess.create({
  rules: { shipped: false, folders: [rules] },
  people: { files: [directory] },
  api: { public_url: 'https://earshot.example.com' },
  asking: { by: 'mail' },
  notifiers: {
    mail: {
      type: 'mail',
      host: '127.0.0.1',
      port: mailServer.port,
      tls: 'none',
      from: 'earshot@example.com',
      to: ['soc@example.com'],
    },
    security: {
      type: 'slack_bot',
      channel: slack.channel,
      api_url: slack.apiUrl,
      token: slack.token,
      signing_secret: SECRET,
      people: { [ANA]: 'ana' },
    },
  },
  routes: [{ name: 'all', when: { least_level: 'medium' }, to: ['security'] }],
});
const browser = await openBrowser(chromium);
try {
  await hub.start();
  const { page } = await openTab(browser);
  page.setDefaultTimeout(PATIENCE_MS);
  await page.setViewportSize({ width: 760, height: 1_000 });
  await takeAll(page);
} finally {
  await browser.close();
  await hub.kill('SIGTERM');
  await slack.stop();
  await mailServer.stop();
  for (const each of [rules, hub.dataDir]) rmSync(each, { recursive: true, force: true });
}

async function takeAll(page: Page): Promise<void> {
  const token = await account();
  const collector = personOf('mcalloway');
  await learn(collector);
  const sold = () => post(token, [JSON.stringify({ message: 'sold', event: { action: 'sold' }, host: { name: 'till07.example.com' } })]);
  await sold();
  const listened = await say('listen db01');
  await hear(views(collector, Date.now(), 12));
  await slack.until(() => slack.messages.some(({ text }) => text.includes('More Passwords Viewed')));
  await slack.until(() => slack.messages.some(({ channel }) => channel === `D${ANA.slice(1)}`));
  const touched = await eventually(async () => {
    const answer = await say('who touched db01 today');
    return answer.text.includes('1 name') && answer;
  });
  await slack.until(() => slack.messages.some(({ text }) => text.includes('Till')));
  const status = await say('status');
  const muted = await say('mute rule till_silent for 2h because the shop moves', slack.channel);
  await home();

  await page.goto(slack.pageUrl);
  for (const [name, words] of [
    ['slack-silence', 'A Till Has Gone Silent'],
    ['slack-baseline', 'More Passwords Viewed Than Ever Before'],
    ['slack-listening', '👂'],
  ] as const)
    await pictureOf(page.locator('main > article', { hasText: words }).first(), name);
  await answerNo('More Passwords Viewed Than Ever Before', collector.login);
  await page.reload();
  await pictureOf(page.locator('article article', { hasText: 'it was NOT me' }).first(), 'slack-answered');
  await page.setContent(slackPage([status, touched, listened, muted].reverse(), false));
  await page.evaluate("document.querySelectorAll('main > h1, main > p').forEach((each) => each.remove())");
  await pictureOf(page.locator('main'), 'slack-answers');
  const blocks = slack.homes.get(ANA)?.blocks ?? [];
  await page.setContent(slackPage([{ ts: 'home', at: Date.now(), text: '', blocks }], false));
  await pictureOf(page.locator('article'), 'slack-home');
}

function add(rule: string): void {
  copyFileSync(join('rules', rule), join(rules, rule.replace(/^.*\//, '')));
}

/** Who answers in Slack, and what may send. */
async function account(): Promise<string> {
  const json = { 'content-type': 'application/json' };
  await hub.post('/api/users', JSON.stringify({ name: 'ana', role: 'responder', datasets: ['*'] }), json);
  const made = await hub.post('/api/tokens', JSON.stringify({ name: 'senders', scopes: ['ingest'] }), json);
  return (made.json as { token: string }).token;
}

/** Somebody of whom an alert tells is asked by mail, and says that it was not them. */
async function answerNo(title: string, person: string): Promise<void> {
  const { alerts } = (await hub.get('/api/alerts')).json as { alerts: readonly { readonly id: string; readonly title: string }[] };
  const id = alerts.find((alert) => alert.title === title)?.id;
  await hub.post(`/api/alerts/${id}/ask`, JSON.stringify({ person }), { 'content-type': 'application/json' });
  const [mail] = await mailServer.until(1);
  const link = /\/answer\/[^?\s]+/.exec(mail?.text ?? '')?.[0] ?? '';
  const body = new URLSearchParams({ said: 'not_me', note: 'I was on the train. Please lock my account.' });
  await fetch(`http://127.0.0.1:${hub.ports.api}${link}`, { method: 'POST', body });
  await slack.until(() => slack.messages.some(({ text }) => text.includes('NOT me')));
}

/** Two or three passwords on each of the last sixteen working days. */
async function learn(person: Person): Promise<void> {
  const past = Array.from({ length: 16 }, (_, day) => views(person, Date.now() - (day + 1) * DAY, 2 + (day % 2))).flat();
  await hear(past);
  await eventually(async () => {
    const { stdout } = await earshot(['search', 'event.action:password_viewed', '--json', '--since', '30d', '--config', hub.configFile]);
    return stdout.split('\n').filter((line) => line !== '').length === past.length;
  });
  // What comes before that is past, of which nobody is told.
  await eventually(async () => hub.log.includes('what correlations count is complete'), { withinMs: PATIENCE_MS });
}

/** So many different machines, one after the other. */
function views(person: Person, at: number, count: number): string[] {
  const hosts: readonly Host[] = [hostOf('db01'), ...hostsOf('app', 'web', 'infra')];
  const shift = { person, from: at - HOUR, to: at + HOUR, address: deskOf(person), inOffice: true };
  return hosts
    .slice(0, count)
    .flatMap((host, i) => viewLines({ at: at - i * 200, shift, host, account: 'root' }))
    .map(({ text }) => text);
}

/** The vault says it by syslog. */
async function hear(lines: readonly string[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const line of lines) await new Promise((done) => socket.send(line, hub.ports.syslog, '127.0.0.1', done));
  socket.close();
}

async function post(token: string, lines: readonly string[]): Promise<void> {
  const headers = { 'content-type': 'application/x-ndjson', authorization: `Bearer ${token}` };
  const sent = await fetch(`http://127.0.0.1:${hub.ports.api}/ingest/http`, { method: 'POST', headers, body: lines.join('\n') });
  if (sent.status !== 200) throw new Error(`the events were answered ${sent.status}: ${await sent.text()}`);
}

/** What is typed, and what only who typed it sees. */
async function say(text: string, channel?: string) {
  const before = slack.responses.length;
  const { json } = await slack.command({
    url: `http://127.0.0.1:${hub.ports.api}/slack/commands`,
    user: ANA,
    text,
    ...(channel !== undefined && { channel }),
  });
  let answer = json as Readonly<Record<string, unknown>>;
  if (String(answer.text).startsWith('Looking')) {
    await slack.until(() => slack.responses.length > before);
    answer = slack.responses.at(-1)?.args ?? {};
  }
  const typed = { type: 'context', elements: [{ type: 'mrkdwn', text: `*/earshot ${text}*` }] };
  const blocks = typeof answer.blocks === 'string' ? (JSON.parse(answer.blocks) as unknown[]) : ((answer.blocks ?? []) as unknown[]);
  return { ts: `whisper-${text}`, at: Date.now(), text: String(answer.text), blocks: [typed, ...blocks] };
}

async function home(): Promise<void> {
  const { body, headers } = signedJson(homeOpened(ANA, 'Ev1'), SECRET, Date.now());
  await fetch(`http://127.0.0.1:${hub.ports.api}/slack/events`, { method: 'POST', headers, body });
  await slack.until(() => slack.homes.has(ANA));
}
