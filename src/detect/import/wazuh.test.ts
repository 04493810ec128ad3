import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FieldSet } from '../../model/field-set.ts';
import { readRules } from '../sigma/load.ts';
import { compileRegex } from '../sigma/regex.ts';
import { compileRules } from '../stream/rule-set.ts';
import { yamlOf } from './rule-document.ts';
import { importWazuh } from './wazuh.ts';
import { osRegexToRe2 } from './wazuh-pattern.ts';

const FIXTURES = new URL('fixtures/wazuh/', import.meta.url);
const fixture = (name: string) => importWazuh([{ file: name, text: readFileSync(new URL(name, FIXTURES), 'utf8') }], {});
const group = (...rules: string[]) => importWazuh([{ file: 'x.xml', text: `<group name="g">${rules.join('\n')}</group>` }], {});

describe('Wazuh', () => {
  it.each(readdirSync(FIXTURES))('%s becomes the golden rules, with a report', async (name) => {
    const { written, notes } = fixture(name);
    await expect(written.map(({ documents }) => yamlOf(documents)).join('---\n')).toMatchFileSnapshot(`golden/wazuh/${name}.sigma.yml`);
    await expect(`${JSON.stringify(notes, null, 2)}\n`).toMatchFileSnapshot(`golden/wazuh/${name}.report.json`);
  });

  it('says the same in every run, and something of every rule', () => {
    expect(fixture('base.xml')).toEqual(fixture('base.xml'));
    const { notes } = fixture('base.xml');
    const told = new Set(notes.filter(({ part }) => part === 'rule').map(({ line }) => line));
    const lines = readFileSync(new URL('base.xml', FIXTURES), 'utf8').split('\n');
    expect([...told].sort((a, b) => a - b)).toEqual(lines.flatMap((line, i) => (line.includes('<rule ') ? [i + 1] : [])));
  });

  it('what is written loads, correlations too', () => {
    const { written } = fixture('base.xml');
    const { rejected, lints, rules, correlations } = readRules('x.yml', written.map(({ documents }) => yamlOf(documents)).join('---\n'));
    expect({ rejected, lints }).toEqual({ rejected: [], lints: [] });
    expect(rules.length + correlations.length).toBe(written.flatMap(({ documents }) => documents).length);
    const force = correlations.find(({ name }) => name === 'wazuh_100103');
    expect(force).toMatchObject({
      type: 'event_count',
      timespanMs: 120_000,
      bounds: [{ op: 'gte', number: 6 }],
      generate: true,
      groupNames: ['source.ip', 'host.name'],
    });
    expect(force?.refs).toEqual([{ kind: 'rule', id: rules.find(({ title }) => title.includes('failed login of $'))?.id }]);
  });

  it('a rule asks what it asked in Wazuh: its parents, and not the exceptions beneath it', () => {
    const { written } = fixture('base.xml');
    const texts = written
      .flatMap(({ name, documents }) => documents.map((document, i) => readRules(`${name}${i}.yml`, yamlOf([document])).rules))
      .flat();
    const set = compileRules(
      texts.filter(({ id }, i) => texts.findIndex((each) => each.id === id) === i),
      { routing: false },
    );
    const hits = (fields: Record<string, string>): string[] =>
      set
        .match({ fields: FieldSet.of(fields), timestamp: 0, text: `${fields.message}`, source: 'syslog' })
        .map(({ id }) => texts.find((each) => each.id === id)?.title ?? '');
    const failed = {
      'process.name': 'sshd',
      message: 'Failed password for eve from 192.0.2.7 port 4022 ssh2',
      'source.ip': '192.0.2.7',
      'user.name': 'eve',
    };
    expect(hits(failed)).toContain('sshd: a failed login of $(dstuser).');
    expect(hits({ ...failed, message: 'x Failed password' })).not.toContain('sshd: a failed login of $(dstuser).');
    expect(hits({ ...failed, message: 'x DENIED by policy' })).toContain('sshd: a failed login of $(dstuser).');
    expect(hits({ ...failed, 'process.name': 'su' })).toEqual([]);
    expect(hits({ ...failed, 'user.name': 'monitor' })).toEqual([]);
    expect(hits({ ...failed, 'user.name': 'monitor', 'source.ip': '192.0.2.77' })).toContain('sshd: a failed login of $(dstuser).');
    const accepted = {
      'process.name': 'sshd',
      message: 'Accepted publickey for a-b from 192.0.2.9 port 22 ssh2',
      'source.ip': '192.0.2.9',
    };
    expect(hits(accepted)).toEqual(['Login from the test network']);
    expect(hits({ ...accepted, 'source.ip': '192.0.2.66' })).toEqual([]);
  });

  it.each([
    ['^a\\w+b$', ['axb', 'a-@_9b'], ['ab', 'xaxb', 'a.b']],
    ['\\d\\d:\\d+', ['x12:3'], ['1:2']],
    ['a\\.b', ['axb', 'a\nb'], ['ab']],
    ['a.b', ['a.b'], ['axb']],
    ['a\\.*b|^c', ['ab', 'axxb', 'cx'], ['xc']],
    ['a+b*', ['a+b*'], ['aab']],
    ['\\(\\$\\|\\)', ['($|)'], ['x']],
    ['a\\sb\\tc', ['a b\tc'], ['a\tb c']],
    ['\\p\\p', ['[]', '&%', '-"'], ['_@', 'ab']],
    ['\\S+\\W\\D', ['x y'], ['  1']],
    ['(\\w+) ok', ['yes ok'], ['ok']],
    ['a^b$c', ['a^b$c'], ['abc']],
  ])('OS_Regex %s', (pattern, yes, no) => {
    const source = osRegexToRe2(pattern);
    const compiled = source.ok ? compileRegex(source.value, { ignoreCase: true, multiline: false, dotAll: false }) : source;
    if (!compiled.ok) throw new Error(compiled.error);
    expect(yes.filter((text) => !compiled.value(text))).toEqual([]);
    expect(no.filter((text) => compiled.value(text))).toEqual([]);
  });

  it.each(['(a|b)', '(a', 'a)', '\\q', 'a\\'])('OS_Regex %s is reported', (pattern) => {
    expect(osRegexToRe2(pattern).ok).toBe(false);
  });

  it('rules of two files know one another; each alone is told what is missing', () => {
    const parent = {
      file: 'a.xml',
      text: '<group name="a"><rule id="1" level="3"><match>x</match><description>A</description></rule></group>',
    };
    const child = {
      file: 'b.xml',
      text: '<group name="b"><rule id="2" level="3"><if_sid>1</if_sid><match>y</match><description>B</description></rule></group>',
    };
    expect(importWazuh([child, parent], {}).written.length).toBe(2);
    const alone = importWazuh([child], {});
    expect(alone.written).toEqual([]);
    expect(alone.notes).toMatchObject([{ rule: '2', part: 'rule', outcome: 'left', mend: expect.stringContaining('together') }]);
  });

  it('the log source is that of the decoder, or what is asked for', () => {
    const rule =
      '<rule id="1" level="3"><decoded_as>windows_eventchannel</decoded_as><field name="win.system.eventID">^4625$</field><description>A</description></rule>';
    expect(group(rule).written[0]?.documents[0]).toMatchObject({
      logsource: { product: 'windows' },
      detection: { selection: { 'event.code': '4625' } },
    });
    const { written } = importWazuh([{ file: 'x', text: rule }], { logsource: { category: 'authentication' } });
    expect(written[0]?.documents[0]).toMatchObject({ logsource: { category: 'authentication' } });
  });

  it('rules that refer to one another in great number stay bounded', () => {
    const rules = Array.from(
      { length: 300 },
      (_, i) => `<rule id="${i + 1}" level="3"><if_group>g</if_group><match>m${i}</match><description>d</description></rule>`,
    );
    const { notes } = group(`<rule id="9999" level="3"><match>root</match><description>d</description></rule>`, ...rules);
    expect(notes.some(({ why }) => why.includes('more than 400 conditions'))).toBe(true);
  });
});
