import type { Finding } from '../model/found.ts';
import type { AlertRow, StateDb } from '../store/state/state.ts';
import { chunks } from './alert-rows.ts';

type Db = Pick<StateDb, 'selectFrom'>;

/** What is known of the versions of some definitions, by identity. */
export interface Versions {
  /** Those that it had before; none for one that is itself of the past. */
  readonly former: ReadonlyMap<string, readonly string[]>;
  /** Those that another has followed, which finds by itself what still holds. */
  readonly followed: ReadonlySet<string>;
}

export async function versionsOf(db: Db, identities: readonly string[]): Promise<Versions> {
  const former = new Map<string, readonly string[]>();
  const followed = new Set<string>();
  for (const some of chunks([...new Set(identities)])) {
    const ruleIds = db.selectFrom('counters').select('rule_id').where('identity', 'in', some);
    const rows = await db.selectFrom('counters').select(['identity', 'rule_id', 'phase']).where('rule_id', 'in', ruleIds).execute();
    for (const own of Map.groupBy(rows, ({ rule_id }) => rule_id).values()) {
      const past = own.filter(({ phase }) => phase === 'retired').map(({ identity }) => identity);
      const isFollowed = own.some(({ phase }) => phase === 'live');
      for (const { identity, phase } of own)
        if (phase !== 'retired') former.set(identity, past);
        else if (isFollowed) followed.add(identity);
    }
  }
  return { former, followed };
}

/** Equal values are the same group only under the same names. */
export const isOfGroup = ({ group_values }: AlertRow, { group }: Finding): boolean =>
  JSON.stringify(Object.keys(JSON.parse(group_values) as Record<string, string>)) === JSON.stringify(Object.keys(group));

/** Alerts, each of its own, that former versions of the identity found between these times, and that it has not taken over. */
export async function leftBehind(db: Db, identity: string, from: number, to: number): Promise<AlertRow[]> {
  const { former } = await versionsOf(db, [identity]);
  const rows: AlertRow[] = [];
  for (const some of chunks(former.get(identity) ?? []))
    rows.push(
      ...(await db
        .selectFrom('alerts')
        .selectAll()
        .where('found_by', 'in', some)
        .where('part_of', 'is', null)
        .where('first_trigger', '>=', from)
        .where('last_trigger', '<=', to)
        .orderBy('id')
        .execute()),
    );
  return rows;
}

/** Back to when the rows of an identity's past are there; undefined where it is not known. */
export async function filledTo(db: Db, identity: string): Promise<number | undefined> {
  const row = await db.selectFrom('counters').select('filled_to').where('identity', '=', identity).executeTakeFirst();
  return row?.filled_to ?? undefined;
}
