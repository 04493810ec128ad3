import type { ListeningService, LookUps, RuleCareService } from '../../src/api/deps.ts';
import { err } from '../../src/lib/result.ts';
import { NO_TABLES } from '../../src/model/enrichment.ts';
import { PersonNames } from '../../src/model/person.ts';
import type { ListStore, ScimStore } from '../../src/store/state/people-tables.ts';
import type { SavedSearchStore } from '../../src/store/state/saved-searches.ts';

/** A directory of nobody, and one list, `kept`. */
export const noLookUps: LookUps = {
  tables: {
    ...NO_TABLES,
    lists: [{ name: 'kept', kind: 'account', reason: 'test', author: 'test', createdAt: 0, fields: [], entries: [] }],
  },
  names: new PersonNames([], []),
  faults: [],
  refresh: async () => undefined,
};

/** Takes everything, keeps nothing. */
export const noLists: ListStore = {
  all: async () => [],
  create: async () => true,
  describe: async () => true,
  delete: async () => true,
  put: async () => 'done',
  remove: async () => true,
};

const NOBODY = { ok: false, error: 'not_found' } as const;
const TAKEN = { ok: false, error: 'taken' } as const;

export const noScim: ScimStore = {
  users: async () => ({ total: 0, found: [] }),
  user: async () => undefined,
  createUser: async () => TAKEN,
  changeUser: async () => NOBODY,
  deleteUser: async () => false,
  groups: async () => ({ total: 0, found: [] }),
  group: async () => undefined,
  createGroup: async () => TAKEN,
  changeGroup: async () => NOBODY,
  deleteGroup: async () => false,
};

export const noSavedSearches: SavedSearchStore = {
  list: async () => [],
  get: async () => undefined,
  create: async () => err('full'),
  change: async () => err('not_found'),
  delete: async () => false,
};

/** Nobody has said anything, and nobody may. */
export const noRuleCare: RuleCareService = {
  exceptions: () => [],
  said: () => undefined,
  add: async () => err({ code: 'full' }),
  delete: async () => false,
  setMaturity: async () => undefined,
};

/** Nobody listens, and nobody may. */
export const noListening: ListeningService = {
  listeners: async () => [],
  grants: async () => [],
  grant: async () => undefined,
  revoke: async () => false,
  notifiersOf: () => [],
  begin: async () => err({ code: 'words', why: 'nobody may' }),
  end: async () => false,
};
