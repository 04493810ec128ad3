import { expect, it } from 'vitest';
import { type AuditEvent, auditMessage } from './audit.ts';

const search: AuditEvent = {
  action: 'search',
  category: ['database'],
  type: ['access'],
  outcome: 'unknown',
  message: 'backup searched: *',
};
const read = (event: AuditEvent) => JSON.parse(auditMessage(event, 0).toString('utf8')) as Record<string, unknown>;

it('the trail says what the actor is, beside all else that is said', () => {
  const about = { query: '*' };
  const byToken = read({ ...search, actor: 'backup', actorKind: 'token', about });
  const byUser = read({ ...search, actor: 'backup', actorKind: 'user', about });
  expect(byToken).toMatchObject({ user: { name: 'backup' }, earshot: { audit: { query: '*', actor_kind: 'token' } } });
  expect(byUser).toMatchObject({ user: { name: 'backup' }, earshot: { audit: { query: '*', actor_kind: 'user' } } });
  expect(read({ ...search, actor: 'local', actorKind: 'local' })).toMatchObject({ earshot: { audit: { actor_kind: 'local' } } });
  expect(read(search)).not.toHaveProperty('earshot');
});
