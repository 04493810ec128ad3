import type { StateDb, StateTransaction } from '../store/state/state.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { pruneMessages } from './message-rows.ts';
import { pruneWhispers } from './whisper-rows.ts';

/** Forgets what was delivered before that time. Dead letters stay until somebody looks at them. */
export async function pruneDelivered(tx: StateTransaction, before: number): Promise<void> {
  await tx.deleteFrom('outbox').where('state', '=', 'delivered').where('changed_at', '<', before).execute();
  await pruneMessages(tx, before);
  await pruneWhispers(tx, before);
}

/** What should have been told before that time and waits; undefined where nothing does. What may follow an alert is not among it. */
export async function overdue(db: StateDb, before: number): Promise<{ readonly count: number; readonly since: number } | undefined> {
  const row = await db
    .selectFrom('outbox')
    .select((select) => [select.fn.countAll<number>().as('count'), select.fn.min('created_at').as('since')])
    .where('state', 'in', ['pending', 'sending'])
    .where('kind', '!=', 'context')
    .where('created_at', '<', before)
    .executeTakeFirstOrThrow();
  // MIN over no rows is null, whatever the column's type says.
  const since: number | null = row.since;
  return since === null ? undefined : { count: Number(row.count), since: Number(since) };
}

/** Says how many notifications wait, and how many were given up. */
export async function reportOutbox(db: StateDb, telemetry: Telemetry): Promise<void> {
  const rows = await db
    .selectFrom('outbox')
    .select((select) => ['state', select.fn.countAll<number>().as('rows')])
    .where('state', 'in', ['pending', 'sending', 'dead'])
    .groupBy('state')
    .execute();
  const of = (state: string) => Number(rows.find((row) => row.state === state)?.rows ?? 0);
  telemetry.gauge('earshot_outbox_pending', {}, of('pending') + of('sending'));
  telemetry.gauge('earshot_outbox_dead', {}, of('dead'));
}
