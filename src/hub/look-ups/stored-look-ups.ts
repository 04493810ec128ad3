import type { PersonDraft } from '../../people/person-draft.ts';
import { personOfScim } from '../../people/scim-person.ts';
import type { State } from '../../store/state/state.ts';
import type { StoredLookUps } from './look-up-tables.ts';

const PAGE = 1_000;

/** People and lists of the state database. */
export function storedLookUps(state: Pick<State, 'lists' | 'scim' | 'lookUpVersions'>): StoredLookUps {
  return {
    versions: () => state.lookUpVersions(),
    lists: () => state.lists.all(),
    people: async () => {
      const people: PersonDraft[] = [];
      for (let offset = 0; ; offset += PAGE) {
        const { total, found } = await state.scim.users({ offset, limit: PAGE });
        people.push(...found.map(personOfScim));
        if (offset + PAGE >= total) return people;
      }
    },
  };
}
