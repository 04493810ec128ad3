import { maySee } from '../../api/visible.ts';
import { doorsOf } from '../../doors.ts';
import type { PersonNames } from '../../model/person.ts';
import type { Role } from '../../model/role.ts';
import type { Settings } from '../../settings.ts';
import type { User } from '../../store/state/accounts.ts';
import type { ListeningGrant } from '../../store/state/listening.ts';
import type { State } from '../../store/state/state.ts';
import type { Ear } from './ears.ts';

export interface WhoMayListenDeps {
  readonly state: Pick<State, 'users' | 'listening'>;
  readonly settings: () => Settings;
  readonly names: () => PersonNames;
}

/** Whether an ear may hear now of something of these datasets: of one of them, as with alerts on the page. */
export type MayHear = (ear: Ear, datasets: readonly string[]) => boolean;

/** Who may listen without that an administrator has said so. */
const SECURITY_TEAM: ReadonlySet<Role> = new Set(['analyst', 'responder', 'admin']);

/** What a user may listen to: nothing, or whatever they may see of these datasets, with `*`. */
export function listensTo({ name, role, disabled }: User, grants: readonly ListeningGrant[]): readonly string[] {
  if (disabled) return [];
  if (SECURITY_TEAM.has(role)) return ['*'];
  return grants
    .filter(({ kind, who }) => (kind === 'role' && who === role) || (kind === 'user' && who.toLowerCase() === name))
    .flatMap(({ datasets }) => datasets);
}

/** What may be told in a channel, beside that whoever wants it told there may see it: all where alerts are told anyway. */
export function toldIn(channel: string, tellsAlerts: boolean, grants: readonly ListeningGrant[]): readonly string[] {
  if (tellsAlerts) return ['*'];
  return grants.filter(({ kind, who }) => kind === 'channel' && who === channel).flatMap(({ datasets }) => datasets);
}

/** Who may hear of what as it is now: users, their datasets, what was granted, and who is who in the target. */
export async function whoMayListen({ state, settings, names }: WhoMayListenDeps): Promise<MayHear> {
  const users = new Map((await state.users.list()).map((user) => [user.id, user]));
  const grants = await state.listening.grants();
  const doors = new Map(doorsOf(settings()).map(({ name, clicks }) => [name, clicks]));
  const people = names();

  const isThere = (user: User, { owner, notifier }: Ear): boolean => {
    const known = doors.get(notifier)?.userOf(owner?.person ?? '');
    return known?.toLowerCase() === user.name && people.find(user.name)?.active !== false;
  };
  return (ear, datasets) => {
    if (ear.owner === undefined) return datasets.some((dataset) => maySee({ datasets: ear.datasets ?? [] }, dataset));
    const user = users.get(ear.owner.id);
    if (user === undefined || !isThere(user, ear)) return false;
    const place = ear.place ?? '';
    const isDirect = place === ear.owner.person;
    const own = listensTo(user, grants);
    const there = isDirect ? ['*'] : toldIn(place, doors.get(ear.notifier)?.tellsIn(place) === true, grants);
    return datasets.some((dataset) => [user.datasets, own, there].every((allowed) => maySee({ datasets: allowed }, dataset)));
  };
}
