import type { Sql } from './sql.ts';

/** Bounds of one query. Every query has them: an unbounded one can take the engine down. */
export interface QueryBounds {
  readonly timeoutMs: number;
  readonly maxMemoryBytes: number;
  /** The engine stops with what it has. */
  readonly maxRows: number;
  readonly signal?: AbortSignal;
  /**
   * Which of the engine's lanes serves it: people's searches, what must run however many people search, what detects, or what nobody waits
   * for (one at a time, on one thread, giving way to searches). Absent: `search`.
   */
  readonly lane?: 'search' | 'system' | 'detect' | 'background';
}

/**
 * Why the engine did not do it. `down`, `timeout`, `busy`, `memory` and `disk_full` pass by themselves: the same again, later.
 * `refused` does not: the statement or the data is at fault.
 */
export type QueryFault = {
  readonly code: 'down' | 'timeout' | 'busy' | 'memory' | 'disk_full' | 'cancelled' | 'refused';
  readonly message: string;
  /** ClickHouse's own number, such as 47 UNKNOWN_IDENTIFIER; absent where the engine did not answer. */
  readonly engineCode?: number;
};

/** The event engine as its users see it: embedded (chDB in a child process) or a ClickHouse server. Faults are thrown as {@link EngineError}. */
export interface EventEngine {
  /** Rows as objects; 64-bit integers as strings. Read-only. */
  query<Row>(statement: Sql, bounds: QueryBounds): Promise<Row[]>;
  /** Statements that change the schema or drop partitions; not for values a user typed. */
  command(statement: Sql): Promise<void>;
  /** Stores a block, exactly once by its token: the same token again changes nothing. */
  insert(block: InsertBlock): Promise<void>;
  readonly up: boolean;
}

export interface InsertBlock {
  readonly table: string;
  readonly columns: readonly string[];
  /** Rows in ClickHouse's RowBinary. */
  readonly body: Buffer;
  readonly rows: number;
  readonly token: string;
}

export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly fault: QueryFault;

  constructor(fault: QueryFault, options?: ErrorOptions) {
    super(fault.message, options);
    this.fault = fault;
  }
}
