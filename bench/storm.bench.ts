import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type SlackMessage, startSlackApi } from '../test/simulators/slack-api.ts';
import { eventually, HubProcess } from '../test/support/hub-process.ts';
import { VAULT_RULE } from '../test/support/vault-rule.ts';

/**
 * A storm: so many events that a rule matches, spread over so many seconds and people (an alert is of one person), through the whole hub
 * to a simulated Slack. How many messages it makes, and whether alerts and messages tell of each match.
 */
const { values } = parseArgs({
  options: {
    matches: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '60' },
    people: { type: 'string', default: '1,200,100000' },
  },
});
const [matches, seconds] = [Number(values.matches), Number(values.seconds)];

const folder = mkdtempSync(join(tmpdir(), 'earshot-bench-storm-'));
writeFileSync(join(folder, 'vault_opened.yml'), VAULT_RULE);
console.log('| people | alerts | matches in them | messages | of them within the storm | alerts told of | last message after, s | edits |');
console.log('|---|---|---|---|---|---|---|---|');
for (const people of values.people.split(',').map(Number)) await storm(people);
rmSync(folder, { recursive: true });

async function storm(people: number): Promise<void> {
  const slack = await startSlackApi();
  const security = { type: 'slack_bot', channel: slack.channel, api_url: slack.apiUrl, token: slack.token };
  const hub = await HubProcess.create({ rules: { shipped: false, folders: [folder] }, notifiers: { security }, outbox: {} });
  await hub.start();
  const begun = Date.now();
  for (let second = 0; second < seconds; second += 1) {
    await send(hub, people, second);
    await sleep(Math.max(0, begun + (second + 1) * 1_000 - Date.now()));
  }
  const over = Date.now();
  await hub.post('/api/control/drain', '');
  const waiting = async () => ((await hub.get('/api/outbox?states=pending,sending')).json as { total: number }).total;
  await eventually(async () => (await waiting()) === 0, { withinMs: 600_000, everyMs: 500 });
  await hub.kill('SIGTERM');
  const { alerts, found } = kept(join(hub.dataDir, 'data'));
  const posts = slack.calls.filter(({ method, error }) => method === 'chat.postMessage' && error === undefined);
  const opened = slack.messages.filter(({ threadTs }) => threadTs === undefined);
  const told = opened.reduce((sum, message) => sum + alertsIn(message), 0);
  const edits = slack.messages.reduce((sum, message) => sum + message.edits, 0);
  const within = posts.filter(({ at }) => at <= over).length;
  const last = ((posts.at(-1)?.at ?? over) - over) / 1_000;
  console.log(`| ${[people, alerts, found, posts.length, within, told, last.toFixed(1), edits].join(' | ')} |`);
  await slack.stop();
  rmSync(hub.dataDir, { recursive: true, force: true });
}

async function send(hub: HubProcess, people: number, second: number): Promise<void> {
  const [from, to] = [second, second + 1].map((each) => Math.floor((matches * each) / seconds));
  const lines: string[] = [];
  for (let n = from ?? 0; n < (to ?? 0); n += 1) {
    const user = { name: `person${n % people}` };
    lines.push(JSON.stringify({ event: { action: 'vault_opened' }, observer: { vendor: 'Segura', product: 'Segura' }, user }));
  }
  const { status } = await hub.post('/ingest/http', lines.join('\n'), { 'content-type': 'application/x-ndjson' });
  if (status !== 200) throw new Error(`the hub did not take the events: ${status}`);
}

/** Alerts, and the matches that they count. */
function kept(dataDir: string): { alerts: number; found: number } {
  const state = new DatabaseSync(join(dataDir, 'state.db'), { readOnly: true });
  const row = state.prepare('SELECT count(*) AS alerts, sum(count) AS found FROM alerts').get();
  state.close();
  return { alerts: Number(row?.alerts), found: Number(row?.found) };
}

/** How many alerts a message opens: one, or those that it names and "more"; none where it says what goes on. */
function alertsIn({ text }: SlackMessage): number {
  if (text.includes('Still going on')) return 0;
  const several = /^(\d+) alerts/.exec(text);
  return several === null ? 1 : Number(several[1]);
}
