import type { Alerts } from '../../alert/alerts.ts';
import { mayWork } from '../../api/colleagues.ts';
import { visibleAlert } from '../../api/visible.ts';
import type { PersonalPage } from '../../notify/notifier.ts';
import type { User } from '../../store/state/accounts.ts';

/** As many as a target can have room for. */
const MOST = 50;
const WAITING = ['open', 'acknowledged'] as const;

/** The alerts that wait and that somebody may see; for who is no user, what to do about it. `note`: what became of what they did. */
export async function personalPage(
  alerts: Pick<Alerts, 'list' | 'counts' | 'told'>,
  user: User | string,
  note: string | undefined,
  now: number,
): Promise<PersonalPage> {
  const said = note === '' ? undefined : note;
  if (typeof user === 'string') return { note: said ?? user, alerts: [], total: 0, mayWork: false, at: now };
  const filter = { states: WAITING, datasets: user.datasets };
  const page = await alerts.list({ ...filter, sort: 'level', limit: MOST });
  const ids = page.ok ? page.value.alerts.map(({ id }) => id) : [];
  const told = new Map((await alerts.told(ids)).map((alert) => [alert.id, alert]));
  const shown = ids.flatMap((id) => {
    const alert = told.get(id);
    const seen = alert && visibleAlert(alert, user);
    return seen === undefined ? [] : [seen];
  });
  const { counts } = await alerts.counts(filter);
  return { note: said, alerts: shown, total: counts.reduce((sum, { count }) => sum + count, 0), mayWork: mayWork(user), at: now };
}
