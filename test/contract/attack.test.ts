import { describe, expect, it } from 'vitest';
import { tacticOf, techniqueName, techniqueOf } from '../../src/model/attack.ts';
import { settingsSchema } from '../../src/settings.ts';
import { readRuleFolders } from '../../src/stages.ts';

describe('names of ATT&CK', () => {
  it('reads tags', () => {
    expect(['attack.t1078.003', 'attack.T1059', 'attack.persistence', 'cve.2021-1', 'attack.g0016'].map(techniqueOf)).toEqual([
      'T1078.003',
      'T1059',
      undefined,
      undefined,
      undefined,
    ]);
    expect(
      ['attack.credential-access', 'attack.Credential_Access', 'attack.t1078', 'attack.g0016', 'attack.constructor'].map(tacticOf),
    ).toEqual(['credential-access', 'credential-access', undefined, undefined, undefined]);
  });

  it('names a sub-technique with its technique', () => {
    expect(techniqueName('T1078.003')).toBe('Valid Accounts: Local Accounts');
    expect(techniqueName('T1078')).toBe('Valid Accounts');
    expect(techniqueName('T9999')).toBeUndefined();
  });

  it('knows those of the shipped rules', () => {
    const { rules } = readRuleFolders(settingsSchema.parse({}));
    const attack = rules.flatMap(({ tags }) => tags).filter((tag) => tag.startsWith('attack.'));
    expect(attack.length).toBeGreaterThan(20);
    const unknown = attack.filter((tag) => {
      const technique = techniqueOf(tag);
      return technique === undefined ? tacticOf(tag) === undefined : techniqueName(technique) === undefined;
    });
    expect(unknown).toEqual([]);
  });
});
