import { describe, expect, it } from 'vitest';
import { person } from '../../test/support/person.ts';
import { PersonNames } from './person.ts';

describe('PersonNames', () => {
  it('gives a name that two claim to neither, and tells', () => {
    const names = new PersonNames(
      [person('a', { names: ['shared', 'x'] }), person('b', { names: ['SHARED'] }), person('c', { names: ['shared'] })],
      [],
    );
    expect(names.find('shared')).toBeUndefined();
    expect(names.find('x')?.id).toBe('a');
    expect(names.conflicts).toEqual([{ name: 'shared', persons: ['a', 'b', 'c'] }]);
  });

  it('lets a bare name that somebody stated be theirs, and one that two would share be nobody’s', () => {
    const people = [
      person('one', { names: ['jsilva@example.com'] }),
      person('two', { names: ['jsilva'] }),
      person('three', { names: ['ana@example.com'] }),
      person('four', { names: ['ANA@example.org'] }),
    ];
    const names = new PersonNames(people, ['example.com', 'example.org']);
    expect(names.find('jsilva')?.id).toBe('two');
    expect(names.find('jsilva@example.com')?.id).toBe('one');
    expect(names.find('ana')).toBeUndefined();
    expect(names.conflicts).toEqual([{ name: 'ana', persons: ['three', 'four'] }]);
  });

  it('takes no number for a name', () => {
    expect(new PersonNames([person('1000', { names: ['1001'] })], []).find('1001')).toBeUndefined();
  });

  it('knows the spellings under which events may be', () => {
    const names = new PersonNames([person('u1', { names: ['jsilva@example.com', 'W012J3F'] })], ['example.com', 'EXAMPLE']);
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
