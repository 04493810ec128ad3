import { describe, expect, it } from 'vitest';
import { type Person, PersonNames } from './person.ts';

const person = (id: string, names: readonly string[] = [], emails: readonly string[] = []): Person => ({
  id,
  displayName: id,
  names,
  emails,
  groups: [],
  active: true,
  privileged: false,
  sources: ['test'],
});

describe('PersonNames', () => {
  it('gives a name that two claim to neither, and tells', () => {
    const names = new PersonNames([person('a', ['shared', 'x']), person('b', ['SHARED']), person('c', ['shared'])], []);
    expect(names.find('shared')).toBeUndefined();
    expect(names.find('x')?.id).toBe('a');
    expect(names.conflicts).toEqual([{ name: 'shared', persons: ['a', 'b', 'c'] }]);
  });

  it('lets a bare name that somebody stated be theirs, and one that two would share be nobody’s', () => {
    const people = [
      person('one', ['jsilva@example.com']),
      person('two', ['jsilva']),
      person('three', ['ana@example.com']),
      person('four', ['ANA@example.org']),
    ];
    const names = new PersonNames(people, ['example.com', 'example.org']);
    expect(names.find('jsilva')?.id).toBe('two');
    expect(names.find('jsilva@example.com')?.id).toBe('one');
    expect(names.find('ana')).toBeUndefined();
    expect(names.conflicts).toEqual([{ name: 'ana', persons: ['three', 'four'] }]);
  });

  it('takes no number for a name', () => {
    expect(new PersonNames([person('1000', ['1001'])], []).find('1001')).toBeUndefined();
  });

  it('knows the spellings under which events may be', () => {
    const names = new PersonNames([person('u1', ['jsilva@example.com', 'W012J3F'])], ['example.com', 'EXAMPLE']);
    expect(names.spellings(['u1', 'jsilva@example.com', 'W012J3F']).sort()).toEqual(
      [
        'u1',
        'u1@example.com',
        'example\\u1',
        'jsilva',
        'jsilva@example.com',
        'example\\jsilva',
        'w012j3f',
        'w012j3f@example.com',
        'example\\w012j3f',
      ].sort(),
    );
  });
});
