import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type SlackSimulator, startSlackSimulator } from '../simulators/slack-webhook.ts';
import { earshot, eventually, HubProcess } from '../support/hub-process.ts';
import { readAlerts } from '../support/no-loss-checks.ts';

/** Rejects unless the program ends with 0. */
const run = promisify(execFile);

let hub: HubProcess;
let slack: SlackSimulator;

beforeAll(async () => {
  slack = await startSlackSimulator();
  hub = await HubProcess.create({ notifiers: { slack: { type: 'slack_webhook', url: slack.url } } });
});

afterAll(async () => {
  await hub.kill('SIGTERM');
  await slack.stop();
  rmSync(hub.dataDir, { recursive: true, force: true });
});

/** One event a line, as `earshot search --json` prints them. */
async function search(query: string): Promise<Record<string, unknown>[]> {
  const { code, stdout, stderr } = await earshot(['search', query, '--since', '1h', '--json', '--config', hub.configFile]);
  if (code !== 0) throw new Error(stderr);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

const found = (query: string) => eventually(async () => (await search(query)).at(0), { withinMs: 15_000 });

it('goes from the first start to the first event found in seconds', async () => {
  const from = Date.now();
  await hub.start();
  const started = Date.now();
  const socket = connect(hub.ports.syslog, '127.0.0.1');
  socket.end(`<14>1 ${new Date().toISOString()} web01.example.com app - - - the first zebra of all\n`);
  await eventually(async () => ((await hub.get('/api/events?q=zebra&from=now-1h')).json as { events: unknown[] }).events.length > 0);
  console.log(`start: ${started - from} ms; searchable: ${Date.now() - started} ms after that`);
  expect(await found('zebra')).toMatchObject({ host: { name: 'web01.example.com' }, process: { name: 'app' } });
});

it('hears the real logger, over TCP and UDP', async () => {
  const where = ['--server', '127.0.0.1', '--port', `${hub.ports.syslog}`];
  for (const transport of ['--tcp', '--udp']) {
    await run('logger', [transport, ...where, '--tag', 'greeting', `a giraffe over${transport}`]);
    expect(await found(`giraffe AND "${transport.slice(2)}"`)).toMatchObject({ process: { name: 'greeting' } });
  }
});

it('takes from curl what it was told to keep, and nothing without a token', async () => {
  const { json } = await hub.post('/api/tokens', JSON.stringify({ name: 'curl', scopes: ['ingest'] }), {
    'content-type': 'application/json',
  });
  const { token } = json as { token: string };
  const url = `http://127.0.0.1:${hub.ports.api}/ingest/http`;
  const body = JSON.stringify({ message: 'an okapi logged in', user: { name: 'olga' } });
  const headers = ['-H', 'content-type: application/json', '-H'];
  const good = await run('curl', ['-sS', '-w', '%{http_code}', '-d', body, ...headers, `authorization: Bearer ${token}`, url]);
  expect(good.stdout).toBe('{"accepted":1,"duplicate":false}200');
  const bad = await run('curl', ['-sS', '-o', '/dev/null', '-w', '%{http_code}', '-d', body, ...headers, 'authorization: Bearer no', url]);
  expect(bad.stdout).toBe('401');
  expect(await found('okapi')).toMatchObject({ message: 'an okapi logged in', event: { original: body } });
  expect(await search('okapi')).toHaveLength(1);
});

it('tells Slack in words, and the alert can be acknowledged', async () => {
  const line = 'mallory : user NOT in sudoers ; TTY=pts/0 ; PWD=/home/mallory ; USER=root ; COMMAND=/usr/bin/cat /etc/shadow';
  const where = ['--server', '127.0.0.1', '--port', `${hub.ports.syslog}`, '--tcp'];
  await run('logger', [...where, '--priority', 'authpriv.notice', '--tag', 'sudo', line]);

  const [message] = await slack.posted(1);
  expect(message?.text).toMatch(/^\[MEDIUM\] Sudo by Somebody Who Is Not in Sudoers: /);
  expect(message?.text).toContain('mallory');
  const [alert, ...others] = await readAlerts(hub);
  expect(others).toEqual([]);
  expect(alert).toMatchObject({ rule_name: 'linux_sudo_not_in_sudoers', group: { 'user.name': 'mallory' }, count: 1 });

  const path = `/api/alerts/${alert?.id}`;
  const acknowledged = await hub.post(`${path}/state`, JSON.stringify({ state: 'acknowledged', note: 'a drill' }), {
    'content-type': 'application/json',
  });
  expect(acknowledged).toMatchObject({ status: 200, json: { state: 'acknowledged' } });
  expect((await hub.get(path)).json).toMatchObject({
    state: 'acknowledged',
    history: expect.arrayContaining([expect.objectContaining({ note: 'a drill' })]),
    deliveries: [{ notifier: 'slack', state: 'delivered' }],
  });
  expect(slack.messages).toHaveLength(1);
});

it('tells in numbers what went through it', async () => {
  const read = async () => {
    const { text } = await hub.getText('/metrics');
    const series = text.split('\n').flatMap((line) => /^(earshot_\S+) (\S+)$/.exec(line)?.slice(1) ?? []);
    return new Map(series.flatMap((name, i) => (i % 2 === 0 ? [[name, Number(series[i + 1])] as const] : [])));
  };
  const { json } = await hub.get('/api/alerts');
  const [alert] = (json as { alerts: readonly { rule_id: string }[] }).alerts;
  const sum = (numbers: ReadonlyMap<string, number>, name: string) =>
    [...numbers].reduce((all, [series, value]) => all + (series.startsWith(`${name}{`) ? value : 0), 0);
  // Each thread tells of its own each second.
  const numbers = await eventually(async () => {
    const told = await read();
    const least = [
      ['earshot_received_events_total{source="syslog"}', 4],
      ['earshot_received_events_total{source="http"}', 1],
      ['earshot_searchable_seconds_count', 5],
      ['earshot_notifications_total{notifier="slack",verdict="delivered"}', 1],
      [`earshot_rule_hits_total{rule="${alert?.rule_id}"}`, 1],
    ] as const;
    const all = least.every(([name, count]) => (told.get(name) ?? 0) >= count);
    return all && sum(told, 'earshot_decoded_events_total') >= 5 && told;
  });
  expect(Object.fromEntries(numbers)).toMatchObject({
    'earshot_received_events_total{source="syslog"}': 4,
    'earshot_received_events_total{source="http"}': 1,
    'earshot_alerts_total{level="medium"}': 1,
    'earshot_notifications_total{notifier="slack",verdict="delivered"}': 1,
    earshot_engine_up: 1,
  });
  expect(sum(numbers, 'earshot_dropped_events_total')).toBe(0);
  expect(numbers.get('earshot_stored_events_total')).toBeGreaterThanOrEqual(5);
  expect(numbers.get('earshot_raw_log_fill_ratio')).toBeLessThan(0.1);
  expect(numbers.get('earshot_store_lag_seconds')).toBeLessThan(60);
});

it('can prove that all of it is as it was received', async () => {
  expect((await earshot(['verify', '--config', hub.configFile])).stdout).toMatch(/^good: /);
});
