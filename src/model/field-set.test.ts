import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fields, Value } from './event.ts';
import { COMMON_FIELDS, FieldSet } from './field-set.ts';

const paths = fc.oneof(fc.constantFrom(...COMMON_FIELDS), fc.string(), fc.constantFrom('__proto__', 'constructor', 'a.b'));
const values: fc.Arbitrary<Value> = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.string()));

describe('a set of fields', () => {
  it('holds what a dictionary holds', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(paths, values)), (entries) => {
        const map = new Map(entries);
        const set = new FieldSet();
        for (const [path, value] of entries) set.set(path, value);
        for (const [path] of entries) expect(set.get(path)).toEqual(map.get(path));
        expect(new Map(set)).toEqual(map);
        expect(new Map(Object.entries(set.toFields()))).toEqual(map);
        expect(new Map(FieldSet.of(set.toFields()))).toEqual(map);
      }),
    );
  });

  it('has no field that it was not given', () => {
    for (const path of ['constructor', '__proto__', 'toString', 'user.name']) expect(new FieldSet().get(path)).toBeUndefined();
  });

  it('gives fields whose prototype no sender can set', () => {
    const set = new FieldSet();
    set.set('__proto__', 'x');
    const fields: Fields = set.toFields();
    expect(Object.getPrototypeOf(fields)).toBe(Object.prototype);
    expect(Object.keys(fields)).toEqual(['__proto__']);
  });
});
