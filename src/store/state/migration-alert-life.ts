import type { Kysely, RawBuilder } from 'kysely';

/** Rows of one statement. */
const CHUNK = 300;

/** What this step reads and writes, as the tables were when it was made. */
interface Tables {
  alert_events: { alert_id: string; position: number; evidence: string };
  alert_subjects: { alert_id: string; kind: string; value: string };
}

/** Assignment, snoozing, resolutions; and whom an alert is about, in a table that can be asked. */
export async function alertLife(db: Kysely<unknown>, key: RawBuilder<unknown>): Promise<void> {
  for (const column of ['assignee', 'resolution'] as const) await db.schema.alterTable('alerts').addColumn(column, 'text').execute();
  for (const column of ['snoozed_until', 'snoozed_count', 'acknowledged_at', 'resolved_at'] as const)
    await db.schema.alterTable('alerts').addColumn(column, 'bigint').execute();
  await db.schema
    .alterTable('alert_changes')
    .addColumn('about', 'text', (column) => column.notNull().defaultTo('{}'))
    .execute();
  await db.schema.createIndex('alerts_rule').on('alerts').columns(['rule_id', 'last_at']).execute();
  await db.schema.createIndex('alerts_opened').on('alerts').column('opened_at').execute();
  // All that the queue counts every few seconds, so that the rows themselves are not read.
  await db.schema.createIndex('alerts_counts').on('alerts').columns(['state', 'level', 'changed_at', 'changes', 'count']).execute();
  await db.schema
    .createTable('alert_subjects')
    .addColumn('alert_id', key, (column) => column.notNull().references('alerts.id').onDelete('cascade'))
    .addColumn('kind', key, (column) => column.notNull())
    .addColumn('value', key, (column) => column.notNull())
    .addPrimaryKeyConstraint('alert_subjects_pk', ['alert_id', 'kind', 'value'])
    .execute();
  await db.schema.createIndex('alert_subjects_value').on('alert_subjects').columns(['kind', 'value']).execute();
  await fillSubjects(db as Kysely<Tables>);
}

/** The alerts that are there already. */
export async function fillSubjects(db: Pick<Kysely<Tables>, 'selectFrom' | 'insertInto'>): Promise<void> {
  for (let after = ''; ; ) {
    const ids = await db
      .selectFrom('alert_events')
      .select('alert_id')
      .distinct()
      .where('alert_id', '>', after)
      .orderBy('alert_id')
      .limit(CHUNK)
      .execute();
    const last = ids.at(-1);
    if (last === undefined) return;
    after = last.alert_id;
    const events = await db
      .selectFrom('alert_events')
      .select(['alert_id', 'evidence'])
      .where(
        'alert_id',
        'in',
        ids.map(({ alert_id }) => alert_id),
      )
      .execute();
    const rows = events.flatMap(subjectsOf);
    for (let at = 0; at < rows.length; at += CHUNK)
      await db
        .insertInto('alert_subjects')
        .values(rows.slice(at, at + CHUNK))
        .onConflict((conflict) => conflict.doNothing())
        .execute();
  }
}

function subjectsOf({ alert_id, evidence }: { readonly alert_id: string; readonly evidence: string }): Tables['alert_subjects'][] {
  const said = JSON.parse(evidence) as Readonly<Record<string, unknown>>;
  const named = [
    ['dataset', said.dataset],
    ['person', said.user],
    ['person', said.targetUser],
    ['host', said.host],
    ['address', said.sourceIp],
    ['product', said.product],
  ] as const;
  return named.flatMap(([kind, value]) =>
    typeof value === 'string' && (value !== '' || kind === 'dataset') ? [{ alert_id, kind, value: value.toLowerCase() }] : [],
  );
}
