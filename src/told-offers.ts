import { RESPONDERS } from './integrations/index.ts';
import type { ToldAlert } from './model/alert.ts';
import { configuredResponders } from './respond/settings.ts';
import type { Settings } from './settings.ts';

/** People of one alert whom its message offers to sign out. */
const OFFERED = 3;

/** Alerts with the people who could be signed out: those who act in them. */
export function withOffers(alerts: readonly ToldAlert[], { acts }: Pick<Settings, 'acts'>): readonly ToldAlert[] {
  const mayBe = configuredResponders(acts.systems, RESPONDERS).some(({ does }) => does === 'sign_out');
  if (!mayBe) return alerts;
  return alerts.map((alert) => {
    const names = new Set(alert.evidence.flatMap(({ user }) => (user === undefined || user === '' ? [] : [user])));
    return names.size === 0 || names.size > OFFERED ? alert : { ...alert, signOut: [...names].sort() };
  });
}
