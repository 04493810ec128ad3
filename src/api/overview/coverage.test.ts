import { expect, it } from 'vitest';
import { coverageOf } from './coverage.ts';

it('puts the techniques of rules under their tactics, in the order of ATT&CK', () => {
  const rules = [
    { id: 'a', tags: ['attack.persistence', 'attack.t1098.004', 'attack.t1078'] },
    { id: 'b', tags: ['attack.initial-access', 'attack.persistence', 'attack.t1078', 'attack.T1078'] },
    { id: 'c', tags: ['attack.impact', 'cve.2021-1'] },
    { id: 'd', tags: ['attack.t9999'] },
  ];
  expect(coverageOf(rules)).toEqual([
    { tactic: 'initial-access', name: 'Initial Access', techniques: [{ id: 'T1078', name: 'Valid Accounts', rules: ['b'] }] },
    {
      tactic: 'persistence',
      name: 'Persistence',
      techniques: [
        { id: 'T1078', name: 'Valid Accounts', rules: ['a', 'b'] },
        { id: 'T1098.004', name: 'Account Manipulation: SSH Authorized Keys', rules: ['a'] },
      ],
    },
    { tactic: 'impact', name: 'Impact', techniques: [] },
  ]);
});
