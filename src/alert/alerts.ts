import { err, ok, type Result } from '../lib/result.ts';
import { storable } from '../lib/storable-text.ts';
import type { ToldAlert } from '../model/alert.ts';
import type { AlertChange, AlertChangeWish } from '../model/alert-life.ts';
import type { AlertCounts, AlertFilter, AlertQuery, AlertStats, AlertStatsQuery, Relation } from '../model/alert-query.ts';
import type { AlertRow, OutboxRow, State, StateDb, StateTransaction } from '../store/state/state.ts';
import { silent, type Telemetry } from '../telemetry/telemetry.ts';
import { type Alongside, anyDue, type Changed, type ChangeFault, changeAlert, wakeDue } from './alert-changes.ts';
import { type Cursor, countAlerts, listRows, MOST } from './alert-list.ts';
import { earlierRows, relatedRows } from './alert-related.ts';
import { changeOf, lockAlerts, type StoredAlert, withEvidence } from './alert-rows.ts';
import { alertStats } from './alert-stats.ts';
import type { Router } from './routing.ts';
import { toldAlerts } from './told-alerts.ts';

/** One notifier's part in an alert. */
export interface AlertDelivery {
  readonly key: string;
  readonly notifier: string;
  readonly kind: OutboxRow['kind'];
  readonly state: OutboxRow['state'];
  readonly attempts: number;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly why: string | undefined;
}

export interface AlertDetail extends StoredAlert {
  readonly history: readonly AlertChange[];
  readonly deliveries: readonly AlertDelivery[];
}

export interface AlertPage {
  readonly alerts: readonly StoredAlert[];
  /** Where the next page begins; absent at the end. */
  readonly next?: string;
}

export interface RelatedAlerts {
  /** Of the same person, host or address, within a day, with what they share; the one that shares most, and what is rare, first. */
  readonly related: readonly { readonly alert: StoredAlert; readonly why: readonly Relation[] }[];
  /** Of the same rule on the same group, before this one, newest first. */
  readonly earlier: readonly StoredAlert[];
}

/** An alert to change, and the revision of it that the actor saw. */
export interface Named {
  readonly id: string;
  readonly revision?: number | undefined;
}

/** A change of one alert, with what is to be written alongside. */
export interface Wished {
  readonly id: string;
  readonly wish: AlertChangeWish;
  readonly alongside?: Alongside;
}

export interface ChangedOne {
  readonly id: string;
  readonly outcome: 'changed' | ChangeFault;
}

/** What people ask and do about alerts. */
export interface Alerts {
  /** `bad_cursor` when the cursor is none of ours. */
  list(query: AlertQuery): Promise<Result<AlertPage, 'bad_cursor'>>;
  counts(filter: AlertFilter): Promise<AlertCounts>;
  stats(query: AlertStatsQuery): Promise<AlertStats>;
  get(id: string): Promise<AlertDetail | undefined>;
  related(id: string, datasets?: readonly string[]): Promise<RelatedAlerts | undefined>;
  /** Alerts by id; those that are not there are left out. */
  byIds(ids: readonly string[]): Promise<StoredAlert[]>;
  /** The same, as people are told of them; a handful at a time. */
  told(ids: readonly string[]): Promise<ToldAlert[]>;
  /** Does what somebody wishes, and keeps who did it, all with what is to be written alongside. Hits after a resolution open a new alert. */
  change(id: string, wish: AlertChangeWish, alongside?: Alongside): Promise<Result<StoredAlert, ChangeFault>>;
  /** The same for several, in one transaction and in their order; each may fail by itself. */
  changeEach(changes: readonly Wished[]): Promise<readonly ChangedOne[]>;
  /** One thing to many, in one transaction; each may fail by itself. */
  changeMany(ones: readonly Named[], wish: Omit<AlertChangeWish, 'revision'>): Promise<readonly ChangedOne[]>;
  /** Opens the alerts that have slept until their time, and tells of them by that router; gives how many. */
  wakeDue(router: Router): Promise<number>;
}

const HISTORY = 200;

export function createAlerts(state: State, now: () => number, telemetry: Telemetry = silent): Alerts {
  const changeEach: Alerts['changeEach'] = async (changes) => {
    if (changes.length === 0) return [];
    const changed = await state.transaction((tx) => changeAll(tx, changes, now()));
    for (const { result } of changed) if (result.ok) observe(telemetry, result.value);
    return changed.map(({ id, result }) => ({ id, outcome: result.ok ? 'changed' : result.error }));
  };
  return {
    list: async (query) => {
      const after = query.cursor === undefined ? undefined : readCursor(query.cursor);
      if (query.cursor !== undefined && after === undefined) return err('bad_cursor');
      return ok(await state.read((db) => list(db, query, after)));
    },
    counts: (filter) => state.read((db) => countAlerts(db, filter)),
    stats: (query) => state.read((db) => alertStats(db, query)),
    get: (id) => state.read((db) => detail(db, storable(id))),
    related: (id, datasets) => state.read((db) => related(db, storable(id), datasets)),
    byIds: (ids) => state.read((db) => byIds(db, ids)),
    told: (ids) => state.read((db) => toldAlerts(db, ids)),
    change: async (id, wish, alongside) => {
      const changed = await state.transaction(async (tx) => {
        await lockAlerts(tx);
        return await changeAlert(tx, id, wish, now(), alongside);
      });
      if (!changed.ok) return changed;
      // After the commit: a transaction may run twice.
      observe(telemetry, changed.value);
      const [alert] = await state.read((db) => withEvidence(db, [changed.value.row]));
      return alert === undefined ? err('not_found') : ok(alert);
    },
    changeEach,
    changeMany: (ones, wish) => changeEach(ones.map(({ id, revision }) => ({ id, wish: { ...wish, revision } }))),
    wakeDue: async (router) => {
      if (!(await state.read((db) => anyDue(db, now())))) return 0;
      return await state.transaction((tx) => wakeDue(tx, router, now()));
    },
  };
}

async function changeAll(tx: StateTransaction, changes: readonly Wished[], now: number) {
  const all: { readonly id: string; readonly result: Result<Changed, ChangeFault> }[] = [];
  await lockAlerts(tx);
  for (const { id, wish, alongside } of changes) all.push({ id, result: await changeAlert(tx, id, wish, now, alongside) });
  return all;
}

function observe(telemetry: Telemetry, { row: { level }, acknowledgedAfterSecs, resolvedAfterSecs }: Changed): void {
  if (acknowledgedAfterSecs !== undefined) telemetry.observe('earshot_alert_acknowledge_seconds', { level }, acknowledgedAfterSecs);
  if (resolvedAfterSecs !== undefined) telemetry.observe('earshot_alert_resolve_seconds', { level }, resolvedAfterSecs);
}

async function list(db: StateDb, query: AlertQuery, after: Cursor | undefined): Promise<AlertPage> {
  const { rows, next } = await listRows(db, query, after);
  const alerts = await withEvidence(db, rows);
  return next === undefined ? { alerts } : { alerts, next: writeCursor(next) };
}

async function byIds(db: StateDb, ids: readonly string[]): Promise<StoredAlert[]> {
  const found: StoredAlert[] = [];
  for (let at = 0; at < ids.length; at += MOST) {
    const some = ids.slice(at, at + MOST).map(storable);
    found.push(...(await withEvidence(db, await db.selectFrom('alerts').selectAll().where('id', 'in', some).execute())));
  }
  return found;
}

async function related(db: StateDb, id: string, datasets: readonly string[] | undefined): Promise<RelatedAlerts | undefined> {
  const row = await db.selectFrom('alerts').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) return undefined;
  const others = await relatedRows(db, row, datasets);
  const earlier = await earlierRows(db, row, datasets);
  const alerts = new Map(
    (await withEvidence(db, distinct([...others.map((each) => each.row), ...earlier]))).map((each) => [each.id, each]),
  );
  return {
    related: others.flatMap((each) => {
      const alert = alerts.get(each.row.id);
      return alert === undefined ? [] : [{ alert, why: each.why }];
    }),
    earlier: earlier.flatMap((each) => alerts.get(each.id) ?? []),
  };
}

const distinct = (rows: readonly AlertRow[]): AlertRow[] => [...new Map(rows.map((row) => [row.id, row])).values()];

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
  const history = changes.reverse().map(changeOf);
  const deliveries = outbox.map((row) => ({
    key: row.key,
    notifier: row.notifier,
    kind: row.kind,
    state: row.state,
    attempts: row.attempts,
    createdAt: row.created_at,
    changedAt: row.changed_at,
    why: row.why ?? undefined,
  }));
  return { ...alert, history, deliveries };
}

const writeCursor = ({ rank, lastAt, id }: Cursor): string => Buffer.from(`${rank}.${lastAt}.${id}`).toString('base64url');

function readCursor(text: string): Cursor | undefined {
  const match = /^(\d)\.(-?\d{1,16})\.([0-9a-f]{1,64})$/.exec(Buffer.from(text, 'base64url').toString());
  return match === null ? undefined : { rank: Number(match[1]), lastAt: Number(match[2]), id: match[3] ?? '' };
}
