import { expect, it } from 'vitest';
import { ruleText } from '../../../test/support/sigma-rule.ts';
import { readRules } from '../../detect/sigma/load.ts';
import { packRules, unpackInSteps, unpackRules } from './rule-snapshot.ts';

const text = Array.from({ length: 250 }, (_, i) =>
  ruleText(`s:\n  f: x${i}\ncondition: s`)
    .replace(/^id: .*$/m, `id: 5f1c0a52-7d0e-4b3e-9a57-${String(i).padStart(12, '0')}`)
    .replace('title: A', `title: A\nname: rule_${i}`)
    .replace('product: linux', i === 240 ? 'product: nowhere' : 'product: linux'),
).join('\n---\n');
const loaded = readRules('a.yml', text);

it('gives the same rules in order, some at a time, each once', () => {
  expect(loaded.rules.length).toBe(250);
  expect(loaded.silent.length).toBe(1);
  const unpacked = unpackRules(packRules(loaded));
  expect(unpacked).toEqual(loaded);
  expect(unpacked.silent[0]?.rule).toBe(unpacked.rules[240]);
  let steps = 0;
  for (const work = unpackInSteps(packRules(loaded)); !work.next().done; ) steps++;
  expect(steps).toBe(3);
});

it('gives none where there are none', () => {
  const none = { ...loaded, rules: [], silent: [] };
  expect(unpackRules(packRules(none))).toEqual(none);
});
