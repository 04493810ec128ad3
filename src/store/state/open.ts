import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Dialect, Kysely, PostgresDialect } from 'kysely';
import { Pool, TypeOverrides } from 'pg';
import { EarshotError } from '../../lib/errors.ts';
import { createActStore } from './acts.ts';
import { createAskStore } from './asks.ts';
import { createClickStore } from './clicks.ts';
import { asksToRepeat, asOutage } from './faults.ts';
import { createIngestKeys } from './ingest-keys.ts';
import { createLeases, holdsLease } from './leases.ts';
import { createListeningStore } from './listening.ts';
import { lookUpVersions } from './look-up-changes.ts';
import { migrate } from './migrate.ts';
import { createMuteStore } from './mutes.ts';
import { createListStore } from './named-lists.ts';
import { createPositions } from './positions.ts';
import { createRuleCare } from './rule-care.ts';
import { createSavedSearches } from './saved-searches.ts';
import { createScimGroups } from './scim-groups.ts';
import { createScimUsers } from './scim-users.ts';
import { createSessionStore } from './sessions.ts';
import type { PostgresSettings, StateSettings } from './settings.ts';
import { createSetupLinks } from './setup-links.ts';
import { NodeSqliteDialect } from './sqlite-dialect.ts';
import type { Lease, State, StateDb, StateTransaction, Tables } from './state.ts';
import { createTokenStore } from './tokens.ts';
import { createUserStore } from './users.ts';

export interface StateOptions {
  /** Folder of the SQLite file `state.db`; made where it is missing. */
  readonly folder: string;
  readonly now?: () => number;
  /** Hears of connections that broke while nobody used them. */
  readonly onError?: (error: Error) => void;
}

/** How often a transaction runs that the database asks to repeat. */
const REPEATS = 5;

/** Opens the state database and brings its tables up to date. A database written by a newer program is refused. */
export async function openState(settings: StateSettings, options: StateOptions): Promise<State> {
  const now = options.now ?? Date.now;
  const onError = options.onError ?? (() => {});
  const kind = settings.type;
  const dialect: Dialect =
    settings.type === 'sqlite'
      ? new NodeSqliteDialect(() => openSqlite(options.folder), settings.busy_timeout_ms)
      : new PostgresDialect({ pool: async () => openPool(settings, onError) });
  const db: StateDb = new Kysely<Tables>({ dialect });
  try {
    await migrate(db, kind);
  } catch (error) {
    await db.destroy().catch(() => {});
    throw asOutage(error);
  }
  return stateOver(db, now);
}

function stateOver(db: StateDb, now: () => number): State {
  const read = <T>(work: (db: StateDb) => Promise<T>): Promise<T> => translated(() => work(db));
  const transaction = <T>(work: (tx: StateTransaction) => Promise<T>): Promise<T> =>
    translated(() => repeated(() => db.transaction().execute(work)));
  const fenced = <T>(lease: Lease, work: (tx: StateTransaction) => Promise<T>): Promise<T | undefined> =>
    transaction(async (tx) => ((await holdsLease(tx, lease, now())) ? work(tx) : undefined));
  return {
    read,
    transaction,
    fenced,
    leases: createLeases(transaction, now),
    tokens: createTokenStore(read, transaction, now),
    users: createUserStore(read, transaction, now),
    sessions: createSessionStore(read, now),
    setupLinks: createSetupLinks(read, transaction, now),
    ingestKeys: createIngestKeys(read),
    positions: createPositions(read, now),
    lists: createListStore(read, transaction, now),
    scim: { ...createScimUsers(read, transaction, now), ...createScimGroups(read, transaction, now) },
    savedSearches: createSavedSearches(read, transaction, now),
    ruleCare: createRuleCare(read, transaction, now),
    clicks: createClickStore(read, transaction, now),
    acts: createActStore(read, transaction),
    asks: createAskStore(read, transaction),
    listening: createListeningStore(read, transaction, now),
    mutes: createMuteStore(read, now),
    lookUpVersions: () => lookUpVersions(read),
    close: () => db.destroy(),
  };
}

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asOutage(error);
  }
}

async function repeated<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= REPEATS || !asksToRepeat(error)) throw error;
    }
  }
}

/** Alerts hold personal data: the file is its owner's alone, and SQLite gives the files beside it the same mode. */
function openSqlite(folder: string): DatabaseSync {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'state.db');
  closeSync(openSync(path, 'a', 0o600));
  const database = new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: true });
  try {
    const mode = database.prepare('pragma journal_mode = wal').get()?.journal_mode;
    if (mode !== 'wal') {
      throw new EarshotError(
        'EAR_STATE_DOWN',
        `${path}: the file system cannot hold a write-ahead log (journal mode ${mode}); use a local disk`,
      );
    }
    database.exec('pragma synchronous = full; pragma trusted_schema = off;');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** PostgreSQL's 64-bit integers. All of ours are counts, places and times below 2^53; another value is a bug and must not be rounded. */
const INT8 = 20;

function openPool(settings: PostgresSettings, onError: (error: Error) => void): Pool {
  const types = new TypeOverrides();
  types.setTypeParser(INT8, wholeNumber);
  const pool = new Pool({
    connectionString: settings.url.reveal(),
    max: settings.pool_size,
    connectionTimeoutMillis: settings.connect_timeout_ms,
    statement_timeout: settings.statement_timeout_ms,
    idle_in_transaction_session_timeout: settings.statement_timeout_ms,
    application_name: 'earshot',
    options: '-c synchronous_commit=on -c client_min_messages=warning',
    types,
  });
  // A connection that breaks is replaced; without listeners, for the idle ones and for those at work, it would end the process.
  pool.on('error', onError);
  pool.on('connect', (client) => client.on('error', onError));
  return pool;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`the state database holds ${text}, which is no safe integer`);
  return value;
}
