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
