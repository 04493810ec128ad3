import { expect, it } from 'vitest';
import { ruleOf } from '../../test/support/sigma-rule.ts';
import { listProbesOf } from '../detect/stream/list-probes.ts';
import { NO_TABLES } from '../model/enrichment.ts';
import type { Fields, Value } from '../model/event.ts';
import { FieldSet } from '../model/field-set.ts';
import type { NamedList } from '../model/named-list.ts';
import { createEnrich } from './enrich.ts';

const EXPIRES = 1_000;
const entry = (value: string, expiresAt?: number) => ({
  value,
  reason: 'test',
  author: 'test',
  createdAt: 0,
  ...(expiresAt && { expiresAt }),
});
const LISTS: NamedList[] = (['account', 'user_agent'] as const).map((kind) => ({
  name: kind === 'account' ? 'team' : 'tools',
  kind,
  reason: 'test',
  author: 'test',
  createdAt: 0,
  fields: [],
  entries: [entry('Ann'), entry('Σας'), entry('eve', EXPIRES), entry('EVE', EXPIRES - 10), entry('a*')],
}));
const rule = ruleOf("s:\n  user.name|expand: '%team%'\n  n.m|expand: '%team%'\ncondition: s", {
  placeholders: new Map([['team', []]]),
  lists: 'asked',
});

function listed(fields: Fields, receivedAt = 0): Value | undefined {
  const set = FieldSet.of(fields);
  createEnrich({ ...NO_TABLES, lists: LISTS })({ fields: set, receivedAt, timestamp: 0 }, listProbesOf([rule, rule]));
  return set.get('earshot.listed');
}

it('says which questions of rules about lists are true, and nothing where none is', () => {
  expect(listed({ 'user.name': 'ANN', 'n.m': ['x', 'ann'] })).toEqual(['team@user.name', 'team@n.m']);
  expect(listed({ n: [{ m: 'ann' }] })).toEqual(['team@n.m']);
  expect(listed({ 'user.name': 'σασ' })).toEqual(['team@user.name']);
  for (const user of ['abc', 'ann ', '', null]) expect(listed({ 'user.name': user })).toBeUndefined();
});

it('minds when the event came in', () => {
  expect(listed({ 'user.name': 'eve' }, EXPIRES - 1)).toEqual(['team@user.name']);
  expect(listed({ 'user.name': 'eve' }, EXPIRES)).toBeUndefined();
});
