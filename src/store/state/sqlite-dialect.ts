import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { setImmediate as breathe, setTimeout as wait } from 'node:timers/promises';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';

/** Compiled statements kept. Their texts come from code; only lists of varying length make more of them. */
const STATEMENTS = 200;
/** How often a locked database is asked again. */
const ASK_AGAIN_MS = 10;
const SQLITE_BUSY = 5;
/** How long statements may follow one another before the thread's other work gets its turn. */
const SLICE_MS = 20;

/** Kysely on Node's own SQLite: no native addon. One connection; Kysely makes its users wait for one another. */
export class NodeSqliteDialect implements Dialect {
  readonly #open: () => DatabaseSync;
  readonly #busyTimeoutMs: number;

  constructor(open: () => DatabaseSync, busyTimeoutMs: number) {
    this.#open = open;
    this.#busyTimeoutMs = busyTimeoutMs;
  }

  createDriver(): Driver {
    return new NodeSqliteDriver(this.#open, this.#busyTimeoutMs);
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): DialectAdapter {
    return new TransactionalAdapter();
  }

  // biome-ignore lint/suspicious/noExplicitAny: the signature is Kysely's.
  createIntrospector(db: Kysely<any>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }
}

/** SQLite's DDL is transactional; Kysely's own adapter says no. With it a migration is whole or not there, and two openers take turns. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class NodeSqliteDriver implements Driver {
  readonly #open: () => DatabaseSync;
  readonly #busyTimeoutMs: number;
  #connection: NodeSqliteConnection | undefined;

  constructor(open: () => DatabaseSync, busyTimeoutMs: number) {
    this.#open = open;
    this.#busyTimeoutMs = busyTimeoutMs;
  }

  async init(): Promise<void> {
    const database = await whenFree(this.#open, this.#busyTimeoutMs);
    this.#connection = new NodeSqliteConnection(database, this.#busyTimeoutMs);
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#opened();
  }

  /** `immediate` takes the write lock at the start: a transaction never finds out half-way that another process was first. */
  async beginTransaction(): Promise<void> {
    await this.#opened().run('begin immediate');
  }

  async commitTransaction(): Promise<void> {
    await this.#opened().run('commit');
  }

  async rollbackTransaction(): Promise<void> {
    this.#opened().rollback();
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {
    this.#connection?.close();
    this.#connection = undefined;
  }

  #opened(): NodeSqliteConnection {
    if (this.#connection === undefined) throw new Error('the state database is closed');
    return this.#connection;
  }
}

class NodeSqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #busyTimeoutMs: number;
  readonly #statements = new Map<string, StatementSync>();
  #breathedAt = 0;

  constructor(database: DatabaseSync, busyTimeoutMs: number) {
    this.#database = database;
    this.#busyTimeoutMs = busyTimeoutMs;
  }

  run(text: string): Promise<void> {
    return whenFree(() => this.#database.exec(text), this.#busyTimeoutMs);
  }

  /** A full disk or an I/O error makes SQLite roll back by itself: then there is nothing left to do. */
  rollback(): void {
    if (this.#database.isTransaction) this.#database.exec('rollback');
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const result = await whenFree(() => this.#execute<R>(query), this.#busyTimeoutMs);
    if (performance.now() - this.#breathedAt > SLICE_MS) {
      await breathe();
      this.#breathedAt = performance.now();
    }
    return result;
  }

  #execute<R>(query: CompiledQuery): QueryResult<R> {
    const statement = this.#statement(query.sql);
    const parameters = query.parameters.map(bindable);
    // The rows' type is the caller's promise, as everywhere in Kysely.
    if (statement.columns().length > 0) return { rows: statement.all(...parameters) as R[] };
    return { rows: [], numAffectedRows: BigInt(statement.run(...parameters).changes) };
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    for (const row of this.#statement(query.sql).iterate(...query.parameters.map(bindable))) yield { rows: [row as R] };
  }

  #statement(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const made = this.#database.prepare(text);
    if (this.#statements.size >= STATEMENTS) this.#statements.delete(this.#statements.keys().next().value ?? '');
    this.#statements.set(text, made);
    return made;
  }
}

/**
 * Runs a statement, again and again while another process holds the lock. SQLite's own waiting would hold up the whole thread: the
 * web page and the listeners with it.
 */
async function whenFree<T>(work: () => T, timeoutMs: number): Promise<T> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() >= until) throw error;
    }
    await wait(ASK_AGAIN_MS);
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && (error.errcode & 0xff) === SQLITE_BUSY;

/** Node binds every number as a float; whole ones must arrive as integers, or `LIMIT` and arithmetic see 3.0. */
function bindable(value: unknown): SQLInputValue {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (value === null || typeof value === 'string' || typeof value === 'bigint' || value instanceof Uint8Array) return value;
  throw new TypeError(`SQLite cannot hold a ${typeof value}`);
}
