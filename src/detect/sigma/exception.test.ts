import { describe, expect, it } from 'vitest';
import { judged, ruleText } from '../../../test/support/sigma-rule.ts';
import type { RuleException } from '../../model/rule-care.ts';
import { compileRules } from '../stream/rule-set.ts';
import { placesText, readException, withExceptions } from './exception.ts';
import { readRules } from './load.ts';

const ID = '5f1c0a52-7d0e-4b3e-9a57-0c8a1f5b2e11';
const FILTER = [
  'title: Not bots',
  'logsource: { product: linux }',
  'filter: { rules: any, bots: { user.name: bot }, condition: not bots }',
].join('\n');
const loaded = readRules('a.yml', [ruleText('s:\n  f: x\ncondition: s'), FILTER].join('\n---\n'));

const exception = (more: Partial<RuleException> = {}): RuleException => ({
  id: 'e1',
  rules: [ID],
  selection: 'admins: { user.name|startswith: adm_ }\ncondition: not admins',
  reason: 'They administer',
  author: 'ada',
  createdAt: 5,
  ...more,
});

function fires(exceptions: readonly RuleException[], user: string, receivedAt = 0): boolean {
  const { loaded: rules } = withExceptions(loaded, exceptions, { placeholders: new Map([['team', ['eve']]]) });
  return compileRules(rules.rules).match({ ...judged({ f: 'x', 'user.name': user }), receivedAt }).length > 0;
}

const faults = (selection: string): string => placesText(readException(exception({ selection }), {}).faults);

describe('exceptions of the hub', () => {
  it('narrow the rules that they name by id, beside the filters of files', () => {
    expect(['adm_eve', 'bot', 'eve'].map((user) => fires([exception()], user))).toEqual([false, false, true]);
    expect(['adm_eve', 'bot', 'eve'].map((user) => fires([], user))).toEqual([true, false, true]);
    expect(fires([exception({ rules: 'any' })], 'adm_eve')).toBe(false);
    const rule = withExceptions(loaded, [exception()], {}).loaded.rules[0];
    expect(rule?.filters.map(({ title }) => title)).toEqual(['Not bots', 'exception of ada']);
    expect(rule?.version).not.toBe(loaded.rules[0]?.version);
  });

  it('name lists', () => {
    const selection = 'team: { user.name|expand: "%team%" }\ncondition: not team';
    expect(['eve', 'bob'].map((user) => fires([exception({ selection })], user))).toEqual([false, true]);
  });

  it('expire by the time at which an event was received', () => {
    expect([9, 10].map((at) => fires([exception({ expiresAt: 10 })], 'adm_eve', at))).toEqual([false, true]);
  });

  it('say what they hold for, and why they do not; others are not touched by that', () => {
    const gone = exception({ id: 'e2', rules: [ID, '00000000-0000-4000-8000-000000000000'] });
    const { held, loaded: rules } = withExceptions(loaded, [exception(), gone], {});
    expect(held.map(({ rules: ids, faults: why }) => [ids, why.map(({ reason }) => reason)])).toEqual([
      [[ID], []],
      [[], ['the rule `00000000-0000-4000-8000-000000000000` is not there']],
    ]);
    expect(rules.rejected).toMatchObject([{ file: 'exception e2' }]);
    expect(fires([exception(), gone], 'adm_eve')).toBe(false);
    expect(fires([gone], 'adm_eve')).toBe(true);
  });

  it.each([
    ['s: { user.name: x }\ncondition: s', 'line 2, column 12: the rules would fire only where this is true'],
    ['s: { user.name|odd: x }\ncondition: not s', '`odd` is not a modifier'],
    ['s: { user.name: x }\ncondition: not t', 'line 2, column 16: condition: there is no search identifier `t`'],
    ['s: { user.name: x }', 'needs a `condition`'],
    ['rules: any\ns: { user.name: x }\ncondition: not s', 'line 1, column 8: `rules` is no part of the selection'],
    ['s: { user.name: x }\ncondition: not s\n---\ns: { f: x }\ncondition: not s', 'an exception is one document'],
    ['s: [', 'YAML: '],
    ['nothing', 'a rule is a map'],
    ['', 'the file holds no rule'],
  ])('%j is refused with its place', (selection, why) => {
    expect(faults(selection)).toContain(why);
  });
});
