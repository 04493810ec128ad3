import { NOTIFIERS } from './integrations/index.ts';
import { type ConfiguredClicks, configuredNotifiers } from './notify/settings.ts';
import type { Settings } from './settings.ts';
import type { User } from './store/state/accounts.ts';
import type { State } from './store/state/state.ts';

/** A notifier whose target tells of clicks and commands. */
export interface Door {
  readonly name: string;
  readonly clicks: ConfiguredClicks;
}

/** Made ready once for each configuration: each click asks for them. */
const known = new WeakMap<Settings['notifiers'], readonly Door[]>();

/** Those that are configured, or those of one type. */
export function doorsOf({ notifiers }: Pick<Settings, 'notifiers'>, type?: string): readonly Door[] {
  const doors = known.get(notifiers) ?? withClicks(notifiers);
  known.set(notifiers, doors);
  return type === undefined ? doors : doors.filter(({ clicks }) => clicks.type === type);
}

const withClicks = (notifiers: Settings['notifiers']): Door[] =>
  configuredNotifiers(notifiers, NOTIFIERS).flatMap(({ name, clicks }) => (clicks === undefined ? [] : [{ name, clicks }]));

/** What to do for somebody whom the settings do not name. */
const unknownPerson = (by: string, notifier: string): string =>
  `Nothing was done: Earshot does not know who you are. Ask an administrator to write "${by}: your user name" under notifiers.${notifier}.people.`;

const unknownUser = (name: string, notifier: string): string =>
  `Nothing was done: Earshot has no user ${name}. Ask an administrator to make one, or to mend notifiers.${notifier}.people.`;

/** The user of Earshot who somebody is by a notifier's settings, or what to do where they are none. */
export async function userBehind(
  { users }: Pick<State, 'users'>,
  notifier: string,
  clicks: Pick<ConfiguredClicks, 'userOf'> | undefined,
  by: string,
): Promise<User | string> {
  const name = clicks?.userOf(by);
  if (name === undefined) return unknownPerson(by, notifier);
  const user = await users.byName(name.toLowerCase());
  if (user === undefined) return unknownUser(name, notifier);
  return user.disabled ? disabledUser(name) : user;
}

const disabledUser = (name: string): string => `Nothing was done: the user ${name} is disabled. Ask an administrator.`;
