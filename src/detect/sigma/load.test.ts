import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ruleText } from '../../../test/support/sigma-rule.ts';
import { faultText } from './fault.ts';
import { loadRules, readRules } from './load.ts';

const GOOD = ruleText('s:\n  f: x\ncondition: s');
const idOf = (n: number) => GOOD.replace('5f1c0a52', `${n}`.padStart(8, '0'));

const faults = (text: string) => readRules('a.yml', text).rejected.map(faultText);

describe('one file', () => {
  it('may say that it is deprecated, which is told', () => {
    const { rules, lints } = readRules('a.yml', `${GOOD}\nstatus: deprecated`);
    expect(rules).toHaveLength(1);
    expect(lints.map(({ reason }) => reason)).toEqual([expect.stringContaining('the rule is `deprecated`')]);
  });

  it('may take the place of another, which is told where both are there', () => {
    const newer = (type: string) => `${idOf(2)}\nrelated:\n  - id: 00000001-7d0e-4b3e-9a57-0c8a1f5b2e11\n    type: ${type}`;
    const lints = (text: string) => readRules('a.yml', text).lints.map(({ reason }) => reason);
    expect(lints(`${idOf(1)}\n---\n${newer('obsolete')}`)).toEqual([
      'the rule takes the place of `a`, which is there too: both run, so leave that one out',
    ]);
    expect(lints(newer('obsolete'))).toEqual([]);
    expect(lints(`${idOf(1)}\n---\n${newer('derived')}`)).toEqual([]);
  });

  it('says what it is related to in the words there are', () => {
    expect(faults(`${GOOD}\nrelated: [{ id: x, type: cousin }, y]`)).toEqual([
      expect.stringContaining('`related` is a list of maps'),
      expect.stringContaining('the `id` of a related rule is not a UUID'),
      expect.stringContaining('the `type` of a related rule is one of derived, obsolete'),
    ]);
    expect(faults(`${GOOD}\nrelated: x`)).toHaveLength(1);
  });

  it('may say that it is on trial', () => {
    const staged = (maturity: string) => readRules('a.yml', `${GOOD}\nearshot: { maturity: ${maturity} }`).rules[0]?.staged;
    expect([staged('staged'), staged('live')]).toEqual([true, undefined]);
  });

  it('gives what people need to know, with what Earshot adds', () => {
    const text = `${GOOD}\nstatus: test\nlevel: high\ntags: [attack.t1078]\nfalsepositives: [Nobody]\nearshot:\n  group_by: [user.name]\n  next_steps: [Ask.]`;
    expect(readRules('x/my_rule.yml', text).rules[0]).toMatchObject({
      name: 'my_rule',
      title: 'A',
      level: 'high',
      status: 'test',
      tags: ['attack.t1078'],
      falsepositives: ['Nobody'],
      groupBy: ['user.name'],
      nextSteps: ['Ask.'],
      logsource: { product: 'linux' },
    });
    expect(readRules('a.yml', GOOD).rules[0]).toMatchObject({ level: 'medium', groupBy: ['user.name', 'host.name'], nextSteps: [] });
  });

  it.each([
    ['', 'a.yml:1:1: the file holds no rule'],
    ['- a', 'a.yml:1:1: a rule is a map of attributes, such as `title:` and `detection:`'],
    [`${GOOD}\nlevel: severe`, 'a.yml:9:8: `level` is one of informational, low, medium, high, critical'],
    [`${GOOD}\nstatus: unsupported`, 'a.yml:9:9: the status `unsupported` says that the rule cannot be used as it is'],
    [`${GOOD}\ntaxonomy: sysmon`, 'Map keys must be unique'],
    [GOOD.replace('ecs', 'sysmon'), '`taxonomy` is one of sigma, ecs'],
    [`${GOOD}\nearshot: { group: [a] }`, '`earshot.group` is not known: there are `group_by` and `next_steps` and `maturity`'],
    [`${GOOD}\nearshot: { maturity: done }`, 'a.yml:9:22: `earshot.maturity` is `staged` or `live`'],
    [GOOD.replace('5f1c0a52', 'x'), '`id` is not a UUID'],
    [GOOD.replace('title: A\n', ''), '`title` is missing, or not text'],
    [GOOD.replace('{ product: linux }', '{ definition: x }'), '`logsource` needs a product, a category or a service'],
    [GOOD.replace('condition: s', 'f: [x]'), '`detection` needs a `condition`'],
    [`${GOOD}\naction: global`, '`action` (collections with global and repeated parts) was removed'],
    [`${GOOD}\nfilter: { rules: [a] }`, 'a.yml:9:9: a document has one of detection, correlation, baseline, filter, silence'],
    ['a: &x [1]\nb: *x', 'YAML aliases are not supported in rules'],
    ['a: [1', 'a.yml:1:6: YAML: '],
  ])('%j', (text, fault) => {
    expect(faults(text).join('\n')).toContain(fault);
    expect(readRules('a.yml', text).rules).toEqual([]);
  });

  it('gives a rule without an id one of its name, and says so', () => {
    const text = GOOD.replace(/id: .*\n/, '');
    const { rules, lints } = readRules('my_rule.yml', text);
    // What `uuid5` of Python gives.
    expect(rules[0]?.id).toBe('76c6b229-0179-5eed-91c3-bed33fe819cd');
    expect(lints.map(faultText)).toEqual([expect.stringMatching(/^my_rule\.yml:1:1: there is no `id`: 76c6b229-.* the name `my_rule`/)]);
    expect(readRules('other.yml', `name: my_rule\n${text}`).rules[0]).toMatchObject({
      id: rules[0]?.id,
      sigmaName: 'my_rule',
      name: 'other',
    });
  });

  it.each([
    ['a fault in what it means', 'title: [x]'],
    ['a fault of syntax', 'title: [x'],
    ['an alias', 'title: &t x\nname: *t'],
    ['nothing that is a rule', '- x'],
  ])('%s rejects its document alone', (_, bad) => {
    const { rules, rejected } = readRules('a.yml', `${idOf(1)}\n---\n${bad}\n---\n${idOf(3)}`);
    expect(rules.map((rule) => rule.name)).toEqual(['a', 'a-3']);
    expect(rejected.length).toBeGreaterThan(0);
    expect(rejected.every(({ line }) => line >= 10 && line <= 12)).toBe(true);
  });

  it('may hold several rules', () => {
    const { rules } = readRules('a.yml', `${idOf(1)}\n---\n${idOf(2)}\n---\nname: third\n${idOf(3)}`);
    expect(rules.map((rule) => rule.name)).toEqual(['a', 'a-2', 'third']);
  });
});

describe('a folder', () => {
  it('that cannot be read is an outage', () => {
    expect(() => loadRules('/nonexistent/rules')).toThrow('the folder of rules cannot be read: /nonexistent/rules');
  });

  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'rules-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('gives all rules in order, and a reason for each that is not one', () => {
    mkdirSync(join(dir, 'sub'));
    writeFileSync(join(dir, 'b.yml'), idOf(1));
    writeFileSync(join(dir, 'b.test.yml'), 'rule: b');
    writeFileSync(join(dir, 'notes.md'), '');
    writeFileSync(join(dir, 'sub', 'a.yaml'), idOf(2).replace('product: linux', 'product: macos'));
    writeFileSync(join(dir, 'sub', 'b.yml'), idOf(3));
    writeFileSync(join(dir, 'twin.yml'), idOf(1));
    symlinkSync('/nonexistent/x', join(dir, 'z.yml'));
    const { rules, rejected, silent } = loadRules(dir);
    expect(rules.map((rule) => rule.file)).toEqual(['b.yml', join('sub', 'a.yaml')]);
    expect(rejected.map(faultText)).toEqual([
      `${join('sub', 'b.yml')}:1:1: the name \`b\` is also that of b.yml`,
      'twin.yml:1:1: the id `00000001-7d0e-4b3e-9a57-0c8a1f5b2e11` is also that of b.yml',
      expect.stringContaining('z.yml:1:1: the file cannot be read: ENOENT'),
    ]);
    expect(silent.map(({ rule, reason }) => `${rule.name}: ${reason}`)).toEqual([
      'a: can never fire here: no event of Earshot is of product: macos',
    ]);
  });
});
