import type { ApiDeps } from '../../src/api/deps.ts';
import { ok } from '../../src/lib/result.ts';
import type { Ask } from '../../src/model/ask.ts';

const AT = Date.UTC(2026, 0, 31, 12);

/** Somebody was asked about the alert `a1`. */
export const ASK: Ask = {
  id: '0123456789abcdef',
  state: 'sent',
  alertId: 'a1',
  person: { id: 'alice', name: 'Alice Example', email: 'alice@example.com' },
  by: 'ana',
  byKind: 'user',
  seen: [{ what: 'vault opened', system: 'Segura', device: 'vault1', address: '192.0.2.7', firstAt: AT, lastAt: AT }],
  notifier: 'mail',
  askedAt: AT,
  expiresAt: AT + 72 * 3_600_000,
  hashes: [],
  attempts: 1,
};

/** One ask, whatever is asked, and no link that is known. */
export const fakeAsks: ApiDeps['asks'] = {
  askable: () => ['alice'],
  ask: async () => ok(ASK),
  look: async () => ({ kind: 'unknown' }),
  answer: async () => ({ kind: 'unknown' }),
};
