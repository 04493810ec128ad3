import { describe, expect, it } from 'vitest';
import { navigatorLayer } from './navigator.ts';

describe('the layer for the Navigator', () => {
  it('counts rules that can fire under each technique', () => {
    const rules = [
      { name: 'a', tags: ['attack.t1110', 'attack.persistence'] },
      { name: 'b', tags: ['attack.t1110', 'attack.t1078.003'] },
      { name: 'quiet', tags: ['attack.t1078.003'] },
    ];
    expect(navigatorLayer(rules, new Set(['quiet']))).toMatchObject({
      versions: { layer: '4.5' },
      domain: 'enterprise-attack',
      gradient: { minValue: 0, maxValue: 2 },
      techniques: [
        { techniqueID: 'T1078.003', score: 1, comment: 'b; can never fire here: quiet' },
        { techniqueID: 'T1110', score: 2, comment: 'a, b' },
      ],
    });
  });
});
