import type { ToldAlert } from '../../src/model/alert.ts';

/** When the alert was that `toldAlert` makes. */
export const TOLD_AT = Date.UTC(2026, 0, 31, 12);

/** An alert of one event by alice, about which nothing is special. */
export const toldAlert = (more: Partial<ToldAlert> = {}): ToldAlert => ({
  id: 'a',
  kind: 'rule',
  ruleId: 'r',
  ruleName: 'r',
  ruleVersion: 'v1',
  title: 'T',
  level: 'high',
  group: { 'user.name': 'alice' },
  count: 1,
  firstAt: TOLD_AT,
  lastAt: TOLD_AT,
  evidence: [{ eventId: '1-1', timestamp: TOLD_AT, dataset: 'd', user: 'alice', message: '', matches: [] }],
  tags: [],
  nextSteps: [],
  state: 'open',
  ...more,
});
