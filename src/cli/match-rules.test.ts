import { describe, expect, it } from 'vitest';
import { ruleOf } from '../../test/support/sigma-rule.ts';
import { isFor, logsourceOf } from './match-rules.ts';

describe('logsourceOf', () => {
  it('reads what is given, in any case', () => {
    expect(logsourceOf('product=Windows, category=process_creation')).toEqual({ product: 'windows', category: 'process_creation' });
  });
  it.each(['', 'windows', 'vendor=x', 'product=', 'product=a,product=b'])('refuses "%s"', (text) => {
    expect(() => logsourceOf(text)).toThrow('--logsource');
  });
});

describe('isFor', () => {
  const rule = { ...ruleOf('s:\n  f: a\ncondition: s'), logsource: { product: 'windows', category: 'process_creation' } };

  it('leaves a rule out that says otherwise, and not one that says more or less', () => {
    expect(isFor(rule, {})).toBe(true);
    expect(isFor(rule, { product: 'windows' })).toBe(true);
    expect(isFor(rule, { product: 'windows', service: 'sysmon' })).toBe(true);
    expect(isFor(rule, { product: 'linux', category: 'process_creation' })).toBe(false);
    expect(isFor(rule, { category: 'file_event' })).toBe(false);
  });
});
