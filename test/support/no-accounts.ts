import type { Accounts } from '../../src/api/deps.ts';
import type { TokenStore } from '../../src/store/state/state.ts';

const unused = async (): Promise<never> => {
  throw new Error('this test has no accounts: give it those of a state database');
};

/** Nobody has an account, and nobody makes one. */
export const noAccounts: Accounts = {
  users: {
    any: async () => false,
    list: async () => [],
    byId: async () => undefined,
    byName: async () => undefined,
    create: unused,
    credentials: async () => undefined,
    setPassword: unused,
    signedIn: unused,
    change: unused,
    remove: unused,
    fromProvider: unused,
  },
  sessions: { open: unused, find: async () => undefined, list: async () => [], end: unused, prune: unused },
  setupLinks: { create: unused, look: async () => undefined, accept: unused, acceptFirst: unused },
};

export const noTokens: TokenStore = { create: unused, verify: async () => undefined, list: async () => [], revoke: async () => false };
