import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { arch, cpus, loadavg, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startSlackApi } from '../../test/simulators/slack-api.ts';
import { clickPayload, signedForm } from '../../test/simulators/slack-clicks.ts';
import { eventually, HubProcess } from '../../test/support/hub-process.ts';
import { VAULT_RULE } from '../../test/support/vault-rule.ts';

/**
 * How soon a click is acknowledged while events come in: signed clicks on as many alerts, one in ten of them sent three times, and in the
 * same moments the same bodies to a bare server that keeps nothing. Times count from when a click was due, so that one that is held up
 * counts for those behind it. At the end each click must be in its alert's history once. `--sockets`: as many over Socket Mode beside them, on
 * alerts of their own.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    clicks: { type: 'string', default: '100' },
    events: { type: 'string', default: '10000' },
    sockets: { type: 'boolean', default: false },
  },
});
const [seconds, perSecond, rate] = [Number(values.seconds), Number(values.clicks), Number(values.events)];
const SECRET = 'made-up-signing-secret';
const ANA = 'UANA000001';
/** One in so many is sent again, twice, at once: as Slack does where it did not hear an answer. */
const SENT_AGAIN = 10;
const LINES_AT_ONCE = 5_000;
const folder = mkdtempSync(join(tmpdir(), 'earshot-rules-'));
writeFileSync(join(folder, 'vault_opened.yml'), VAULT_RULE);
const slack = await startSlackApi({ limited: false });
const bot = { type: 'slack_bot', channel: slack.channel, api_url: slack.apiUrl, token: slack.token };
const hub = await HubProcess.create({
  rules: { folders: [folder] },
  raw_log: { max_bytes: 8 * 1024 ** 3 },
  log: { level: 'warn' },
  notifiers: {
    security: { ...bot, signing_secret: SECRET, ...(values.sockets && { app_token: slack.appToken }), people: { [ANA]: 'ana' } },
  },
  routes: [{ name: 'vaults', when: { query: 'event.action:vault_opened' }, to: ['security'] }],
});
await hub.start();
const peer = spawn(process.execPath, ['bench/clicks/peer.ts'], { stdio: ['ignore', 'pipe', 'inherit'] });
process.once('exit', () => peer.kill());
const [printed] = (await once(peer.stdout, 'data')) as [Buffer];
const alerts = await openAlerts(seconds * perSecond * (values.sockets ? 2 : 1));
if (values.sockets) await slack.until(() => slack.sockets.open === 2);

const sender = await startEvents();
const agent = new Agent({ keepAlive: true, maxSockets: 50 });
const own = monitorEventLoopDelay({ resolution: 5 });
own.enable();
const { ours, bare, told } = await sendClicks();
own.disable();
const load = loadavg()[0]?.toFixed(1);
const { sent } = JSON.parse(await sender.over) as { sent: number; seconds: number };
const runs = await runsOf(alerts.length);

console.log(`${cpus()[0]?.model ?? ''}, ${cpus().length} cores, Linux ${release()} ${arch()}, Node ${process.version}, load ${load}`);
console.log(`${sent.toLocaleString('en')} events at ${rate}/s; the sender of clicks was itself late by at most ${ms(own.max / 1e6)} ms\n`);
console.log('| clicks/s | to | sent | acknowledged | p50 ms | p99 | p99.9 | most |\n|---|---|---|---|---|---|---|---|');
print('Earshot', ours);
print('a bare server', bare);
if (values.sockets) print('Earshot, over sockets', told);
console.log(`\n${alerts.length} clicks: ${runs.done} done, ${runs.refused} run in vain or again, ${runs.acknowledged} alerts acknowledged`);
await hub.kill('SIGTERM');
peer.kill();
await slack.stop();
for (const each of [hub.dataDir, folder]) rmSync(each, { recursive: true, force: true });
process.exit(0);

interface Answer {
  readonly status: number;
  readonly ms: number;
}

/** Makes alerts, one of each person, and gives their ids. */
async function openAlerts(count: number): Promise<string[]> {
  const json = { 'content-type': 'application/json' };
  const made = await hub.post('/api/tokens', JSON.stringify({ name: 'vault', scopes: ['ingest'] }), json);
  await hub.post('/api/users', JSON.stringify({ name: 'ana', role: 'responder', datasets: ['*'] }), json);
  const observer = { vendor: 'Segura', product: 'Segura' };
  const lines = Array.from({ length: count }, (_, i) =>
    JSON.stringify({ message: 'a vault was opened', event: { action: 'vault_opened' }, observer, user: { name: `user${i}` } }),
  );
  for (let at = 0; at < lines.length; at += LINES_AT_ONCE) {
    const answer = await fetch(`http://127.0.0.1:${hub.ports.api}/ingest/http`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${(made.json as { token: string }).token}` },
      body: lines.slice(at, at + LINES_AT_ONCE).join('\n'),
    });
    if (answer.status !== 200) throw new Error(`the events were answered ${answer.status}: ${await answer.text()}`);
  }
  return await eventually(
    async () => {
      const ids = await alertIds();
      return ids.length >= count && ids;
    },
    { withinMs: 60_000, everyMs: 500 },
  );
}

async function alertIds(): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor = ''; ; ) {
    const { json } = await hub.get(`/api/alerts?rule=vault_opened&limit=200${cursor === '' ? '' : `&cursor=${cursor}`}`);
    const page = json as { alerts: { id: string }[]; cursor?: string };
    ids.push(...page.alerts.map(({ id }) => id));
    if (page.cursor === undefined) return ids;
    cursor = page.cursor;
  }
}

/**
 * What became of the clicks, once nothing more becomes of them: the hub counts each that it runs, and one that is run again can only be
 * refused, as the alert is so already.
 */
async function runsOf(count: number): Promise<{ readonly done: number; readonly refused: number; readonly acknowledged: number }> {
  const counted = async () => {
    const { text } = await hub.getText('/metrics');
    const of = (outcome: string) =>
      Number(new RegExp(`^earshot_clicks_total\\{notifier="security",outcome="${outcome}"\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0);
    return { done: of('done'), refused: of('refused') };
  };
  const isOver = async () => ((await counted()).done >= count ? true : undefined);
  await eventually(isOver, { withinMs: 60_000, everyMs: 1_000 }).catch(() => undefined);
  await sleep(3_000);
  const { json } = await hub.get('/api/alerts/counts?states=acknowledged');
  return { ...(await counted()), acknowledged: (json as { total: number }).total };
}

/** Events as the whole way's bench sends them, for a little longer than the clicks. */
async function startEvents(): Promise<{ readonly over: Promise<string> }> {
  const args = ['--port', `${hub.ports.syslog}`, '--rate', `${rate}`, '--seconds', `${seconds + 10}`];
  const child: ChildProcess = spawn(process.execPath, ['bench/whole-way/sender.ts', ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  if (child.stdout === null || child.stdin === null) throw new Error('the sender has no pipes');
  await once(child.stdout, 'data');
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  const over = once(child, 'close').then(() => out);
  child.stdin.write('go\n');
  await sleep(5_000);
  return { over };
}

async function sendClicks(): Promise<Record<'ours' | 'bare' | 'told', Answer[]>> {
  const [own, other] = [`http://127.0.0.1:${hub.ports.api}/slack/interactivity`, `http://127.0.0.1:${printed.toString().trim()}/`];
  const answers = { ours: [] as Promise<Answer>[], bare: [] as Promise<Answer>[], told: [] as Promise<Answer>[] };
  const begin = performance.now();
  for (let i = 0; i < seconds * perSecond; i++) {
    const due = begin + (i * 1_000) / perSecond;
    if (due - performance.now() > 1) await sleep(due - performance.now());
    const [form, byLine] = [
      signedForm(payloadOf(alerts[i]), SECRET, Date.now()),
      values.sockets && payloadOf(alerts[seconds * perSecond + i]),
    ];
    const times = i % SENT_AGAIN === 0 ? 3 : 1;
    for (let time = 0; time < times; time++) {
      answers.ours.push(post(own, form, due));
      answers.bare.push(post(other, form, due));
      if (byLine !== false) answers.told.push(tell(byLine, due));
    }
  }
  return { ours: await Promise.all(answers.ours), bare: await Promise.all(answers.bare), told: await Promise.all(answers.told) };
}

function payloadOf(id = ''): object {
  const blocks = [{ type: 'actions', block_id: `earshot:${id}:open...`, elements: [{ type: 'button', action_id: 'acknowledge' }] }];
  const message = { ts: '1.2', channel: slack.channel, threadTs: undefined, text: 'x'.repeat(500), blocks, metadata: undefined, edits: 0 };
  const clicked = { message: { ...message, botId: slack.botId }, user: ANA, action: 'acknowledge' };
  return clickPayload(clicked, `${slack.pageUrl}answers`, Date.now());
}

async function tell(payload: object, due: number): Promise<Answer> {
  const [answer] = await slack.sockets.tell('interactive', payload, 1);
  return { status: answer?.acknowledged === true ? 200 : 0, ms: performance.now() - due };
}

function post(url: string, { body, headers }: ReturnType<typeof signedForm>, due: number): Promise<Answer> {
  return new Promise((resolve) => {
    const answered = (status: number) => resolve({ status, ms: performance.now() - due });
    const sending = request(url, { method: 'POST', headers, agent }, (response) => {
      response.resume().once('end', () => answered(response.statusCode ?? 0));
    });
    sending.once('error', () => answered(0));
    sending.end(body);
  });
}

function print(to: string, all: readonly Answer[]): void {
  const sorted = all.map((each) => each.ms).sort((a, b) => a - b);
  const at = (share: number) => ms(sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0);
  const good = all.filter(({ status }) => status === 200).length;
  console.log(`| ${perSecond} | ${to} | ${all.length} | ${good} | ${at(0.5)} | ${at(0.99)} | **${at(0.999)}** | ${at(1)} |`);
}

function ms(value: number): string {
  return value.toFixed(value < 10 ? 1 : 0);
}
