import { describe, expect, it } from 'vitest';
import { judged, ruleOf, ruleText } from '../../../test/support/sigma-rule.ts';
import { FieldSet } from '../../model/field-set.ts';
import { readRules } from '../sigma/load.ts';
import type { Rule } from '../sigma/rule.ts';
import { type Budget, STEPS } from './budget.ts';
import { compileRules } from './rule-set.ts';

function ruleFor(name: string, logsource: string, detection: string): Rule {
  const id = `5f1c0a52-7d0e-4b3e-9a57-${[...name]
    .reduce((sum, char) => sum * 31 + char.charCodeAt(0), 7)
    .toString(16)
    .padStart(12, '0')
    .slice(-12)}`;
  const text = ruleText(detection)
    .replace('{ product: linux }', logsource)
    .replace(/id: .*/, `id: ${id}`)
    .replace('title: A', `title: ${name}`);
  const { rules, rejected } = readRules(`${name}.yml`, text);
  const [rule] = rules;
  if (!rule) throw new Error(JSON.stringify(rejected));
  return rule;
}

const titles = (rules: readonly Rule[], fields: Record<string, string | string[]>) =>
  compileRules(rules)
    .match({ ...judged({}), fields: FieldSet.of(fields) })
    .map((hit) => hit.title);

describe('a rule set', () => {
  const always = 's:\n  x: null\ncondition: s';
  const rules = [
    ruleFor('linux', '{ product: linux }', always),
    ruleFor('sshd', '{ product: linux, service: sshd }', always),
    ruleFor('process', '{ product: linux, category: process_creation }', always),
    ruleFor('vault', '{ product: senhasegura }', always),
    ruleFor('any-pam', '{ category: pam }', always),
    ruleFor('nowhere', '{ product: macos }', always),
  ];

  it('asks a rule only about events of its log source', () => {
    expect(titles(rules, { 'event.module': 'linux', 'process.name': 'sshd-session' })).toEqual(['linux', 'sshd']);
    expect(titles(rules, { 'event.module': 'linux', 'event.category': ['iam', 'process'], 'event.type': 'start' })).toEqual([
      'linux',
      'process',
    ]);
    expect(titles(rules, { 'event.module': 'linux', 'event.category': ['process'], 'event.type': ['end'] })).toEqual(['linux']);
    expect(titles(rules, { 'observer.product': 'Senhasegura' })).toEqual(['vault', 'any-pam']);
    expect(titles(rules, { 'observer.vendor': 'Osirium' })).toEqual(['any-pam']);
    expect(titles(rules, { 'event.module': 'other' })).toEqual([]);
  });

  it('remembers no answer from one event to the next', () => {
    const set = compileRules([ruleOf('a:\n  f: x\nb:\n  g: y\ncondition: a and not b')]);
    expect(set.match(judged({ f: 'x' }))).toHaveLength(1);
    expect(set.match(judged({ f: 'x', g: 'y' }))).toHaveLength(0);
    expect(set.match(judged({ f: 'z' }))).toHaveLength(0);
    expect(set.match(judged({ f: 'x' }))).toHaveLength(1);
  });

  it('goes on when a rule throws, and tells of it', () => {
    const sound = ruleFor('sound', '{ product: linux }', always);
    const hostile = { toString: () => 'x' };
    const broken: Rule = {
      ...ruleOf('s:\n  f: x\ncondition: s'),
      tree: {
        kind: 'leaf',
        fields: ['f'],
        label: '',
        test: { kind: 'regex', source: 'a', flags: { ignoreCase: false, multiline: false, dotAll: false } },
      },
    };
    const told: string[] = [];
    const set = compileRules([broken, sound], { onError: (rule) => told.push(rule?.name ?? 'index') });
    const fields = FieldSet.of({ 'event.module': 'linux' });
    fields.getOther = (path) => {
      if (path === 'f') throw new Error(`${hostile}`);
      return undefined;
    };
    expect(set.match({ ...judged({}), fields }).map((hit) => hit.title)).toEqual(['sound']);
    expect(told).toEqual(['index', 'a']);
    expect(set.costs.of(0).errors).toBe(1);
  });

  it('keeps account of time by samples', () => {
    let clock = 0;
    const set = compileRules([ruleOf('s:\n  f: x\ncondition: s')], { now: () => (clock += 2) });
    for (let i = 0; i < 640; i++) set.match(judged({ f: 'x' }));
    expect(set.costs.of(0)).toEqual({ estimatedMs: 10 * 64 * 2, samples: 10, estimatedAsks: 640, longestMs: 2, errors: 0 });
  });

  it('leaves a rule open where it, or the event, costs too much, and no other', () => {
    const long = `${'a'.repeat(5_000)}z`;
    const costly = ruleFor('costly', '{ product: linux }', 's:\n  f|re: "(a+)+z"\ncondition: s');
    const denies = ruleFor('denies', '{ product: linux }', 's:\n  f|re: "(a+)+z"\ncondition: not s');
    const cheap = ruleFor('cheap', '{ product: linux }', 's:\n  f|endswith: z\ncondition: s');
    const judge = (budget: Budget, value: string) => {
      const set = compileRules([costly, denies, cheap], { budget });
      const { hits, deferred } = set.judge(judged({ f: value }));
      return [hits.map(({ title }) => title), deferred.map((id) => set.info(id)?.title).sort()];
    };
    const enough = 2 * 5_001 * STEPS.regex;
    expect(judge({ question: enough, event: enough }, long)).toEqual([['costly', 'cheap'], []]);
    expect(judge({ question: enough, event: enough - 1 }, long)).toEqual([['cheap'], ['costly']]);
    expect(judge({ question: enough / 2 - 1, event: enough }, long)).toEqual([['cheap'], ['costly', 'denies']]);
    expect(judge({ question: 0, event: 0 }, 'aaz')).toEqual([['costly', 'cheap'], []]);
  });

  it('leaves the rules open that are put aside, and measures what they would cost', () => {
    const rule = ruleOf('s:\n  f: x\ncondition: s');
    const set = compileRules([rule]);
    set.setAside(new Set([rule.id]));
    for (let i = 0; i < 64; i++) expect(set.judge(judged({ f: 'x' }))).toMatchObject({ hits: [], deferred: [rule.id] });
    expect(set.judge(judged({ f: 'y' }))).toEqual({ hits: [], deferred: [] });
    expect(set.costs.of(0).samples).toBe(1);
    set.setAside(new Set());
    expect(set.match(judged({ f: 'x' }))).toHaveLength(1);
  });

  it('withstands deep and wide values', () => {
    const set = compileRules([ruleOf('s:\n  - f.g.h: x\n  - f|re: "(a+)+$"\n  - f: "a*b*c?"\n  - evil\ncondition: s')]);
    let deep: unknown = 'x';
    for (let i = 0; i < 20_000; i++) deep = [deep];
    expect(set.match(judged({ f: deep as string[] }))).toEqual([]);
    expect(set.match(judged({ f: `${'a'.repeat(200_000)}!` }))).toEqual([]);
    expect(set.match(judged({ __proto__: 'x', f: 'y' }))).toEqual([]);
  });

  it('gives a rule another version when anything in it but its layout changes', () => {
    const version = (detection: string) => ruleOf(detection).version;
    expect(version('s:\n  f: x\ncondition: s')).toBe(version('condition:   s # why\ns: {f: "x"}'));
    expect(version('s:\n  f: x\ncondition: s')).not.toBe(version('s:\n  f: y\ncondition: s'));
  });
});
