import { actingIn } from '../../ask/who-is-asked.ts';
import { RESPONDERS } from '../../integrations/index.ts';
import type { ToldAlert } from '../../model/alert.ts';
import type { PersonNames } from '../../model/person.ts';
import { configuredResponders } from '../../respond/settings.ts';
import type { Settings } from '../../settings.ts';

/** People of one alert whom its message offers to sign out, or to ask. */
const OFFERED = 3;

/**
 * Alerts with the people who could be signed out: those who act in them, and whom the system can find by what the directory knows of them or by
 * its own entries. Accounts of machines, such as `root`, are nobody there.
 */
export function withOffers(alerts: readonly ToldAlert[], { acts }: Pick<Settings, 'acts'>, names: PersonNames): readonly ToldAlert[] {
  const systems = configuredResponders(acts.systems, RESPONDERS).filter(({ does }) => does === 'sign_out');
  if (systems.length === 0) return alerts;
  const isFound = (user: string, dataset: string): boolean => {
    const person = names.find(user);
    const known = person === undefined ? [] : [person.id, ...person.names, ...person.emails];
    return systems.some((system) => system.dataset === dataset || system.canFind(known));
  };
  return alerts.map((alert) => {
    const acting = alert.evidence.flatMap(({ user = '', dataset }) => (user !== '' && isFound(user, dataset) ? [user] : []));
    const signOut = [...new Set(acting)].sort();
    return signOut.length === 0 || signOut.length > OFFERED ? alert : { ...alert, signOut };
  });
}

/** Alerts with the people who could be asked whether it was them: those who act in them, and whose mail the directory knows. */
export function withAskable(alerts: readonly ToldAlert[], { asking }: Pick<Settings, 'asking'>, names: PersonNames): readonly ToldAlert[] {
  if (asking.by === undefined) return alerts;
  return alerts.map((alert) => {
    const askable = actingIn(alert).filter((name) => {
      const person = names.find(name);
      return person?.active === true && person.emails.length > 0;
    });
    return askable.length === 0 || askable.length > OFFERED ? alert : { ...alert, askable };
  });
}
