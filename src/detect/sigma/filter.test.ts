import { describe, expect, it } from 'vitest';
import { judged, ruleText } from '../../../test/support/sigma-rule.ts';
import { compileRules } from '../stream/rule-set.ts';
import { faultText } from './fault.ts';
import { readRules } from './load.ts';

const RULE = ruleText('s:\n  f: x\ncondition: s').replace('title: A', 'title: A\nname: the_rule');
const FILTER = [
  'title: Known admins',
  'id: 7a8e0b60-0000-4000-8000-000000000001',
  'logsource: { product: linux }',
  'filter:',
  '  rules: [the_rule]',
  '  admins: { user.name|startswith: adm_ }',
  '  condition: not admins',
].join('\n');

const load = (...documents: string[]) => readRules('a.yml', documents.join('\n---\n'));
const lintsOf = (...documents: string[]) => load(...documents).lints.map(faultText);
const faultsOf = (...documents: string[]) => load(...documents).rejected.map(faultText);

/** Whether the rule fires on an event of this user. */
function fires(documents: readonly string[], user: string, receivedAt?: number): boolean {
  const set = compileRules(load(...documents).rules);
  return set.match({ ...judged({ f: 'x', 'user.name': user }), ...(receivedAt !== undefined && { receivedAt }) }).length > 0;
}

describe('filters', () => {
  it('are one more condition of the rules that they name, by name, id or file', () => {
    for (const named of ['the_rule', '5F1C0A52-7d0e-4b3e-9a57-0c8a1f5b2e11', 'a']) {
      const documents = [RULE, FILTER.replace('the_rule', named)];
      expect(faultsOf(...documents)).toEqual([]);
      expect(fires(documents, 'adm_eve')).toBe(false);
      expect(fires(documents, 'eve')).toBe(true);
    }
  });

  it('are taken as written: without `not`, only what they describe is left, and a lint says so', () => {
    const documents = [RULE, FILTER.replace('not admins', 'admins')];
    expect(fires(documents, 'adm_eve')).toBe(true);
    expect(fires(documents, 'eve')).toBe(false);
    expect(lintsOf(...documents)).toEqual([
      expect.stringMatching(/^a\.yml:17:14: rules fire only where this condition is true.*write `not`/),
    ]);
    expect(lintsOf(RULE, FILTER)).toEqual([]);
  });

  it('with `rules: any` are for every rule of their log source', () => {
    const any = FILTER.replace('[the_rule]', 'any');
    expect(fires([RULE, any], 'adm_eve')).toBe(false);
    const other = any.replace('product: linux', 'product: windows');
    expect(fires([RULE, other], 'adm_eve')).toBe(true);
    expect(lintsOf(RULE, other)).toEqual(['a.yml:15:3: the filter holds for no rule: none is for its log source']);
  });

  it('say which rule they do not hold for, as its log source is another', () => {
    const documents = [RULE, FILTER.replace('product: linux', 'product: linux, service: sshd')];
    expect(fires(documents, 'adm_eve')).toBe(true);
    expect(lintsOf(...documents)[0]).toContain(
      'a.yml:15:11: the filter does not hold for `the_rule`: it is for product: linux, service: sshd',
    );
  });

  it('use the names of fields of the log source of the rule', () => {
    const rule = RULE.replace('product: linux', 'product: linux, category: process_creation');
    const filter = FILTER.replace('user.name', 'User').replace('[the_rule]', 'any');
    const [read] = load(rule, filter).rules;
    expect(JSON.stringify(read?.tree)).toContain('"fields":["user.name"]');
  });

  it('show with the rule, change its version and leave its document as it is', () => {
    const [bare] = load(RULE).rules;
    const earshot = "earshot: { reason: They administer, author: Ada, expires: '2026-12-31' }";
    const [rule] = load(RULE, `${FILTER}\n${earshot}`).rules;
    expect(rule?.filters).toEqual([
      {
        id: '7a8e0b60-0000-4000-8000-000000000001',
        title: 'Known admins',
        file: 'a.yml',
        reason: 'They administer',
        author: 'Ada',
        expiresAt: Date.UTC(2026, 11, 31),
      },
    ]);
    expect(rule?.version).not.toBe(bare?.version);
    expect(rule?.document).toBe(bare?.document);
  });

  it('expire by the time at which an event was received, whenever it is judged', () => {
    const documents = [RULE, `${FILTER}\nearshot: { expires: 2026-12-31T12:00+01:00 }`];
    const end = Date.UTC(2026, 11, 31, 11);
    expect(fires(documents, 'adm_eve', end - 1)).toBe(false);
    expect(fires(documents, 'adm_eve', end)).toBe(true);
    expect(fires(documents, 'eve', end - 1)).toBe(true);
  });

  it('are named in what explains a hit', () => {
    const documents = [RULE, FILTER.replace('not admins', 'admins')];
    const [hit] = compileRules(load(...documents).rules).match(judged({ f: 'x', 'user.name': 'adm_eve' }));
    expect(hit?.matches.map(({ leaf }) => leaf)).toContain('filter Known admins: admins: user.name|startswith: adm_');
  });

  it.each([
    [FILTER.replace('the_rule', 'no_rule'), 'a.yml:15:11: the rule `no_rule` is not there'],
    [FILTER.replace('[the_rule]', '[]'), 'a.yml:15:10: `rules` is empty'],
    [FILTER.replace('[the_rule]', '[a, a]'), 'a.yml:15:14: `rules` has `a` twice'],
    [FILTER.replace('  rules: [the_rule]\n', ''), 'a.yml:15:3: `filter` needs `rules`: the ids or names of rules, or `any`'],
    [FILTER.replace('  condition: not admins', ''), '`filter` needs a `condition`'],
    [FILTER.replace('not admins', 'not admin'), 'a.yml:17:18: condition: there is no search identifier `admin`'],
    [FILTER.replace('startswith', 'begins'), '`begins` is not a modifier'],
    [FILTER.replace('logsource: { product: linux }\n', ''), '`logsource` is missing'],
    [`${FILTER}\nearshot: { expires: soon }`, 'a.yml:18:21: `earshot.expires` is a day or a time, such as 2026-12-31'],
    [`${FILTER}\nearshot: { until: soon }`, '`earshot.until` is not known: there are `reason` and `author` and `expires`'],
  ])('%j is rejected, and the rule runs as it is', (filter, fault) => {
    expect(faultsOf(RULE, filter).join('\n')).toContain(fault);
    expect(load(RULE, filter).rules).toMatchObject([{ filters: [] }]);
  });

  it('are not for correlations', () => {
    const correlation = 'title: C\nname: many\ncorrelation: { type: event_count, rules: [the_rule], timespan: 1m, condition: { gte: 3 } }';
    expect(faultsOf(RULE, correlation, FILTER.replace('the_rule', 'many')).join()).toContain(
      '`many` is a correlation: a filter holds for rules',
    );
  });
});
