import { z } from 'zod';
import type { Alert, Evidence } from '../model/alert.ts';
import type { AlertChange, AlertLife } from '../model/alert-life.ts';
import type { AlertDetails } from '../model/found.ts';
import type { AlertChangeRow, AlertRow, AlertSubjectRow, StateDb, StateTransaction } from '../store/state/state.ts';
import type { EpisodeChanges, KeyedHit, KnownEpisodes } from './episodes.ts';

/** Rows of one statement: both databases bound the number of parameters. */
const CHUNK = 400;

/** An alert as it is kept, with what the model's form does not say. */
export interface StoredAlert extends Alert, AlertLife {
  /** How many of `count` came too late to be told. */
  readonly lateCount: number;
}

/**
 * Makes whoever changes alerts wait for one another: two nodes that hear of one episode open one alert, and a hit never joins what is
 * being resolved.
 */
export async function lockAlerts(tx: StateTransaction): Promise<void> {
  await tx
    .insertInto('locks')
    .values({ name: 'alerts', taken: 1 })
    .onConflict((conflict) => conflict.column('name').doUpdateSet((set) => ({ taken: set('locks.taken', '+', 1) })))
    .execute();
}

/** The alerts, not resolved, that one of these hits could join. */
export async function loadEpisodes(tx: StateTransaction, hits: readonly KeyedHit[], gapMs: number): Promise<KnownEpisodes> {
  const times = hits.map(({ hit }) => hit.timestamp);
  const first = times.reduce((a, b) => Math.min(a, b));
  const last = times.reduce((a, b) => Math.max(a, b));
  const keys = [...new Set(hits.map(({ key }) => key))];
  const found: AlertRow[] = [];
  for (const some of chunks(keys)) {
    const rows = await tx
      .selectFrom('alerts')
      .selectAll()
      .where('episode_key', 'in', some)
      .where('state', '!=', 'resolved')
      .where('last_at', '>=', first - gapMs)
      .where('first_at', '<=', last + gapMs)
      .execute();
    found.push(...rows);
  }
  return { alerts: found, subjects: await loadNames(tx, found) };
}

export async function loadNames(tx: StateTransaction, alerts: readonly AlertRow[]): Promise<AlertSubjectRow[]> {
  const found: AlertSubjectRow[] = [];
  for (const some of chunks(alerts.map(({ id }) => id))) {
    const rows = tx.selectFrom('alert_subjects').selectAll().where('alert_id', 'in', some).where('kind', 'in', ['person', 'host']);
    found.push(...(await rows.execute()));
  }
  return found;
}

export async function writeEpisodes(tx: StateTransaction, { alerts, events, subjects, changes, outbox }: EpisodeChanges): Promise<void> {
  for (const some of chunks(alerts)) {
    await tx
      .insertInto('alerts')
      .values(some)
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet((set) => ({
          count: set.ref('excluded.count'),
          late_count: set.ref('excluded.late_count'),
          first_at: set.ref('excluded.first_at'),
          last_at: set.ref('excluded.last_at'),
          told: set.ref('excluded.told'),
          level: set.ref('excluded.level'),
          state: set.ref('excluded.state'),
          snoozed_until: set.ref('excluded.snoozed_until'),
          snoozed_count: set.ref('excluded.snoozed_count'),
          changed_at: set.ref('excluded.changed_at'),
          changes: set.ref('excluded.changes'),
          resolved_at: set.ref('excluded.resolved_at'),
          details: set.ref('excluded.details'),
          first_trigger: set.ref('excluded.first_trigger'),
          last_trigger: set.ref('excluded.last_trigger'),
          part_of: set.ref('excluded.part_of'),
          episode_key: set.ref('excluded.episode_key'),
          rule_version: set.ref('excluded.rule_version'),
          found_by: set.ref('excluded.found_by'),
          former_first: set.ref('excluded.former_first'),
          former_last: set.ref('excluded.former_last'),
        })),
      )
      .execute();
  }
  for (const some of chunks(events)) await tx.insertInto('alert_events').values(some).execute();
  for (const some of chunks(subjects))
    await tx
      .insertInto('alert_subjects')
      .values(some)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  for (const some of chunks(changes)) await tx.insertInto('alert_changes').values(some).execute();
  // What was told once is not told again, whatever was taken back in between.
  for (const some of chunks(outbox))
    await tx
      .insertInto('outbox')
      .values(some)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
}

/** Alerts of these rows, in their order, each with its evidence, oldest first. */
export async function withEvidence(db: StateDb, rows: readonly AlertRow[]): Promise<StoredAlert[]> {
  const evidence = new Map<string, Evidence[]>(rows.map((row) => [row.id, []]));
  for (const some of chunks([...evidence.keys()])) {
    const events = await db.selectFrom('alert_events').selectAll().where('alert_id', 'in', some).orderBy('position').execute();
    // Written by `evidenceOf` alone.
    for (const event of events) evidence.get(event.alert_id)?.push(JSON.parse(event.evidence) as Evidence);
  }
  return rows.map((row) => alertOf(row, evidence.get(row.id) ?? []));
}

const strings = z.array(z.string());
const texts = z.record(z.string(), z.string());

const alertOf = (row: AlertRow, evidence: readonly Evidence[]): StoredAlert => ({
  id: row.id,
  kind: row.kind,
  ruleId: row.rule_id,
  ruleName: row.rule_name,
  ruleVersion: row.rule_version,
  title: row.title,
  level: row.level,
  group: texts.parse(JSON.parse(row.group_values)),
  count: row.count,
  firstAt: row.first_at,
  lastAt: row.last_at,
  evidence: evidence.toSorted((a, b) => a.timestamp - b.timestamp),
  tags: strings.parse(JSON.parse(row.tags)),
  nextSteps: strings.parse(JSON.parse(row.next_steps)),
  state: row.state,
  lateCount: row.late_count,
  // Written by `found-alerts.ts` alone.
  ...(row.details !== null && { details: JSON.parse(row.details) as AlertDetails }),
  ...(row.assignee !== null && { assignee: row.assignee }),
  ...(row.snoozed_until !== null && { snoozedUntil: row.snoozed_until }),
  ...(row.resolution !== null && { resolution: row.resolution }),
  openedAt: row.opened_at,
  ...(row.acknowledged_at !== null && { acknowledgedAt: row.acknowledged_at }),
  ...(row.resolved_at !== null && { resolvedAt: row.resolved_at }),
  changedAt: row.changed_at,
  revision: row.changes,
});

/** A line of an alert's history. */
export const changeOf = ({ at, change, actor, note, count, about }: AlertChangeRow): AlertChange => ({
  at,
  change,
  actor,
  note,
  count,
  about: texts.parse(JSON.parse(about)),
});

export function* chunks<T>(all: readonly T[]): Generator<T[]> {
  for (let at = 0; at < all.length; at += CHUNK) yield all.slice(at, at + CHUNK);
}
