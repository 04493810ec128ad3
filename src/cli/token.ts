import type { z } from 'zod';
import { SCOPES } from '../api/contract/endpoint.ts';
import type { createTokenEndpoint, listTokensEndpoint } from '../api/contract/tokens.ts';
import { CONFIG_OPTION, type Command, DATA_DIR_OPTION, GOOD, listOf, UsageError } from './command.ts';
import { type HubAccess, openHub } from './hub-access.ts';
import { output } from './output.ts';

export const token: Command = {
  name: 'token',
  summary: 'Makes, lists and revokes tokens of the API. A token is shown once, and only its hash is kept.',
  operands: 'create NAME | list | revoke NAME',
  operandCount: [1, 2],
  options: {
    scope: { type: 'string', value: 'SCOPES', describe: `what it may do, separated by commas: ${SCOPES.join(', ')}, ingest:SOURCE` },
    datasets: { type: 'string', value: 'NAMES', describe: 'datasets it may see, separated by commas, such as linux.*,cef (default: all)' },
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
    const scopes = listOf(call.text('scope') ?? '');
    const named = call.text('datasets');
    const datasets = named === undefined ? undefined : listOf(named);
    if (verb === 'create' && scopes.length === 0) throw new UsageError('say what the token may do: --scope events:read');
    const act = {
      create: () => (hub: HubAccess) => create(hub, { name, scopes, ...(datasets && { datasets }) }),
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

async function create(hub: HubAccess, body: object): Promise<void> {
  const made = await hub.ask<z.output<typeof createTokenEndpoint.answer>>({ method: 'POST', path: '/api/tokens', body });
  await output.print(`${made.token}\n`);
}

async function list(hub: HubAccess): Promise<void> {
  const { tokens } = await hub.ask<z.output<typeof listTokensEndpoint.answer>>({ method: 'GET', path: '/api/tokens' });
  for (const each of tokens) {
    const used = each.last_used_at === undefined ? 'never used' : `last used ${each.last_used_at}`;
    await output.print(`${each.name}\t${each.scopes.join(',')}\t${each.datasets?.join(',') ?? '*'}\t${used}\n`);
  }
}

async function revoke(hub: HubAccess, name: string): Promise<void> {
  await hub.ask({ method: 'DELETE', path: `/api/tokens/${encodeURIComponent(name)}` });
  await output.print(`revoked: ${name}\n`);
}
