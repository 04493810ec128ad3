import type { AlertPace, AlertStats, AlertStatsQuery } from '../model/alert-query.ts';
import type { AlertRow, StateDb } from '../store/state/state.ts';
import { conditions } from './alert-list.ts';

/** Alerts that are looked at for one answer. */
const MOST_ALERTS = 20_000;
const MOST_GROUPS = 100;

type PaceRow = Pick<AlertRow, 'level' | 'rule_name' | 'opened_at' | 'acknowledged_at' | 'resolved_at' | 'resolution'>;

/** How long people took, of the alerts that were opened in a time. */
export async function alertStats(db: StateDb, { from, to, by, datasets, levels }: AlertStatsQuery): Promise<AlertStats> {
  const rows: PaceRow[] = await db
    .selectFrom('alerts')
    .select(['level', 'rule_name', 'opened_at', 'acknowledged_at', 'resolved_at', 'resolution'])
    .where((where) => where.and([where('opened_at', '>=', from), where('opened_at', '<', to), ...conditions(where, { datasets, levels })]))
    .orderBy('opened_at', 'desc')
    .limit(MOST_ALERTS + 1)
    .execute();
  const seen = rows.slice(0, MOST_ALERTS);
  const groups = [...Map.groupBy(seen, (row) => (by === 'level' ? row.level : row.rule_name))]
    .map(([value, members]) => ({ value, ...paceOf(members) }))
    .sort((a, b) => b.opened - a.opened || (a.value < b.value ? -1 : 1));
  return { all: paceOf(seen), groups: groups.slice(0, MOST_GROUPS), complete: rows.length <= MOST_ALERTS };
}

function paceOf(rows: readonly PaceRow[]): AlertPace {
  const after = (times: (row: PaceRow) => number | null) =>
    rows.flatMap((row) => {
      const at = times(row);
      return at === null ? [] : [Math.max(at - row.opened_at, 0) / 1_000];
    });
  const acknowledged = after((row) => row.acknowledged_at);
  const resolved = after((row) => row.resolved_at);
  const resolutions: Partial<Record<NonNullable<PaceRow['resolution']>, number>> = {};
  for (const { resolution } of rows) if (resolution !== null) resolutions[resolution] = (resolutions[resolution] ?? 0) + 1;
  return {
    opened: rows.length,
    acknowledged: acknowledged.length,
    resolved: resolved.length,
    medianAcknowledgeSecs: median(acknowledged),
    medianResolveSecs: median(resolved),
    resolutions,
  };
}

/** Of an even number of values, the mean of the two in the middle. */
function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}
