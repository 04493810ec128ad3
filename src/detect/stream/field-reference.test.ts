import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Relation } from '../sigma/tree.ts';
import { relatedToAny } from './field-reference.ts';

const RELATIONS: Readonly<Record<Relation, (text: string, other: string) => boolean>> = {
  equals: (text, other) => text === other,
  contains: (text, other) => text.includes(other),
  startswith: (text, other) => text.startsWith(other),
  endswith: (text, other) => text.endsWith(other),
};

describe('a field against the values of another', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'A', 'b', '@', '`', 'ö', '\ud83d\ude00', '\ud83d'), maxLength: 6 });

  it.each(Object.keys(RELATIONS) as Relation[])('%s: few or many, it is as if each pair were compared', (relation) => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 40 }), fc.array(text, { maxLength: 20 }), (others, texts) => {
        const related = relatedToAny(relation, others);
        for (const each of texts) expect(related(each)).toBe(others.some((other) => RELATIONS[relation](each, other)));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(Object.keys(RELATIONS) as Relation[])('%s: the last of ten thousand is found', (relation) => {
    const others = Array.from({ length: 10_000 }, (_, i) => `value-${i}-`);
    expect(relatedToAny(relation, others)('value-9999-')).toBe(true);
    expect(relatedToAny(relation, others)('value-x-')).toBe(false);
  });
});
