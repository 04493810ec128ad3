import type { ApiDeps } from '../../src/api/deps.ts';
import { ok } from '../../src/lib/result.ts';

const NOW = {
  system: 'slack',
  version: '0123456789abcdef',
  inSystem: ['192.0.2.0/24'],
  onlyInSystem: ['192.0.2.0/24'],
  onlyInLists: ['AS64496'],
  notTaken: [],
};

/** A system that trusts one network, whatever is asked. */
export const fakeTrust: ApiDeps['trust'] = {
  compare: async () => ok(NOW),
  change: async () => ok({ added: ['AS64496'], removed: [], now: NOW }),
};
