import { z } from 'zod';
import type { StoredUser } from '../store/state/people-tables.ts';
import type { PersonDraft } from './person-draft.ts';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const word = z.string().trim().min(1).max(256).optional().catch(undefined);

/** What of a SCIM user the directory takes; what has another form is left, and stays in the resource. */
const shape = z.object({
  userName: word,
  externalId: word,
  displayName: word,
  title: word,
  active: z.boolean().optional().catch(undefined),
  name: z.object({ formatted: word, givenName: word, familyName: word }).partial().optional().catch(undefined),
  emails: z
    .array(z.object({ value: word }))
    .optional()
    .catch(undefined),
  [ENTERPRISE]: z
    .object({
      department: word,
      manager: z.object({ value: word, displayName: word }).optional().catch(undefined),
    })
    .partial()
    .optional()
    .catch(undefined),
});

/** The person that a SCIM user is: known by `userName` and `externalId`, which is their id in the identity provider. */
export function personOfScim({ id, attributes, groups }: StoredUser): PersonDraft {
  const user = shape.parse(attributes);
  const work = user[ENTERPRISE];
  const otherIds = [user.userName, user.externalId].flatMap((each) => each ?? []);
  const full = [user.name?.givenName, user.name?.familyName].flatMap((each) => each ?? []).join(' ');
  const displayName = user.displayName ?? user.name?.formatted ?? (full === '' ? user.userName : full);
  const manager = work?.manager?.value ?? work?.manager?.displayName;
  return {
    id,
    otherIds,
    ...(displayName !== undefined && { displayName }),
    names: [],
    emails: (user.emails ?? []).flatMap(({ value }) => value ?? []),
    ...(user.title !== undefined && { title: user.title }),
    ...(work?.department !== undefined && { department: work.department }),
    ...(manager !== undefined && { manager }),
    groups: groups.map(({ name }) => name),
    active: user.active !== false,
    source: 'scim',
  };
}
