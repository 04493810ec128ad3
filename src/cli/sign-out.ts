import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ActJson } from '../api/contract/acts.ts';
import { DEVICES } from '../model/act.ts';
import { type Call, CONFIG_OPTION, type Command, DATA_DIR_OPTION, FAULTS, GOOD, JSON_OPTION, UsageError } from './command.ts';
import { needConfiguration } from './configuration.ts';
import { type HubAccess, runningHub } from './hub-access.ts';
import { output, visible } from './output.ts';

/** How often it looks how far the act is. */
const LOOK_MS = 500;
/** What is not over by then goes on without us. */
const PATIENCE_MS = 120_000;

export const signOut: Command = {
  name: 'sign-out',
  summary: 'Signs people out of another system, such as Slack: shows what it would do, asks, does it once, and says whether it is proven.',
  operands: 'PERSON…',
  operandCount: [0, 1_000],
  options: {
    devices: { type: 'string', value: 'WHICH', describe: `all, mobile, or web (browsers and desktop programs) (default: all)` },
    session: { type: 'string', value: 'ID', describe: 'one session in place of all' },
    system: { type: 'string', value: 'NAME', describe: 'which of acts.systems (default: the only one)' },
    alert: { type: 'string', value: 'ID', describe: 'the alert that it answers: its history has what becomes of it' },
    reason: { type: 'string', value: 'TEXT', describe: 'why, for those who look at it later' },
    yes: { type: 'boolean', describe: 'do not ask: for scripts' },
    proof: { type: 'boolean', describe: 'wait until it is proven, or no proof has come' },
    confirm: { type: 'string', value: 'ACT', describe: 'confirm this plan, in place of making one' },
    cancel: { type: 'string', value: 'ACT', describe: 'take this plan back' },
    list: { type: 'boolean', describe: 'what was done before, the newest first' },
    json: JSON_OPTION,
    config: CONFIG_OPTION,
    'data-dir': DATA_DIR_OPTION,
  },
  examples: [
    'earshot sign-out ben.martin@example.com --reason "laptop lost"',
    'earshot sign-out W0123456789 --devices mobile --yes --proof',
    'earshot sign-out --list',
  ],
  run: async (call) => {
    const wanted = wishOf(call);
    const hub = await runningHub(needConfiguration(call).dataDir);
    if (hub === undefined) {
      process.stderr.write('no hub runs on this folder: only a running hub acts in other systems\n');
      return FAULTS;
    }
    try {
      return await wanted(hub);
    } finally {
      await hub.close();
    }
  },
};

/** Exactly one of planning, confirming, taking back and listing. */
function wishOf(call: Call): (hub: HubAccess) => Promise<number> {
  const { positionals: people } = call;
  const [confirm, cancel] = [call.text('confirm'), call.text('cancel')];
  const ways = [people.length > 0, confirm !== undefined, cancel !== undefined, call.flag('list')].filter(Boolean).length;
  if (ways !== 1) throw new UsageError('say whom to sign out, or one of --confirm, --cancel and --list');
  const devices = call.text('devices') ?? 'all';
  if (!DEVICES.some((each) => each === devices)) throw new UsageError(`--devices takes ${DEVICES.join(', ')}, not "${devices}"`);
  if (call.flag('list')) return (hub) => list(hub, call);
  if (cancel !== undefined) return async (hub) => told(call, await post(hub, `${pathOf(cancel)}/cancel`, {}));
  if (confirm !== undefined) return (hub) => confirmAndWatch(hub, call, confirm);
  const texts = Object.entries({ system: 'system', session: 'session', reason: 'reason', alert_id: 'alert' });
  const more = Object.fromEntries(texts.flatMap(([key, option]) => (call.text(option) === undefined ? [] : [[key, call.text(option)]])));
  return (hub) => plan(hub, call, { targets: people, devices, ...more });
}

const pathOf = (id: string): string => `/api/acts/${encodeURIComponent(id)}`;
const post = (hub: HubAccess, path: string, body: object) => hub.ask<ActJson>({ method: 'POST', path, body });

async function plan(hub: HubAccess, call: Call, body: object): Promise<number> {
  const act = await post(hub, '/api/acts', body);
  process.stderr.write(`act ${act.id}: it ${visible(act.effect)}.\n`);
  if (act.needs_second_person) {
    process.stderr.write('acts.second_person asks for two users: they confirm it on the page or in Slack.\n');
    return told(call, act);
  }
  if (!call.flag('yes') && !(await agreed(act))) return FAULTS;
  return await confirmAndWatch(hub, call, act.id);
}

/** Without a terminal nobody is there to be asked. */
async function agreed({ id, expires_at: until }: ActJson): Promise<boolean> {
  const later = `nothing was done. Until ${until}: earshot sign-out --confirm ${id}\n`;
  if (!process.stdin.isTTY) {
    process.stderr.write(later);
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question('Do it? [y/N] ');
  terminal.close();
  const isYes = /^y(es)?$/i.test(answer.trim());
  if (!isYes) process.stderr.write(later);
  return isYes;
}

async function confirmAndWatch(hub: HubAccess, call: Call, id: string): Promise<number> {
  let act = await post(hub, `${pathOf(id)}/confirm`, {});
  const isOver = () => !(act.state === 'confirmed' || act.state === 'running' || (call.flag('proof') && isAwaited(act)));
  const until = Date.now() + PATIENCE_MS;
  while (!isOver() && (call.flag('proof') || Date.now() < until)) {
    await sleep(LOOK_MS);
    act = await hub.ask<ActJson>({ method: 'GET', path: pathOf(id) });
  }
  return await told(call, act);
}

const isAwaited = ({ state, proof_until: until, proof_missed: missed }: ActJson): boolean =>
  (state === 'done' || state === 'unknown') && until !== undefined && !missed;

async function told(call: Call, act: ActJson): Promise<number> {
  await output.print(call.flag('json') ? `${JSON.stringify(act)}\n` : `${lineOf(act)}\n`);
  const good = call.text('cancel') === undefined ? act.state === 'done' || act.state === 'proven' : act.state === 'refused';
  return good ? GOOD : FAULTS;
}

async function list(hub: HubAccess, call: Call): Promise<number> {
  const { acts } = await hub.ask<{ readonly acts: readonly ActJson[] }>({ method: 'GET', path: '/api/acts?limit=200' });
  for (const act of acts) await output.print(call.flag('json') ? `${JSON.stringify(act)}\n` : `${lineOf(act)}\n`);
  return GOOD;
}

function lineOf(act: ActJson): string {
  const note = act.history.at(-1)?.note ?? '';
  const awaited = isAwaited(act) ? `proof is awaited until ${act.proof_until}` : '';
  const parts = [act.id, act.planned_at, act.effect, act.stands, ...[note, awaited].filter((each) => each !== '')];
  return visible(parts.join('\t'));
}
