import { expect, it } from 'vitest';
import type { Alert } from '../model/alert.ts';
import { printQuery } from '../store/search/print.ts';
import { alertEvents } from './alert-events.ts';

const alert = (about: Partial<Alert>): Alert => ({
  id: 'a',
  kind: 'rule',
  ruleId: 'r1',
  ruleName: 'r',
  ruleVersion: '1',
  title: 'R',
  level: 'high',
  group: { 'user.name': 'alice' },
  count: 1,
  firstAt: 0,
  lastAt: 0,
  evidence: [],
  tags: [],
  nextSteps: [],
  state: 'open',
  ...about,
});
const leg = (ruleId: string) => ({ ruleId, title: ruleId, count: 1 });
const correlation = { kind: 'correlation', type: 'temporal', timespanMs: 1, condition: '' } as const;
const silence = { kind: 'silence', lastAt: 0, expectedMs: 1, silentMs: 2, learned: false } as const;

it.each([
  [alert({}), 'rule.id:"r1" AND user.name:"alice"'],
  [
    alert({ kind: 'correlation', details: { ...correlation, legs: [leg('b1'), leg('b2')] } }),
    '(rule.id:"b1" OR rule.id:"b2") AND user.name:"alice"',
  ],
  [
    alert({ kind: 'correlation', group: {}, details: { ...correlation, legs: [{ ...leg('b1'), countedRuleIds: ['f'] }, leg('b2')] } }),
    '(rule.id:"f" OR rule.id:"b2")',
  ],
  [alert({ kind: 'correlation', group: { who: 'alice' }, details: { ...correlation, legs: [leg('b1')] } }), 'rule.id:"b1"'],
  [alert({ kind: 'silence', group: { 'event.dataset': 'x.y' }, details: silence }), 'event.dataset:"x.y"'],
  [alert({ kind: 'silence', group: { source: 'x' }, details: silence }), '*'],
])('%j', (given, query) => {
  expect(printQuery(alertEvents(given))).toBe(query);
});
