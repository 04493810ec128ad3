import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { type SlackSimulator, startSlackSimulator } from '../simulators/slack-webhook.ts';
import { freePort } from '../support/free-port.ts';
import { earshot, eventually, HubProcess } from '../support/hub-process.ts';
import { alarming, idIn, ordinary } from '../support/numbered-messages.ts';
import { RelpClient } from '../support/relp-client.ts';

const RULE = `title: A Giraffe
id: 6f0d1f0e-95c3-4f26-8d53-1f5d2c1f9a01
status: test
description: Somebody saw a giraffe.
logsource:
  category: application
detection:
  selection:
    message|contains: giraffe
  condition: selection
level: high
`;

let hub: HubProcess;
let slack: SlackSimulator;
let settings: Record<string, unknown> & { sources: Record<string, Record<string, unknown>> };

beforeAll(async () => {
  slack = await startSlackSimulator({ limited: false });
  hub = await HubProcess.create();
  settings = parse(readFileSync(hub.configFile, 'utf8'));
  await hub.start();
});

afterAll(async () => {
  await hub.kill('SIGTERM');
  await slack.stop();
  rmSync(hub.dataDir, { recursive: true, force: true });
});

const on = (port: number) => ({ listen: `127.0.0.1:${port}` });

/** Writes the configuration with these changes, for good, and reloads it from the command line. */
async function reload(changes: Readonly<Record<string, unknown>>): Promise<{ code: number; stdout: string; stderr: string }> {
  settings = { ...settings, ...changes };
  writeFileSync(hub.configFile, stringify(settings));
  return await earshot(['reload', '--config', hub.configFile]);
}

async function stored(query: string): Promise<string[]> {
  const { stdout } = await earshot(['search', query, '--json', '--limit', '100000', '--since', '1h', '--config', hub.configFile]);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { event: { original: string } }).event.original);
}

async function opened(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

const refused = async (port: number): Promise<boolean> =>
  opened(port).then(
    (socket) => {
      socket.destroy();
      return false;
    },
    () => true,
  );

it('loses and doubles nothing of senders that send all the while', { timeout: 120_000 }, async () => {
  const stop = new AbortController();
  const [other, added] = await Promise.all([freePort(), freePort()]);
  const acknowledged: string[] = [];
  const relp = (async () => {
    const client = await RelpClient.open(hub.ports.relp);
    for (let n = 1; !stop.signal.aborted; n++) {
      const { id, line } = ordinary('relp', n);
      await client.send(line);
      acknowledged.push(id);
      await sleep(2);
    }
    client.destroy();
  })();
  const written: string[] = [];
  const tcp = (async () => {
    const socket = await opened(hub.ports.syslog);
    for (let n = 1; !stop.signal.aborted; n++) {
      const { id, line } = ordinary('tcp', n);
      if (!socket.write(`${line}\n`)) await once(socket, 'drain');
      written.push(id);
      await sleep(2);
    }
    socket.end();
    await once(socket, 'close');
  })();

  const { syslog = {} } = settings.sources;
  const http = { type: 'http' };
  const changes: Record<string, Record<string, unknown>>[] = [
    { syslog, http, more: { type: 'syslog', udp: false, tcp: on(added), relp: false } },
    { syslog: { ...syslog, time_zone: 'Europe/Lisbon', max_message_bytes: 10_000 }, http },
    { syslog: { ...syslog, udp: on(other) }, http, web: { type: 'http', max_messages: 5 } },
    { syslog, http },
  ];
  for (const [i, sources] of changes.entries()) {
    const from = acknowledged.length;
    expect(await reload({ sources })).toMatchObject({ code: 0, stdout: '' });
    expect(await refused(added)).toBe(i !== 0);
    await eventually(async () => acknowledged.length > from + 20);
  }
  stop.abort();
  await Promise.all([relp, tcp]);

  const ids = await eventually(async () => {
    const found = (await stored('numbered')).map(idIn);
    return found.length >= acknowledged.length + written.length && found;
  });
  expect(ids.length).toBe(new Set(ids).size);
  expect(new Set(ids)).toEqual(new Set([...acknowledged, ...written]));
});

it('changes nothing when the configuration is faulty, and tells all faults at once', async () => {
  const good = settings;
  const { code, stdout, stderr } = await reload({
    sources: { ...settings.sources, extra: { type: 'syslog', tcp: on(hub.ports.syslog), udp: false, relp: false, colour: 'red' } },
    routes: [{ name: 'nowhere', to: ['nobody'] }],
    outbox: { max_attempts: 'many' },
    rules: { folders: ['/no/such/folder'] },
  });
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('nothing was changed') });
  const faults = ['sources.extra.colour', 'routes[0].to[0]', 'outbox.max_attempts', 'rules.folders[0]'];
  for (const path of faults)
    expect(stdout).toMatch(new RegExp(`^${hub.configFile}:\\d+:\\d+ ${path.replaceAll(/[[\].]/g, '\\$&')}: `, 'm'));

  hub.log = '';
  signal();
  await eventually(async () => faults.every((path) => hub.log.includes(path)));
  settings = good;
  expect(await reload({ rules: {} })).toMatchObject({ code: 0, stdout: '' });
});

it('tells and notifies as the new routes and notifiers say', async () => {
  const client = await RelpClient.open(hub.ports.relp);
  await reload({ notifiers: { slack: { type: 'slack_webhook', url: slack.url } } });
  await client.send(alarming('first', 1).line);
  await slack.posted(1);
  await reload({ routes: [{ name: 'only critical', when: { least_level: 'critical' } }] });
  await client.send(alarming('second', 2).line);
  await eventually(async () => (await stored('"no=second-2"')).length === 1);
  await reload({ routes: [{ name: 'all' }] });
  await client.send(alarming('third', 3).line);
  await slack.posted(2);
  expect(slack.messages.map(({ text }) => /u(first|second|third)\dx/.exec(text)?.[1])).toEqual(['first', 'third']);
  client.destroy();
});

it('reads rules again; a rule that is broken meanwhile stays as it was', async () => {
  const rules = join(hub.dataDir, 'rules');
  mkdirSync(rules);
  const file = join(rules, 'giraffe.yml');
  writeFileSync(file, RULE);
  expect(await reload({ rules: { folders: [rules] } })).toMatchObject({ code: 0 });
  const names = async () => ((await hub.get('/api/rules')).json as { rules: { name: string }[] }).rules.map(({ name }) => name);
  expect(await names()).toContain('giraffe');

  writeFileSync(file, RULE.replace('condition: selection', 'condition: selektion'));
  const broken = await reload({});
  expect(broken).toMatchObject({ code: 1, stdout: expect.stringContaining(`${file}:`) });
  expect(broken.stdout).toContain('it would end giraffe');
  expect(await names()).toContain('giraffe');

  rmSync(file);
  expect(await reload({})).toMatchObject({ code: 0 });
  expect(await names()).not.toContain('giraffe');
});

it('says what needs a restart, each time, and leaves it as it is', async () => {
  for (let i = 0; i < 2; i++)
    expect(await reload({ node: 7 })).toMatchObject({ code: 0, stdout: 'node: takes effect at the next start\n' });
  expect(await earshot(['verify', '--config', hub.configFile])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^good: [1-9]/) });
  expect(await reload({ node: 1 })).toMatchObject({ code: 0, stdout: '' });
});

it('tells of a port that is not to be had, and goes on with the rest', async () => {
  const port = await freePort();
  const holder = spawn(process.execPath, [
    '-e',
    `require('node:net').createServer().listen(${port}, '127.0.0.1', () => console.log('up'))`,
  ]);
  await once(holder.stdout, 'data');
  const { sources } = settings;
  const extra = { type: 'syslog', tcp: on(port), udp: false, relp: false };
  expect(await reload({ sources: { ...sources, extra } })).toMatchObject({ code: 1, stdout: expect.stringContaining('sources.extra: ') });
  holder.kill();
  await once(holder, 'exit');
  expect(await reload({})).toMatchObject({ code: 0, stdout: '' });
  expect(await refused(port)).toBe(false);
  expect(await reload({ sources })).toMatchObject({ code: 0 });
});

it('survives many signals at once', async () => {
  for (let i = 0; i < 20; i++) signal();
  expect(await reload({})).toMatchObject({ code: 0 });
  const client = await RelpClient.open(hub.ports.relp);
  await client.send(alarming('last', 9).line);
  client.destroy();
  await slack.posted(3);
  expect(hub.running).toBe(true);
});

function signal(): void {
  if (hub.pid !== undefined) process.kill(hub.pid, 'SIGHUP');
}
