import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { setupUrlOf } from '../api/auth/setup-url.ts';
import type { createTokenEndpoint } from '../api/contract/tokens.ts';
import type { createUserEndpoint, inviteUserEndpoint, listUsersEndpoint } from '../api/contract/users.ts';
import { Child } from '../demo/child.ts';
import { DemoFolder } from '../demo/demo-folder.ts';
import { demoSettings, VAULTS, VIEWER } from '../demo/demo-settings.ts';
import { freePorts } from '../demo/free-ports.ts';
import { EarshotError } from '../lib/errors.ts';
import { type Call, type Command, FAULTS, GOOD, UsageError } from './command.ts';
import { type HubAccess, interrupted, runningHub } from './hub-access.ts';
import { output } from './output.ts';

const DAY_MS = 86_400_000;
const USER = VIEWER.user;
const TOKEN = 'acme-apps';
const PORTS = { api: 8484, segura: 6514, osirium: 6515, linux: 2514, slack: 8485, slackAudit: 8486, slackAdmin: 8487 };
const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const simulator = (name: string): string => fileURLToPath(new URL(`../../test/simulators/${name}`, import.meta.url));

export const demo: Command = {
  name: 'demo',
  summary:
    'Runs a hub of its own with a made-up company: two weeks of its events, then what goes on there now. Nothing to set up. With `acme`, the present begins with the story of the guide "Acme".',
  operands: '[acme]',
  operandCount: [0, 1],
  options: {
    'data-dir': { type: 'string', value: 'DIR', describe: 'folder of the demo (default: ./data-demo)' },
    days: { type: 'string', value: 'N', describe: 'how many days of the past a new demo has (default: 15)' },
    seed: { type: 'string', value: 'N', describe: 'of a new demo: another number, another week (default: 1)' },
    speed: { type: 'string', value: 'N', describe: 'how many times as much as usual happens in the present (default: 20)' },
    once: { type: 'boolean', describe: 'the past only; the hub stays' },
    fresh: { type: 'boolean', describe: 'throw away what an earlier demo left in the folder' },
  },
  examples: ['earshot demo', 'earshot demo acme', 'earshot demo --fresh --days 30', 'earshot demo --data-dir /tmp/demo --once'],
  run: async (call) => {
    const wishes = wishesOf(call);
    const stop = interrupted();
    const folder = await openFolder(wishes);
    const hub = new Child(MAIN, ['run', '--config', folder.file('earshot.yaml')], folder.file('hub.log'));
    try {
      return await runOn(hub, folder, wishes, stop);
    } finally {
      await hub.stop();
    }
  },
};

interface Wishes {
  readonly begins: 'break-in' | 'acme';
  readonly dataDir: string;
  readonly days: number;
  readonly seed: number;
  readonly speed: number;
  readonly once: boolean;
  readonly fresh: boolean;
}

const wishesOf = (call: Call): Wishes => ({
  begins: storyOf(call),
  dataDir: resolve(call.text('data-dir') ?? './data-demo'),
  days: wholeNumber(call, 'days', 15, 90),
  seed: wholeNumber(call, 'seed', 1, 1_000_000),
  speed: wholeNumber(call, 'speed', 20, 200),
  once: call.flag('once'),
  fresh: call.flag('fresh'),
});

function storyOf({ positionals: [story] }: Call): Wishes['begins'] {
  if (story !== undefined && story !== 'acme') throw new UsageError(`there is no story ${story}: acme is the only one that has a name`);
  return story ?? 'break-in';
}

async function openFolder({ dataDir, days, seed, fresh }: Wishes): Promise<DemoFolder> {
  if (!existsSync(simulator('acme.ts')))
    throw new UsageError('the demo needs the folder test/simulators of the repository, which is not here');
  if ((await runningHub(join(dataDir, 'data'))) !== undefined) throw new UsageError(`a demo runs on ${dataDir} already`);
  const now = Date.now();
  const opened = DemoFolder.open(dataDir, () => ({ seed, toldAt: now, until: now - days * DAY_MS, ports: PORTS }), fresh);
  if (!opened.ok) throw new UsageError(opened.error);
  const folder = opened.value;
  folder.keep({ ports: await freePorts(folder.state.ports) });
  execFileSync(process.execPath, [simulator('acme-directory.ts'), folder.path, `${folder.state.toldAt}`]);
  folder.write('earshot.yaml', demoSettings(folder, { rules: simulator('acme/rules'), days }, now));
  return folder;
}

async function runOn(child: Child, folder: DemoFolder, wishes: Wishes, stop: AbortSignal): Promise<number> {
  const hub = await whenReady(child, folder, stop);
  if (hub === undefined) {
    if (!stop.aborted) process.stderr.write(`the hub did not start:\n${child.lastWords()}\n`);
    return stop.aborted ? GOOD : FAULTS;
  }
  await greet(folder, hub);
  const acme = await startAcme(folder, hub, wishes);
  try {
    const ended = await Promise.race([aborted(stop), child.ended.then(() => child), acme.ended.then(() => acme)]);
    if (ended === undefined) return GOOD;
    process.stderr.write(`\n${ended === acme ? 'the simulators' : 'the hub'} ended by themselves:\n${ended.lastWords()}\n`);
    return FAULTS;
  } finally {
    await acme.stop();
  }
}

/** Undefined when it ended before, or is no longer wanted. */
async function whenReady(child: Child, folder: DemoFolder, stop: AbortSignal): Promise<HubAccess | undefined> {
  while (child.running && !stop.aborted) {
    const hub = await runningHub(folder.file('data'));
    if (hub !== undefined && (await isReady(hub))) return hub;
    await sleep(50);
  }
  return undefined;
}

function wholeNumber(call: Call, name: string, usual: number, most: number): number {
  const text = call.text(name) ?? `${usual}`;
  const number = Number(text);
  if (!/^\d{1,7}$/.test(text) || number < 1 || number > most) throw new UsageError(`--${name} takes a whole number from 1 to ${most}`);
  return number;
}

const isReady = (hub: HubAccess): Promise<boolean> =>
  hub.ask({ method: 'GET', path: '/readyz' }).then(
    () => true,
    () => false,
  );

async function startAcme(folder: DemoFolder, hub: HubAccess, { begins, speed, once }: Wishes): Promise<Child> {
  const { seed, toldAt, until, ports } = folder.state;
  const api = `http://127.0.0.1:${ports.api}`;
  const token = await newToken(hub);
  const ways = {
    segura: vaultWay(folder, VAULTS.segura.name, ports.segura),
    osirium: vaultWay(folder, VAULTS.osirium.name, ports.osirium),
    linux: { kind: 'relp', port: ports.linux },
    crm: { kind: 'http', url: `${api}/ingest/crm`, token },
    doors: { kind: 'http', url: `${api}/ingest/doors`, token },
  };
  const app = { url: `${api}/slack/interactivity`, user: VIEWER.member };
  const slack = { channel: ports.slack, audit: ports.slackAudit, admin: ports.slackAdmin, app };
  const plan = folder.write('plan.json', JSON.stringify({ seed, toldAt, from: until, live: !once, speed, begins, slack, doors: ways }));
  const child = new Child(simulator('acme.ts'), [plan], folder.file('simulators.log'));
  const began = Date.now();
  child.onMessage((message) => {
    const told = acmeTells.parse(message);
    folder.keep({ until: told.until });
    if (told.kind === 'sent') progress(told.lines, told.share);
    if (told.kind === 'backfilled') void whenStored(hub, told.lines, began, once);
  });
  return child;
}

/** Over TLS, with a certificate of its own. */
function vaultWay(folder: DemoFolder, name: string, port: number) {
  const now = Date.now();
  const [hub, own] = [folder.certificate(now), folder.senderCertificate(name, now)];
  return { kind: 'tls', port, caFile: hub.certificate_file, certificateFile: own.certificate_file, keyFile: own.key_file };
}

/** What the simulators say of themselves. */
const acmeTells = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sent'), lines: z.number(), share: z.number(), until: z.number() }),
  z.object({ kind: z.literal('backfilled'), lines: z.number(), until: z.number() }),
  z.object({ kind: z.literal('live'), lines: z.number(), until: z.number() }),
]);

function progress(lines: number, share: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${Math.floor(share * 100)}% of the past, ${lines} events sent\x1b[K`);
}

async function whenStored(hub: HubAccess, lines: number, began: number, once: boolean): Promise<void> {
  await hub.ask({ method: 'POST', path: '/api/control/drain' }).catch(() => undefined);
  const seconds = ((Date.now() - began) / 1_000).toFixed(1);
  const now = once ? '' : ' What goes on at Acme now comes as it happens; watch the alerts in the next two minutes.';
  const past = lines === 0 ? 'There is nothing to catch up with.' : `${lines} events of the past are in, after ${seconds} s.`;
  process.stderr.write(`${process.stderr.isTTY ? '\r\x1b[K' : ''}${past}${now}\n`);
}

/** A token for the programs that send over HTTP; that of an earlier start is no longer good. */
async function newToken(hub: HubAccess): Promise<string> {
  await hub.ask({ method: 'DELETE', path: `/api/tokens/${TOKEN}` }).catch(() => undefined);
  const body = { name: TOKEN, scopes: ['ingest:crm', 'ingest:doors'] };
  return (await hub.ask<z.output<typeof createTokenEndpoint.answer>>({ method: 'POST', path: '/api/tokens', body })).token;
}

async function greet(folder: DemoFolder, hub: HubAccess): Promise<void> {
  const { ports } = folder.state;
  const page = `http://127.0.0.1:${ports.api}`;
  const lines = [
    `Sign in        ${setupUrlOf(page, await signInCode(hub))}`,
    `               (works once: choose a password for the user ${USER}; afterwards ${page})`,
    `What is told   http://127.0.0.1:${ports.slack}/ (a simulated Slack channel; its buttons work)`,
    `Command line   npx earshot search 'cef.name:"Password Viewed"' --config '${folder.file('earshot.yaml')}'`,
    'Ctrl-C ends it. The same command goes on from there; --fresh begins anew.',
  ];
  await output.print(`${lines.join('\n')}\n`);
}

/** There is no default password: a one-time link lets whoever started the demo choose one. */
async function signInCode(hub: HubAccess): Promise<string> {
  const body = { name: USER, display_name: 'Demo', role: 'admin', datasets: ['*'] };
  try {
    return (await hub.ask<z.output<typeof createUserEndpoint.answer>>({ method: 'POST', path: '/api/users', body })).link.code;
  } catch (error) {
    if (!(error instanceof EarshotError && error.code === 'EAR_API_CONFLICT')) throw error;
  }
  const { users } = await hub.ask<z.output<typeof listUsersEndpoint.answer>>({ method: 'GET', path: '/api/users' });
  const found = users.find(({ name }) => name === USER);
  if (found === undefined) throw new EarshotError('EAR_API_NOT_FOUND', `there is no user ${USER}`);
  const invited = { method: 'POST', path: `/api/users/${found.id}/invite`, body: {} } as const;
  return (await hub.ask<z.output<typeof inviteUserEndpoint.answer>>(invited)).code;
}

const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
