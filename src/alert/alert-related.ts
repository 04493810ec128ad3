import type { Relation } from '../model/alert-query.ts';
import type { AlertRow, StateDb } from '../store/state/state.ts';
import { conditions } from './alert-list.ts';

const DAY_MS = 86_400_000;
/** Longer than any alert is (`alerts.group_max_secs`): by it the index on the last event is enough to find what is near. */
const LONGEST_MS = 31 * DAY_MS;
/** Alerts shown of each kind. */
const MOST_RELATED = 30;
const MOST_EARLIER = 10;
/** Alerts of the days around that are looked at, the newest first. */
const MOST_NEAR = 3_000;

export interface RelatedRow {
  readonly row: AlertRow;
  readonly why: readonly Relation[];
}

/**
 * Alerts that name one of the persons, hosts or addresses of this one, within a day of it. First those that share what few others do: what
 * nearly every alert names, such as root, says little.
 */
export async function relatedRows(db: StateDb, alert: AlertRow, datasets: readonly string[] | undefined): Promise<RelatedRow[]> {
  const own = await db
    .selectFrom('alert_subjects')
    .select(['kind', 'value'])
    .where('alert_id', '=', alert.id)
    .where('kind', 'in', ['person', 'host', 'address'])
    .execute();
  if (own.length === 0) return [];
  const near = db
    .selectFrom('alerts')
    .select('id')
    .where('last_at', '>=', alert.first_at - DAY_MS)
    .where('last_at', '<=', alert.last_at + DAY_MS + LONGEST_MS)
    .where('first_at', '<=', alert.last_at + DAY_MS)
    .where('id', '!=', alert.id)
    .where((where) => where.and(conditions(where, { datasets })))
    .orderBy('last_at', 'desc')
    .limit(MOST_NEAR);
  // From what is near to what it names, never from a name to all that ever had it: SQLite takes a cross join as it is written.
  const links = await db
    .selectFrom(near.as('near'))
    .crossJoin('alert_subjects as others')
    .select(['others.alert_id', 'others.kind', 'others.value'])
    .whereRef('others.alert_id', '=', 'near.id')
    .where((where) => where.or(own.map(({ kind, value }) => where.and({ 'others.kind': kind, 'others.value': value }))))
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
