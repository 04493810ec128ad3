import type { Person } from '../../src/model/person.ts';

/** Somebody of the directory who is active, and has but an id. */
export const person = (id: string, more: Partial<Person> = {}): Person => ({
  id,
  displayName: id,
  names: [],
  emails: [],
  groups: [],
  active: true,
  privileged: false,
  sources: ['people.yaml'],
  ...more,
});
