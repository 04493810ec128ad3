import { NOTIFIERS } from './integrations/index.ts';
import { type ConfiguredClicks, configuredNotifiers } from './notify/settings.ts';
import type { Settings } from './settings.ts';

/** A notifier whose target tells of clicks and commands. */
export interface Door {
  readonly name: string;
  readonly clicks: ConfiguredClicks;
}

/** Those that are configured, or those of one type. */
export const doorsOf = ({ notifiers }: Pick<Settings, 'notifiers'>, type?: string): Door[] =>
  configuredNotifiers(notifiers, NOTIFIERS).flatMap(({ name, clicks }) =>
    clicks === undefined || (type !== undefined && clicks.type !== type) ? [] : [{ name, clicks }],
  );

/** What to do for somebody whom the settings do not name. */
export const unknownPerson = (by: string, notifier: string): string =>
  `Nothing was done: Earshot does not know who you are. Ask an administrator to write "${by}: your user name" under notifiers.${notifier}.people.`;

export const unknownUser = (name: string, notifier: string): string =>
  `Nothing was done: Earshot has no user ${name}. Ask an administrator to make one, or to mend notifiers.${notifier}.people.`;

export const disabledUser = (name: string): string => `Nothing was done: the user ${name} is disabled. Ask an administrator.`;
