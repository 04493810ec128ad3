import type { z } from 'zod';
import type { DigestPreviewJson, listDigestsEndpoint } from '../api/contract/digests.ts';
import { type Call, CONFIG_OPTION, type Command, DATA_DIR_OPTION, FAULTS, GOOD, JSON_OPTION } from './command.ts';
import { type HubAccess, openHub } from './hub-access.ts';
import { output, visible } from './output.ts';

export const digest: Command = {
  name: 'digest',
  summary: 'Lists the digests of the configuration and when each comes next; with --preview, shows what one would say if it were due now.',
  operands: '[NAME]',
  operandCount: [0, 1],
  options: {
    preview: { type: 'boolean', describe: 'what it would say now (default NAME: the only one); nothing is told to anybody' },
    json: JSON_OPTION,
    config: CONFIG_OPTION,
    'data-dir': DATA_DIR_OPTION,
  },
  examples: ['earshot digest', 'earshot digest security_weekly --preview'],
  run: async (call) => {
    const hub = await openHub(call, { mustExist: true });
    try {
      return await (call.flag('preview') ? preview(hub, call) : list(hub, call));
    } finally {
      await hub.close();
    }
  },
};

type Planned = z.output<typeof listDigestsEndpoint.answer>['digests'];

async function planned(hub: HubAccess, [name]: readonly string[]): Promise<Planned> {
  const { digests } = await hub.ask<{ digests: Planned }>({ method: 'GET', path: '/api/digests' });
  return name === undefined ? digests : digests.filter((each) => each.name === name);
}

async function list(hub: HubAccess, call: Call): Promise<number> {
  const found = await planned(hub, call.positionals);
  if (found.length === 0) return none(call);
  for (const each of found) {
    const { name, to, channel, every, next_at: next, last_at: last } = each;
    const line = `${name}\tevery ${every}\tto ${to}${channel === undefined ? '' : ` ${channel}`}\tnext ${next}${last === undefined ? '' : `\tlast ${last}`}`;
    await output.print(call.flag('json') ? `${JSON.stringify(each)}\n` : `${visible(line)}\n`);
  }
  return GOOD;
}

async function preview(hub: HubAccess, call: Call): Promise<number> {
  const [one, ...others] = await planned(hub, call.positionals);
  if (one === undefined) return none(call);
  if (others.length > 0) {
    process.stderr.write(`say which: ${[one, ...others].map(({ name }) => name).join(', ')}\n`);
    return FAULTS;
  }
  const said = await hub.ask<DigestPreviewJson>({ method: 'GET', path: `/api/digests/${encodeURIComponent(one.name)}` });
  if (call.flag('json')) await output.print(`${JSON.stringify(said)}\n`);
  else for (const line of said.lines) await output.print(`${visible(line)}\n`);
  return GOOD;
}

function none({ positionals: [name] }: Call): number {
  process.stderr.write(name === undefined ? 'no digest is configured (digests)\n' : `no digest ${name} is configured (digests)\n`);
  return FAULTS;
}
