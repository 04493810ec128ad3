import type { AlertEventRow, AlertRow, StateTransaction } from '../store/state/state.ts';
import { chunks, loadNames, writeEpisodes } from './alert-rows.ts';
import type { FoundChanges, KnownFound } from './found-episodes.ts';

/** A stretch of time of one key. */
export interface KeyedStretch {
  readonly key: string;
  readonly from: number;
  readonly to: number;
}

/** Alerts whose moments touch one of these stretches, by key; those that are part of another left out. */
export async function alertsNear(
  tx: Pick<StateTransaction, 'selectFrom'>,
  stretches: readonly KeyedStretch[],
): Promise<Map<string, AlertRow[]>> {
  const byKey = Map.groupBy(stretches, ({ key }) => key);
  const found: AlertRow[] = [];
  for (const some of chunks([...byKey])) {
    const all = some.flatMap(([, own]) => own);
    const rows = await tx
      .selectFrom('alerts')
      .selectAll()
      .where(
        'episode_key',
        'in',
        some.map(([key]) => key),
      )
      .where('part_of', 'is', null)
      .where('last_trigger', '>=', Math.min(...all.map(({ from }) => from)))
      .where('first_trigger', '<=', Math.max(...all.map(({ to }) => to)))
      .orderBy('id')
      .execute();
    found.push(...rows.filter((row) => (byKey.get(row.episode_key) ?? []).some((stretch) => touches(row, stretch))));
  }
  return Map.groupBy(found, ({ episode_key }) => episode_key);
}

const touches = ({ first_trigger, last_trigger }: AlertRow, { from, to }: KeyedStretch): boolean =>
  first_trigger !== null && last_trigger !== null && last_trigger >= from && first_trigger <= to;

/** What findings need to know of the alerts that they change, and which ids are taken of the keys that open some. */
export async function loadFound(tx: StateTransaction, alerts: readonly AlertRow[], opening: readonly string[]): Promise<KnownFound> {
  const events: AlertEventRow[] = [];
  for (const some of chunks(alerts.map(({ id }) => id)))
    events.push(...(await tx.selectFrom('alert_events').selectAll().where('alert_id', 'in', some).execute()));
  const taken = new Set<string>();
  for (const some of chunks(opening)) {
    const rows = await tx.selectFrom('alerts').select('id').where('episode_key', 'in', some).execute();
    for (const { id } of rows) taken.add(id);
  }
  return { events, subjects: await loadNames(tx, alerts), isTaken: (id) => taken.has(id) };
}

export async function writeFound(tx: StateTransaction, changes: FoundChanges): Promise<void> {
  for (const some of chunks(changes.rewritten)) await tx.deleteFrom('alert_events').where('alert_id', 'in', some).execute();
  await writeEpisodes(tx, changes);
}
