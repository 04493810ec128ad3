import { err, ok, type Result } from '../lib/result.ts';
import { storable } from '../lib/storable-text.ts';
import type { Alert } from '../model/alert.ts';
import { LEVELS, type Level } from '../model/severity.ts';
import type { AlertChangeRow, OutboxRow, State, StateDb, StateTransaction } from '../store/state/state.ts';
import { lockAlerts, type StoredAlert, withEvidence } from './alert-rows.ts';

export interface AlertChange {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly change: AlertChangeRow['change'];
  readonly actor: string;
  readonly note: string;
  readonly count: number;
}

/** One notifier's part in an alert. */
export interface AlertDelivery {
  readonly key: string;
  readonly notifier: string;
  readonly kind: OutboxRow['kind'];
  readonly state: OutboxRow['state'];
  readonly attempts: number;
  readonly changedAt: number;
  readonly why: string | undefined;
}

export interface AlertDetail extends StoredAlert {
  readonly history: readonly AlertChange[];
  readonly deliveries: readonly AlertDelivery[];
}

export interface AlertQuery {
  readonly states?: readonly Alert['state'][];
  readonly leastLevel?: Level;
  /** A rule's name or id. */
  readonly rule?: string;
  /** Only alerts with an event at or after this, and before `to`; milliseconds since the epoch. */
  readonly from?: number;
  readonly to?: number;
  /** The `next` of the page before. */
  readonly cursor?: string;
  readonly limit?: number;
}

export interface AlertPage {
  readonly alerts: readonly StoredAlert[];
  /** Where the next page begins; absent at the end. */
  readonly next?: string;
}

export interface StateChange {
  readonly to: Alert['state'];
  readonly actor: string;
  readonly note?: string;
}

/** What people ask and do about alerts. */
export interface Alerts {
  /** Newest activity first. `bad_cursor` when the cursor is none of ours. */
  list(query: AlertQuery): Promise<Result<AlertPage, 'bad_cursor'>>;
  get(id: string): Promise<AlertDetail | undefined>;
  /** Alerts by id; those that are not there are left out. */
  byIds(ids: readonly string[]): Promise<StoredAlert[]>;
  /** Acknowledges, resolves or reopens, and keeps who did it. Hits after a resolution open a new alert. */
  setState(id: string, change: StateChange): Promise<Result<StoredAlert, 'not_found' | 'unchanged'>>;
}

const PAGE = 50;
const MOST = 500;
const HISTORY = 200;

export function createAlerts(state: State, now: () => number): Alerts {
  return {
    list: async (query) => {
      const after = query.cursor === undefined ? undefined : readCursor(query.cursor);
      if (query.cursor !== undefined && after === undefined) return err('bad_cursor');
      return ok(await state.read((db) => list(db, query, after)));
    },
    get: (id) => state.read((db) => detail(db, storable(id))),
    byIds: (ids) => state.read((db) => byIds(db, ids)),
    setState: (id, change) => state.transaction((tx) => setState(tx, storable(id), change, now())),
  };
}

async function list(db: StateDb, query: AlertQuery, after: Cursor | undefined): Promise<AlertPage> {
  const { states, leastLevel, rule, from, to } = query;
  const limit = Math.max(1, Math.min(query.limit ?? PAGE, MOST));
  let select = db.selectFrom('alerts').selectAll();
  if (states !== undefined && states.length > 0) select = select.where('state', 'in', states);
  if (leastLevel !== undefined) select = select.where('level', 'in', LEVELS.slice(LEVELS.indexOf(leastLevel)));
  if (rule !== undefined) select = select.where((where) => where.or([where('rule_id', '=', rule), where('rule_name', '=', rule)]));
  if (from !== undefined) select = select.where('last_at', '>=', from);
  if (to !== undefined) select = select.where('first_at', '<', to);
  if (after !== undefined) {
    const [lastAt, id] = after;
    select = select.where((where) =>
      where.or([where('last_at', '<', lastAt), where.and([where('last_at', '=', lastAt), where('id', '<', id)])]),
    );
  }
  const rows = await select
    .orderBy('last_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const alerts = await withEvidence(db, rows.slice(0, limit));
  const end = rows.length > limit ? alerts.at(-1) : undefined;
  return end === undefined ? { alerts } : { alerts, next: writeCursor([end.lastAt, end.id]) };
}

async function byIds(db: StateDb, ids: readonly string[]): Promise<StoredAlert[]> {
  if (ids.length === 0) return [];
  return withEvidence(db, await db.selectFrom('alerts').selectAll().where('id', 'in', ids).execute());
}

async function detail(db: StateDb, id: string): Promise<AlertDetail | undefined> {
  const [alert] = await byIds(db, [id]);
  if (alert === undefined) return undefined;
  const changes = await db
    .selectFrom('alert_changes')
    .selectAll()
    .where('alert_id', '=', id)
    .orderBy('position', 'desc')
    .limit(HISTORY)
    .execute();
  const outbox = await db.selectFrom('outbox').selectAll().where('alert_id', '=', id).orderBy('created_at').orderBy('key').execute();
  const history = changes.reverse().map(({ at, change, actor, note, count }) => ({ at, change, actor, note, count }));
  const deliveries = outbox.map((row) => ({
    key: row.key,
    notifier: row.notifier,
    kind: row.kind,
    state: row.state,
    attempts: row.attempts,
    changedAt: row.changed_at,
    why: row.why ?? undefined,
  }));
  return { ...alert, history, deliveries };
}

const CHANGE = { open: 'reopened', acknowledged: 'acknowledged', resolved: 'resolved' } as const;

async function setState(
  tx: StateTransaction,
  id: string,
  { to, actor, note }: StateChange,
  now: number,
): Promise<Result<StoredAlert, 'not_found' | 'unchanged'>> {
  await lockAlerts(tx);
  const row = await tx.selectFrom('alerts').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) return err('not_found');
  if (row.state === to) return err('unchanged');
  await tx
    .insertInto('alert_changes')
    .values({
      alert_id: id,
      position: row.changes,
      at: now,
      change: CHANGE[to],
      actor: storable(actor),
      note: storable(note ?? ''),
      count: row.count,
    })
    .execute();
  const changed = { state: to, changed_at: now, changes: row.changes + 1 };
  await tx.updateTable('alerts').set(changed).where('id', '=', id).execute();
  const [alert] = await withEvidence(tx, [{ ...row, ...changed }]);
  return alert === undefined ? err('not_found') : ok(alert);
}

type Cursor = readonly [lastAt: number, id: string];

const writeCursor = ([lastAt, id]: Cursor): string => Buffer.from(`${lastAt}.${id}`).toString('base64url');

function readCursor(text: string): Cursor | undefined {
  const match = /^(-?\d{1,16})\.([0-9a-f]{1,64})$/.exec(Buffer.from(text, 'base64url').toString());
  return match === null ? undefined : [Number(match[1]), match[2] ?? ''];
}
