import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FieldSet } from '../../model/field-set.ts';
import { readRules } from '../sigma/load.ts';
import { compileRules } from '../stream/rule-set.ts';
import { importPanther } from './panther.ts';
import { yamlOf } from './rule-document.ts';

const FIXTURES = new URL('fixtures/panther/', import.meta.url);
const fixture = (name: string) => importPanther([{ file: name, text: readFileSync(new URL(name, FIXTURES), 'utf8') }], {});
const load = ({ written }: ReturnType<typeof importPanther>, more = '') =>
  readRules('x.yml', `${written.map(({ documents }) => yamlOf(documents)).join('---\n')}${more}`);

describe('Panther', () => {
  it.each(readdirSync(FIXTURES))('%s becomes the golden rules, with a report', async (name) => {
    const { written, notes } = fixture(name);
    await expect(written.map(({ documents }) => yamlOf(documents)).join('---\n')).toMatchFileSnapshot(`golden/panther/${name}.sigma.yml`);
    await expect(`${JSON.stringify(notes, null, 2)}\n`).toMatchFileSnapshot(`golden/panther/${name}.report.json`);
  });

  it('says the same in every run, and something of every rule', () => {
    for (const name of readdirSync(FIXTURES)) {
      expect(fixture(name)).toEqual(fixture(name));
      const told = fixture(name).notes.filter(({ part }) => part === 'rule' || part === 'file');
      expect(told.length).toBe(readFileSync(new URL(name, FIXTURES), 'utf8').match(/^AnalysisType:/gm)?.length);
    }
  });

  it('rules load, and ask what they asked', () => {
    const { rejected, lints, rules } = load(fixture('rules.yml'));
    expect({ rejected, lints }).toEqual({ rejected: [], lints: [] });
    const set = compileRules(rules, { routing: false });
    const hits = (fields: Parameters<typeof FieldSet.of>[0]): (string | undefined)[] =>
      set
        .match({ fields: FieldSet.of(fields), timestamp: 0, text: '{}', source: 'http' })
        .map(({ id }) => rules.find((rule) => rule.id === id)?.title);
    const failed = { 'json.action.name': 'login*', 'json.result': 'denied', 'json.tenant': 'ACME-1', 'client.ip': '198.51.100.1' };
    expect(hits(failed)).toEqual(['Vault login failed']);
    expect(hits({ ...failed, 'json.result': 'ok', 'json.errors': [{ code: 403 }] })).toEqual(['Vault login failed']);
    for (const other of [
      { 'json.action.name': 'login1' },
      { 'json.result': 'Denied' },
      { 'json.tenant': 'x' },
      { 'client.ip': '192.0.2.3' },
    ])
      expect(hits({ ...failed, ...other })).toEqual([]);
    expect(hits({ 'json.result': 'SUCCESS', 'user.name': 'eve' })).toEqual(['Acme.Vault.LoginSucceeded']);
    expect(hits({ 'json.result': 'SUCCESS', 'user.name': '' })).toEqual([]);
    expect(hits({ 'json.result': 'SUCCESS', 'user.name': 'eve', 'json.targets': [{ name: 'a' }, { name: 'my test' }] })).toEqual([]);
  });

  it('correlations load when the rules that they wait for are there', () => {
    const imported = fixture('correlations.yml');
    const waiting = load(imported);
    expect(waiting.rejected.map(({ reason }) => reason)).toEqual([expect.stringContaining('panther_acme_python')]);
    const own = [
      '---',
      'title: Mine',
      'id: 5e0d8a4e-7b7c-4a43-9d1c-1d6c2a3f4b55',
      'name: panther_acme_python',
      'logsource: {product: linux}',
      'detection: {s: {a: b}, condition: s}',
    ];
    const { rejected, lints, correlations } = load(imported, own.join('\n'));
    expect({ rejected, lints }).toEqual({ rejected: [], lints: [] });
    const named = (name: string) => correlations.find((each) => each.name === name);
    expect(named('panther_brute_force_success_many_failed_logins')).toMatchObject({
      type: 'event_count',
      bounds: [{ op: 'gte', number: 5 }],
      groupNames: ['source.ip', 'json.clientUser'],
    });
    expect(named('panther_brute_force_success')).toMatchObject({
      type: 'temporal_ordered',
      level: 'high',
      timespanMs: 1_800_000,
      groupNames: ['source.ip', 'key_2'],
      groupPaths: [
        [['source.ip'], ['json.clientUser']],
        [['source.ip'], ['user.name']],
      ],
      refs: [{ kind: 'correlation' }, { kind: 'rule' }],
    });
    expect(named('panther_three_steps')).toMatchObject({
      timespanMs: 1_800_000,
      groupPaths: [[['user.name']], [['user.name']], [['json.owner']]],
    });
    const absent = { kind: 'and', children: [{ kind: 'ref' }, { kind: 'not', child: { kind: 'ref' } }] };
    expect(named('panther_not_followed')).toMatchObject({ type: 'temporal_ordered', timespanMs: 900_000, expression: absent });
    expect(named('panther_not_before')).toMatchObject({ type: 'temporal', timespanMs: 7_200_000, expression: absent });
    expect(named('panther_any_order')).toMatchObject({ type: 'temporal', groupNames: [], nextSteps: ['See who it was.'] });
    expect(['panther_group_of_two', 'panther_silent_steps'].map((name) => named(name)?.generate)).toEqual([true, false]);
    expect(named('panther_group_of_two')).toMatchObject({ type: 'temporal', groupNames: ['user.name'] });
  });
});
