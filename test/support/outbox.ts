import type { Level } from '../../src/model/severity.ts';
import type { State } from '../../src/store/state/state.ts';

export interface AlertSketch {
  readonly id: string;
  readonly level?: Level;
  readonly notifier?: string;
  readonly kind?: 'opened' | 'grew' | 'context';
  readonly step?: string;
  readonly joined?: { readonly users: readonly string[]; readonly hosts: readonly string[] };
}

/** Puts alerts and what is to be told of them into the state database. */
export async function putOutbox(state: State, alerts: readonly AlertSketch[], at: number): Promise<void> {
  await state.transaction(async (tx) => {
    for (const { id, level = 'high', notifier = 'slack', kind = 'opened', step = 'opened', joined } of alerts) {
      await tx
        .insertInto('alerts')
        .values({
          id,
          rule_id: 'r',
          rule_version: 'v',
          rule_name: 'rule',
          title: `Title of ${id}`,
          level,
          episode_key: id,
          group_values: '{}',
          count: 1,
          late_count: 0,
          first_at: at,
          last_at: at,
          told: '[]',
          tags: '[]',
          next_steps: '[]',
          state: 'open',
          opened_at: at,
          changed_at: at,
          changes: 0,
          kind: 'rule',
          details: null,
          first_trigger: null,
          last_trigger: null,
          part_of: null,
          found_by: null,
          former_first: null,
          former_last: null,
        })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
      await tx
        .insertInto('outbox')
        .values({
          key: `${id}.${step}.${notifier}`,
          notifier,
          alert_id: id,
          kind,
          state: 'pending',
          batch: null,
          alone: 0,
          attempts: 0,
          possible_repeat: 0,
          due_at: at,
          created_at: at,
          changed_at: at,
          why: null,
          ref: null,
          tried_at: null,
          joined: joined === undefined ? null : JSON.stringify(joined),
        })
        .execute();
    }
  });
}

/** An alert has so many more events, and lines of its history. */
export async function touchAlert(state: State, id: string, more: { readonly events?: number; readonly lines?: number }, at: number) {
  await state.transaction((tx) =>
    tx
      .updateTable('alerts')
      .set((set) => ({ count: set('count', '+', more.events ?? 0), changes: set('changes', '+', more.lines ?? 0), changed_at: at }))
      .where('id', '=', id)
      .execute(),
  );
}
