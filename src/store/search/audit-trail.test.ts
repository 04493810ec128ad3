import { describe, expect, it } from 'vitest';
import { withoutAuditTrail } from './audit-trail.ts';
import { parseQuery } from './parse.ts';
import { printQuery } from './print.ts';

function kept(text: string): string {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return printQuery(withoutAuditTrail(parsed.value));
}

describe('withoutAuditTrail', () => {
  it.each(['hello', '*', 'user.name:alice OR host.name:web01', 'NOT backup'])('leaves the trail out of %s', (query) => {
    expect(kept(query)).toContain('NOT event.dataset:"earshot.audit"');
  });

  it.each(['event.dataset:earshot.audit', 'hello AND event.dataset:*', 'NOT event.module:linux', 'earshot.source:earshot'])(
    'leaves %s as it is',
    (query) => {
      expect(kept(query)).not.toContain('NOT event.dataset:"earshot.audit"');
    },
  );
});
