import { describe, expect, it } from 'vitest';
import type { NamedList } from '../model/named-list.ts';
import { placeholdersOf } from './placeholders.ts';

const list = (name: string, kind: NamedList['kind'], entries: readonly { value: string; expiresAt?: number }[]): NamedList => ({
  name,
  kind,
  reason: 'a test',
  author: 'Ada',
  createdAt: 0,
  fields: [],
  entries: entries.map((entry) => ({ ...entry, reason: 'a test', author: 'Ada', createdAt: 0 })),
});

describe('placeholdersOf', () => {
  it('gives the values of each list that have not expired', () => {
    const lists = [
      list('admins', 'account', [{ value: 'root' }, { value: 'guest', expiresAt: 10 }, { value: 'eve', expiresAt: 11 }]),
      list('office', 'cidr', [{ value: '192.0.2.0/24' }]),
    ];
    expect([...placeholdersOf(lists, 10)]).toEqual([
      ['admins', ['root', 'eve']],
      ['office', ['192.0.2.0/24']],
    ]);
  });

  it('leaves out lists of patterns', () => {
    expect([...placeholdersOf([list('tools', 'user_agent', [{ value: 'curl/*' }])], 0)]).toEqual([]);
  });
});
