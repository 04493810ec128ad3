import { createInterface } from 'node:readline/promises';
import type { TrustChangedJson, TrustComparedJson } from '../api/contract/trusted-networks.ts';
import { type Call, CONFIG_OPTION, type Command, DATA_DIR_OPTION, FAULTS, GOOD, JSON_OPTION } from './command.ts';
import { needConfiguration } from './configuration.ts';
import { type HubAccess, runningHub } from './hub-access.ts';
import { output, visible } from './output.ts';

const PATH = '/api/trusted-networks';

export const trustedNetworks: Command = {
  name: 'trusted-networks',
  summary:
    'Shows the networks that another system, such as Slack, trusts beside those on the lists trusted_ranges, trusted_networks and vpn_ranges, and brings them in step: asks before, and reads again after. Exit code 1: nothing was changed.',
  operandCount: [0, 0],
  options: {
    add: { type: 'boolean', describe: 'let the system trust what only the lists have' },
    remove: { type: 'string', value: 'NETWORK,…', describe: 'let the system trust these no more' },
    system: { type: 'string', value: 'NAME', describe: 'which of acts.systems (default: the only one)' },
    reason: { type: 'string', value: 'TEXT', describe: 'why, for those who look at it later' },
    yes: { type: 'boolean', describe: 'do not ask: for scripts' },
    json: JSON_OPTION,
    config: CONFIG_OPTION,
    'data-dir': DATA_DIR_OPTION,
  },
  examples: [
    'earshot trusted-networks',
    'earshot trusted-networks --add',
    'earshot trusted-networks --remove AS64496 --reason "the provider was left"',
  ],
  run: async (call) => {
    const hub = await runningHub(needConfiguration(call).dataDir);
    if (hub === undefined) {
      process.stderr.write('no hub runs on this folder: only a running hub asks other systems\n');
      return FAULTS;
    }
    try {
      return await compareOrChange(hub, call);
    } finally {
      await hub.close();
    }
  },
};

async function compareOrChange(hub: HubAccess, call: Call): Promise<number> {
  const system = call.text('system');
  const query = system === undefined ? '' : `?${new URLSearchParams({ system })}`;
  const seen = await hub.ask<TrustComparedJson>({ method: 'GET', path: `${PATH}${query}` });
  const remove = (call.text('remove') ?? '').split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()]));
  const add = call.flag('add');
  if (!add && remove.length === 0) return await shown(call, seen);
  const would = [...(add ? seen.only_in_lists.map((each) => `+ ${each}`) : []), ...remove.map((each) => `- ${each}`)];
  process.stderr.write(`${visible(seen.system)} would trust:\n${would.map((line) => `  ${visible(line)}\n`).join('')}`);
  if (!call.flag('yes') && !(await agreed())) return FAULTS;
  const body = { version: seen.version, add, remove, reason: call.text('reason') ?? '', ...(system !== undefined && { system }) };
  const { now, ...changed } = await hub.ask<TrustChangedJson>({ method: 'POST', path: PATH, body });
  if (call.flag('json')) await output.print(`${JSON.stringify({ ...changed, now })}\n`);
  else await output.print(visible(`${now.system} trusts ${now.in_system.length} networks now, read after it was written`).concat('\n'));
  return GOOD;
}

async function shown(call: Call, seen: TrustComparedJson): Promise<number> {
  if (call.flag('json')) {
    await output.print(`${JSON.stringify(seen)}\n`);
    return GOOD;
  }
  const both = seen.in_system.filter((each) => !seen.only_in_system.includes(each));
  const told: readonly (readonly [string, readonly string[]])[] = [
    ['both', both],
    [`only ${seen.system}`, seen.only_in_system],
    ['only the lists', seen.only_in_lists],
    [`nothing ${seen.system} takes`, seen.not_taken],
  ];
  for (const [where, networks] of told) for (const network of networks) await output.print(`${visible(`${where}\t${network}`)}\n`);
  return GOOD;
}

/** Without a terminal nobody is there to be asked. */
async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY) {
    process.stderr.write('nothing was changed: say --yes\n');
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question('Change it? [y/N] ');
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}
