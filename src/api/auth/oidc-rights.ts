import { ROLES, type Role } from '../../model/role.ts';
import type { NewUser } from '../../store/state/accounts.ts';
import { userName } from '../contract/session.ts';
import type { OidcSettings } from './settings.ts';

/** Why somebody whom the provider knows is not let in. */
export type OidcRefusal = 'no_name' | 'no_group';

type Claims = Readonly<Record<string, unknown>>;

/** Who the provider says it is, with what their groups give here. */
export function userOfClaims(claims: Claims, settings: OidcSettings): NewUser | OidcRefusal {
  const name = userName.safeParse(claims[settings.name_claim]);
  if (!name.success) return 'no_name';
  const rights = rightsOf(groupsOf(claims[settings.groups_claim]), settings.groups);
  if (rights === undefined) return 'no_group';
  const displayName = claims[settings.display_name_claim];
  return { name: name.data, displayName: typeof displayName === 'string' ? displayName.slice(0, 128) : '', ...rights };
}

/** Of several groups the highest role and all datasets. */
function rightsOf(groups: readonly string[], given: OidcSettings['groups']): { role: Role; datasets: string[] } | undefined {
  const own = given.filter(({ group }) => group === '*' || groups.includes(group));
  const role = ROLES.findLast((one) => own.some((each) => each.role === one));
  if (role === undefined) return undefined;
  const datasets = [...new Set(own.flatMap((each) => each.datasets))];
  return { role, datasets: datasets.includes('*') ? ['*'] : datasets };
}

/** A provider with one group may write it as a text. */
function groupsOf(claim: unknown): string[] {
  if (typeof claim === 'string') return [claim];
  return Array.isArray(claim) ? claim.filter((group) => typeof group === 'string') : [];
}
