import type { Relation } from '../model/alert-query.ts';
import type { AlertRow, StateDb } from '../store/state/state.ts';
import { conditions } from './alert-list.ts';

const DAY_MS = 86_400_000;
/** Alerts shown of each kind. */
const MOST_RELATED = 30;
const MOST_EARLIER = 10;
/** Rows that are looked at: a name that everybody shares must not take the database's time. */
const MOST_LINKS = 2_000;

export interface RelatedRow {
  readonly row: AlertRow;
  readonly why: readonly Relation[];
}

/**
 * Alerts that name one of the persons, hosts or addresses of this one, within a day of it. First those that share what few others do: what
 * nearly every alert names, such as root, says little.
 */
export async function relatedRows(db: StateDb, alert: AlertRow, datasets: readonly string[] | undefined): Promise<RelatedRow[]> {
  const links = await db
    .selectFrom('alert_subjects as own')
    .innerJoin('alert_subjects as others', (join) => join.onRef('others.kind', '=', 'own.kind').onRef('others.value', '=', 'own.value'))
    .innerJoin('alerts', 'alerts.id', 'others.alert_id')
    .select(['others.alert_id', 'others.kind', 'others.value'])
    .where('own.alert_id', '=', alert.id)
    .where('own.kind', 'in', ['person', 'host', 'address'])
    .where('others.alert_id', '!=', alert.id)
    .where('alerts.last_at', '>=', alert.first_at - DAY_MS)
    .where('alerts.first_at', '<=', alert.last_at + DAY_MS)
    .where((where) => where.and(conditions(where, { datasets })))
    .orderBy('alerts.last_at', 'desc')
    .limit(MOST_LINKS)
    .execute();
  const byAlert = Map.groupBy(links, ({ alert_id }) => alert_id);
  if (byAlert.size === 0) return [];
  const often = new Map<string, number>();
  for (const { kind, value } of links) often.set(`${kind} ${value}`, (often.get(`${kind} ${value}`) ?? 0) + 1);
  const weight = (shared: typeof links) => shared.reduce((sum, { kind, value }) => sum + 1 / (often.get(`${kind} ${value}`) ?? 1), 0);
  const most = [...byAlert].sort(([, a], [, b]) => weight(b) - weight(a)).slice(0, MOST_RELATED);
  const rows = await db
    .selectFrom('alerts')
    .selectAll()
    .where(
      'id',
      'in',
      most.map(([id]) => id),
    )
    .execute();
  const byId = new Map(rows.map((row) => [row.id, row]));
  return most.flatMap(([id, why]) => {
    const row = byId.get(id);
    return row === undefined ? [] : [{ row, why: why.flatMap(relationOf) }];
  });
}

const relationOf = ({ kind, value }: { readonly kind: string; readonly value: string }): Relation[] =>
  kind === 'person' || kind === 'host' || kind === 'address' ? [{ kind, value }] : [];

/** Alerts of the same rule on the same group before this one, newest first: how it was decided then. */
export function earlierRows(db: StateDb, alert: AlertRow, datasets: readonly string[] | undefined): Promise<AlertRow[]> {
  return db
    .selectFrom('alerts')
    .selectAll()
    .where('rule_id', '=', alert.rule_id)
    .where('group_values', '=', alert.group_values)
    .where('id', '!=', alert.id)
    .where('last_at', '<=', alert.last_at)
    .where((where) => where.and(conditions(where, { datasets })))
    .orderBy('last_at', 'desc')
    .limit(MOST_EARLIER)
    .execute();
}
