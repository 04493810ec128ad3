import type { z } from 'zod';
import { setupUrlOf } from '../api/auth/setup-url.ts';
import type { createUserEndpoint, inviteUserEndpoint, listUsersEndpoint, User } from '../api/contract/users.ts';
import { pageUrlOf } from '../api/settings.ts';
import { EarshotError } from '../lib/errors.ts';
import { ROLES } from '../model/role.ts';
import { type Call, CONFIG_OPTION, type Command, DATA_DIR_OPTION, GOOD, listOf, UsageError } from './command.ts';
import { needConfiguration } from './configuration.ts';
import { type HubAccess, openHub } from './hub-access.ts';
import { output } from './output.ts';

const VERBS = ['list', 'create', 'invite', 'change', 'disable', 'enable', 'remove'] as const;
type Verb = (typeof VERBS)[number];
const isVerb = (word: string): word is Verb => VERBS.some((verb) => verb === word);

export const user: Command = {
  name: 'user',
  summary: 'Makes, lists and changes users. Gives one-time links by which they choose a password: also for who is locked out.',
  operands: 'list | create NAME | invite NAME | change NAME | disable NAME | enable NAME | remove NAME',
  operandCount: [1, 2],
  options: {
    role: { type: 'string', value: 'ROLE', describe: `what they may do: ${ROLES.join(', ')} (default: viewer)` },
    datasets: {
      type: 'string',
      value: 'NAMES',
      describe: 'datasets they may see, separated by commas, such as linux.*,cef (default: all)',
    },
    'display-name': { type: 'string', value: 'TEXT', describe: 'how they are shown' },
    config: CONFIG_OPTION,
    'data-dir': DATA_DIR_OPTION,
  },
  examples: [
    'earshot user create ada --role analyst --display-name "Ada L."',
    'earshot user invite ada',
    "earshot user change ada --role admin --datasets '*'",
    'earshot user disable ada',
  ],
  run: async (call) => {
    const [verb = '', name = ''] = call.positionals;
    if (!isVerb(verb)) throw new UsageError(`user takes ${VERBS.join(', ')}, not "${verb}"`);
    if (verb !== 'list' && name === '') throw new UsageError(`user ${verb} needs a NAME`);
    const rights = rightsOf(call);
    if (verb === 'change' && Object.keys(rights).length === 0)
      throw new UsageError('say what is to change: --role, --datasets or --display-name');
    const hub = await openHub(call);
    try {
      await output.print(await act(hub, call, verb, name));
      return GOOD;
    } finally {
      await hub.close();
    }
  },
};

function rightsOf(call: Call) {
  const [role, datasets, displayName] = [call.text('role'), call.text('datasets'), call.text('display-name')];
  if (role !== undefined && !ROLES.some((known) => known === role)) throw new UsageError(`--role takes ${ROLES.join(', ')}, not "${role}"`);
  return {
    ...(role !== undefined && { role }),
    ...(datasets !== undefined && { datasets: listOf(datasets) }),
    ...(displayName !== undefined && { display_name: displayName }),
  };
}

async function act(hub: HubAccess, call: Call, verb: Verb, name: string): Promise<string> {
  if (verb === 'list') return (await usersOf(hub)).map(lineOf).join('');
  if (verb === 'create') {
    const body = { name, role: 'viewer', datasets: ['*'], ...rightsOf(call) };
    const { link } = await hub.ask<z.output<typeof createUserEndpoint.answer>>({ method: 'POST', path: '/api/users', body });
    return linkLine(call, link);
  }
  const found = (await usersOf(hub)).find((one) => one.name === name.toLowerCase());
  if (found === undefined) throw new EarshotError('EAR_API_NOT_FOUND', `there is no user ${name}`);
  const path = `/api/users/${found.id}`;
  if (verb === 'invite')
    return linkLine(call, await hub.ask<z.output<typeof inviteUserEndpoint.answer>>({ method: 'POST', path: `${path}/invite`, body: {} }));
  if (verb === 'remove') {
    await hub.ask({ method: 'DELETE', path });
    return `removed: ${found.name}\n`;
  }
  const body = verb === 'change' ? rightsOf(call) : { disabled: verb === 'disable' };
  return lineOf(await hub.ask<User>({ method: 'PUT', path, body }));
}

const usersOf = async (hub: HubAccess): Promise<readonly User[]> =>
  (await hub.ask<z.output<typeof listUsersEndpoint.answer>>({ method: 'GET', path: '/api/users' })).users;

const lineOf = ({ name, role, datasets, state, last_sign_in_at: last }: User): string =>
  `${name}\t${role}\t${datasets.join(',')}\t${state}\t${last === undefined ? 'never signed in' : `last signed in ${last}`}\n`;

function linkLine(call: Call, { code, expires_at: until }: z.output<typeof inviteUserEndpoint.answer>): string {
  process.stderr.write(`a link that works once, until ${until}; give it to nobody else:\n`);
  return `${setupUrlOf(pageUrlOf(needConfiguration(call).settings.api), code)}\n`;
}
