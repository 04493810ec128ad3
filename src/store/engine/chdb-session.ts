import { Session } from 'chdb';
import { quote } from './statement.ts';

/** One statement as a session runs it. Settings and parameters are by name, in their text form. */
export interface Work {
  readonly id: string;
  readonly text: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  /** Used where the statement has no FORMAT of its own. */
  readonly format: string;
}

export interface WorkResult {
  readonly bytes: Uint8Array;
  readonly rowsRead: number;
  readonly bytesRead: number;
  readonly elapsedSecs: number;
}

/** An exception of the engine, with its number; `undefined` where it gave none, which is never ordinary. */
export class ChdbException extends Error {
  override readonly name = 'ChdbException';
  readonly code: number | undefined;
  /** The session may keep settings of this statement: it must not serve another. */
  sessionSpent = false;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    const match = /Code: (\d+)/.exec(message);
    this.code = match ? Number(match[1]) : undefined;
  }
}

/**
 * Of its own accord the engine reads with one thread less for each GiB that is not free under its bound on memory; ours is smaller than that,
 * and every search would be read by a single thread. What one statement may take is bounded by itself.
 */
const EACH: Readonly<Record<string, string>> = { max_threads_min_free_memory_per_thread: `${64 * 1024 ** 2}` };

/**
 * One chDB session: one statement at a time. Settings and parameters are set before a statement and taken back after it, because the
 * session keeps them. chDB's own binding of parameters is not used: it is serialised for the whole process and can abort the engine.
 */
export class ChdbSession {
  readonly #session: Session;
  /** Names this session has values for, from earlier statements. They cannot be unset. */
  readonly #stale = new Set<string>();

  constructor(path: string, connectionArgs: readonly string[]) {
    this.#session = new Session(path, connectionArgs.length > 0 ? { connectionArgs } : {});
  }

  /** Throws {@link ChdbException}. */
  async run(work: Work): Promise<WorkResult> {
    const names = Object.keys(work.params);
    const stale = [...this.#stale].find((name) => !names.includes(name) && new RegExp(`\\{\\s*${name}\\s*:`).test(work.text));
    if (stale !== undefined)
      throw new ChdbException(`Code: 456. DB::Exception: Query parameter \`${stale}\` was not set. (UNKNOWN_QUERY_PARAMETER)`);
    const settings = { ...EACH, ...work.settings, log_comment: work.id };
    await this.#orSpent(this.#execute(setStatement(settings, work.params)));
    for (const name of names) this.#stale.add(name);
    try {
      return await this.#execute(work.text, work.format);
    } finally {
      await this.#orSpent(this.#execute(resetStatement(Object.keys(settings), names)));
    }
  }

  /** Asks the engine to stop the statement with this id, on whatever session it runs. Never waits for it: `SYNC` has hung the process. */
  async kill(id: string): Promise<void> {
    await this.#execute(`KILL QUERY WHERE Settings['log_comment'] = ${quote(id)} AND query NOT LIKE 'KILL QUERY%' ASYNC`);
  }

  close(): void {
    this.#session.close();
  }

  async #orSpent(setting: Promise<unknown>): Promise<void> {
    try {
      await setting;
    } catch (error) {
      if (error instanceof ChdbException) error.sessionSpent = true;
      throw error;
    }
  }

  async #execute(text: string, format = 'Null'): Promise<WorkResult> {
    try {
      const result = await this.#session.queryAsync(text, { format });
      return { bytes: result.bytes(), rowsRead: result.rowsRead, bytesRead: result.bytesRead, elapsedSecs: result.elapsed };
    } catch (error) {
      throw new ChdbException(error instanceof Error ? error.message : String(error), { cause: error });
    }
  }
}

function setStatement(settings: Readonly<Record<string, string>>, params: Readonly<Record<string, string>>): string {
  const parts = Object.entries(settings).map(([name, value]) => `${name}=${quote(value)}`);
  for (const [name, value] of Object.entries(params)) parts.push(`param_${name}=${quote(value)}`);
  return `SET ${parts.join(', ')}`;
}

function resetStatement(settings: readonly string[], params: readonly string[]): string {
  return `SET ${[...settings.map((name) => `${name}=DEFAULT`), ...params.map((name) => `param_${name}=''`)].join(', ')}`;
}
