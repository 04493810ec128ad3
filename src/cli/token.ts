import type { z } from 'zod';
import type { createdToken, tokenList } from '../api/contract/control.ts';
import { SCOPES } from '../api/contract/endpoint.ts';
import { CONFIG_OPTION, type Command, DATA_DIR_OPTION, GOOD, UsageError } from './command.ts';
import { type HubAccess, openHub } from './hub-access.ts';
import { output } from './output.ts';

export const token: Command = {
  name: 'token',
  summary: 'Makes, lists and revokes tokens of the API. A token is shown once, and only its hash is kept.',
  operands: 'create NAME | list | revoke NAME',
  operandCount: [1, 2],
  options: {
    scope: { type: 'string', value: 'SCOPES', describe: `what it may do, separated by commas: ${SCOPES.join(', ')}, ingest:SOURCE` },
    config: CONFIG_OPTION,
    'data-dir': DATA_DIR_OPTION,
  },
  examples: [
    'earshot token create collector --scope ingest:http',
    'earshot token create grafana --scope metrics:read',
    'earshot token revoke first',
  ],
  run: async (call) => {
    const [verb, name = ''] = call.positionals;
    if (verb !== 'list' && name === '') throw new UsageError(`token ${verb} needs a NAME`);
    const scopes = (call.text('scope') ?? '').split(',').filter((scope) => scope !== '');
    if (verb === 'create' && scopes.length === 0) throw new UsageError('say what the token may do: --scope events:read');
    const act = {
      create: () => (hub: HubAccess) => create(hub, name, scopes),
      list: () => list,
      revoke: () => (hub: HubAccess) => revoke(hub, name),
    };
    if (verb !== 'create' && verb !== 'list' && verb !== 'revoke')
      throw new UsageError(`token takes create, list or revoke, not "${verb}"`);
    const hub = await openHub(call);
    try {
      await act[verb]()(hub);
      return GOOD;
    } finally {
      await hub.close();
    }
  },
};

async function create(hub: HubAccess, name: string, scopes: readonly string[]): Promise<void> {
  const made = await hub.ask<z.output<typeof createdToken>>({ method: 'POST', path: '/api/control/tokens', body: { name, scopes } });
  await output.print(`${made.token}\n`);
}

async function list(hub: HubAccess): Promise<void> {
  const { tokens } = await hub.ask<z.output<typeof tokenList>>({ method: 'GET', path: '/api/control/tokens' });
  for (const each of tokens) {
    const used = each.lastUsedAt === undefined ? 'never used' : `last used ${new Date(each.lastUsedAt).toISOString()}`;
    await output.print(`${each.name}\t${each.scopes.join(',')}\t${used}\n`);
  }
}

async function revoke(hub: HubAccess, name: string): Promise<void> {
  await hub.ask({ method: 'POST', path: '/api/control/tokens/revoke', body: { name } });
  await output.print(`revoked: ${name}\n`);
}
