import { writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { setImmediate as breathe } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { type ClickHouseClient, ClickHouseLogLevel, type ClickHouseSettings, createClient, type ResultSet } from '@clickhouse/client';
import type { Secret } from '../../lib/secret.ts';
import type { Sql } from '../sql.ts';
import { EngineError, type EventEngine, type InsertBlock, type QueryBounds } from '../store.ts';
import { toEngineError } from './faults.ts';
import { HANDED_HEADER, handedFolder } from './incoming.ts';

/** Where the engine is: the embedded one's socket, or a ClickHouse server. */
export type EngineAddress =
  | { readonly socketPath: string }
  | { readonly url: string; readonly username?: string; readonly password?: Secret };

export interface EngineClientOptions {
  readonly insertTimeoutMs?: number;
  /** Aborted while the engine is known not to answer; another one once it answers again. A server is believed to answer. */
  readonly silence?: () => AbortSignal;
}

/** More than may run or wait in the engine, so that its lanes decide who is served, and not who came first here. */
const CONNECTIONS = 256;
/**
 * After the engine's own bound, how long its answer may take to come. It kills what is overdue after 3 s and gives it up 6 s later
 * (`session-pool.ts`): who changes something waits for that, so as to know what came of it. A person who searches has nothing to know.
 */
const ANSWER_GRACE_MS = 12_000;
const SEARCH_GRACE_MS = 2_000;
const COMMAND_TIMEOUT_MS = 600_000;
const INSERT_TIMEOUT_MS = 60_000;

/** What ends a request that was not answered. */
interface Ends {
  readonly afterMs: number;
  readonly caller?: AbortSignal | undefined;
  readonly silence?: AbortSignal | undefined;
}

/** Connects to a Unix socket, whatever host is asked for. */
class SocketAgent extends Agent {
  readonly #path: string;

  constructor(path: string) {
    super({ keepAlive: true, maxSockets: CONNECTIONS });
    this.#path = path;
  }

  override createConnection(): Socket {
    return connect(this.#path);
  }
}

/** {@link EventEngine} over ClickHouse's HTTP interface. It serves the embedded engine; against a ClickHouse cluster it has not been run yet. */
export class EngineClient implements EventEngine {
  readonly #client: ClickHouseClient;
  readonly #agent: Agent | undefined;
  readonly #options: EngineClientOptions;
  readonly #handed: string | undefined;
  #count = 0;

  constructor(address: EngineAddress, options: EngineClientOptions = {}) {
    this.#options = options;
    const embedded = 'socketPath' in address;
    this.#handed = embedded ? handedFolder(dirname(address.socketPath)) : undefined;
    this.#agent = embedded ? new SocketAgent(address.socketPath) : undefined;
    this.#client = createClient({
      url: embedded ? 'http://engine' : address.url,
      ...(!embedded && address.username !== undefined && { username: address.username }),
      ...(!embedded && address.password !== undefined && { password: address.password.reveal() }),
      ...(this.#agent && { http_agent: this.#agent }),
      max_open_connections: CONNECTIONS,
      request_timeout: COMMAND_TIMEOUT_MS + ANSWER_GRACE_MS,
      application: 'earshot',
      log: { level: ClickHouseLogLevel.OFF },
    });
  }

  get up(): boolean {
    return this.#options.silence?.().aborted !== true;
  }

  /**
   * A search that gets no answer fails 2 s after its bound, and at once when the engine is found not to answer: with the embedded engine's
   * checks, some 10 s after it hung.
   */
  async query<Row>(statement: Sql, bounds: QueryBounds): Promise<Row[]> {
    const afterMs = bounds.timeoutMs + (bounds.lane === 'search' || bounds.lane === undefined ? SEARCH_GRACE_MS : ANSWER_GRACE_MS);
    const ends = { afterMs, caller: bounds.signal, silence: this.#options.silence?.() };
    const rows = await this.#bounded(ends, async (abort_signal) => {
      const result = await this.#client.query({
        query: statement.text,
        format: 'JSONEachRow',
        abort_signal,
        clickhouse_settings: { ...paramsOf(statement), ...boundsOf(bounds), readonly: '2', output_format_json_quote_64bit_integers: 1 },
        ...(bounds.lane && { http_headers: { 'x-earshot-lane': bounds.lane } }),
      });
      return await rowsOf<Row>(result);
    });
    // `break` stops after the block in which the bound was reached.
    return rows.length > bounds.maxRows ? rows.slice(0, bounds.maxRows) : rows;
  }

  async command(statement: Sql): Promise<void> {
    await this.#bounded({ afterMs: COMMAND_TIMEOUT_MS + ANSWER_GRACE_MS }, (abort_signal) =>
      this.#client.command({
        query: statement.text,
        abort_signal,
        clickhouse_settings: { ...paramsOf(statement), max_execution_time: COMMAND_TIMEOUT_MS / 1000, wait_end_of_query: 1 },
      }),
    );
  }

  async insert(block: InsertBlock): Promise<void> {
    if (block.rows === 0) return;
    const timeoutMs = this.#options.insertTimeoutMs ?? INSERT_TIMEOUT_MS;
    await this.#bounded({ afterMs: timeoutMs + ANSWER_GRACE_MS }, async (abort_signal) => {
      const handed = await this.#handOver(block);
      const { stream } = await this.#client.exec({
        query: `INSERT INTO ${block.table} (${block.columns.join(', ')}) FORMAT RowBinary`,
        values: Readable.from(handed === undefined ? [block.body] : []),
        ...(handed !== undefined && { http_headers: { [HANDED_HEADER]: handed } }),
        abort_signal,
        clickhouse_settings: {
          insert_deduplication_token: block.token,
          insert_deduplicate: 1,
          deduplicate_insert_select: 'force_enable',
          max_execution_time: timeoutMs / 1000,
          wait_end_of_query: 1,
          // An import may hold many days; the filing day bounds them.
          max_partitions_per_insert_block: '0',
          max_insert_threads: '1',
          max_threads: 1,
        },
      });
      stream.resume();
    });
  }

  /** Puts the body where the embedded engine finds it; its name, or undefined for a server, which gets it in the request. The engine removes it. */
  async #handOver(block: InsertBlock): Promise<string | undefined> {
    if (this.#handed === undefined) return undefined;
    const name = `${process.pid}-${threadId}-${++this.#count}`;
    await writeFile(join(this.#handed, name), block.body, { mode: 0o600 });
    return name;
  }

  /** Whether the engine answers a statement within the time. Never throws. */
  async ping(timeoutMs: number): Promise<boolean> {
    const signal = AbortSignal.timeout(timeoutMs);
    const { success } = await this.#client.ping({ select: false, abort_signal: signal });
    return success;
  }

  async close(): Promise<void> {
    await this.#client.close();
    this.#agent?.destroy();
  }

  async #bounded<T>({ afterMs, caller, silence }: Ends, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (caller?.aborted) throw new EngineError({ code: 'cancelled', message: 'The caller gave up.' });
    if (!this.up) throw toEngineError(undefined, 'silence');
    const time = AbortSignal.timeout(afterMs);
    const signal = AbortSignal.any([time, caller, silence].filter((each) => each !== undefined));
    try {
      return await act(signal);
    } catch (error) {
      throw toEngineError(error, caller?.aborted ? 'caller' : silence?.aborted ? 'silence' : time.aborted ? 'time' : undefined);
    }
  }
}

/** Some hundred rows come at a time. Of a long answer megabytes may be there already, which read at once would hold up the thread for tens of milliseconds. */
async function rowsOf<Row>(result: ResultSet<'JSONEachRow'>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const part of result.stream<Row>()) {
    if (rows.length > 0) await breathe();
    for (const row of part) rows.push(row.json());
  }
  return rows;
}

/** A statement of lower priority (2) waits at each block while one of a higher (1) runs; those without (0) neither wait nor are waited for. */
const PRIORITY: Readonly<Record<NonNullable<QueryBounds['lane']>, ClickHouseSettings>> = {
  search: { priority: '1' },
  system: {},
  detect: {},
  background: { priority: '2', low_priority_query_wait_time_ms: '100', max_threads: 1 },
};

function boundsOf({ timeoutMs, maxMemoryBytes, maxRows, lane = 'search' }: QueryBounds): ClickHouseSettings {
  return {
    ...PRIORITY[lane],
    max_execution_time: timeoutMs / 1000,
    timeout_overflow_mode: 'throw',
    max_memory_usage: `${maxMemoryBytes}`,
    max_result_rows: `${maxRows}`,
    result_overflow_mode: 'break',
  };
}

/**
 * Parameters go as `param_<name>` in their text form. The client would do it with `query_params`, but it escapes every string, and an
 * array in its text form must not be escaped.
 */
function paramsOf({ text, params }: Sql): ClickHouseSettings {
  const settings: Record<string, string> = {};
  for (const [name, value] of Object.entries(params)) {
    const isText = new RegExp(`\\{${name}:(?:Nullable\\(|LowCardinality\\()*String\\b`).test(text);
    settings[`param_${name}`] = isText ? escapeText(value) : value;
  }
  return settings;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r', '\0': '\\0' };

/** The text form of a String parameter: that of TabSeparated. */
const escapeText = (value: string): string => value.replace(/[\\\t\n\r\0]/g, (c) => ESCAPES[c] ?? c);
