import type { ApiDeps } from '../../src/api/deps.ts';
import { ok } from '../../src/lib/result.ts';
import type { Act } from '../../src/model/act.ts';

const AT = Date.UTC(2026, 0, 31, 12);

/** An act about the alert `a1`. */
export const ACT: Act = {
  id: '0123456789abcdef',
  state: 'planned',
  system: 'slack',
  type: 'slack_sessions',
  targets: [{ id: 'W0EXAMPLE02', label: 'Ben Martin', names: ['W0EXAMPLE02'] }],
  devices: 'all',
  effect: 'signs Ben Martin out',
  did: 'Ben Martin was signed out',
  reason: 'Login at night',
  alertId: 'a1',
  wantedBy: [],
  needsSecond: false,
  expiresAt: AT,
  history: [{ at: AT, state: 'planned', by: 'ana', note: '' }],
  audited: 1,
  attempts: 0,
  proofMissed: false,
  proofs: [],
};

/** One act, whatever is asked. */
export const fakeActs: ApiDeps['acts'] = {
  systems: () => [{ name: 'slack', type: 'slack_sessions', does: 'sign_out', trusts: true }],
  list: async () => [ACT],
  get: async (id) => (id === ACT.id ? ACT : undefined),
  plan: async () => ok(ACT),
  confirm: async () => ok(ACT),
  cancel: async () => ok(ACT),
};
