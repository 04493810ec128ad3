import { ClickHouseError } from '@clickhouse/client';
import { EngineError, type QueryFault } from '../store.ts';

/** ClickHouse's numbers for what passes by itself. All others are refusals. */
const FAULTS: Readonly<Record<number, QueryFault['code']>> = {
  159: 'timeout', // TIMEOUT_EXCEEDED
  160: 'timeout', // TOO_SLOW
  173: 'memory', // CANNOT_ALLOCATE_MEMORY
  202: 'busy', // TOO_MANY_SIMULTANEOUS_QUERIES
  203: 'busy', // NO_FREE_CONNECTION
  209: 'timeout', // SOCKET_TIMEOUT
  210: 'down', // NETWORK_ERROR
  236: 'down', // ABORTED: the server is shutting down
  241: 'memory', // MEMORY_LIMIT_EXCEEDED
  242: 'down', // TABLE_IS_READ_ONLY: a replica without its keeper
  243: 'disk_full', // NOT_ENOUGH_SPACE
  252: 'busy', // TOO_MANY_PARTS
  285: 'down', // TOO_FEW_LIVE_REPLICAS
  319: 'down', // UNKNOWN_STATUS_OF_INSERT
  394: 'cancelled', // QUERY_WAS_CANCELLED
  999: 'down', // KEEPER_EXCEPTION
};

/**
 * Turns whatever the client throws into an {@link EngineError}; `aborted` says why a request was given up: its caller went away, its time
 * was over, or the engine was found not to answer.
 */
export function toEngineError(error: unknown, aborted: 'caller' | 'time' | 'silence' | undefined): EngineError {
  if (error instanceof EngineError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const fault = (code: QueryFault['code'], engineCode?: number): EngineError =>
    new EngineError({ code, message, ...(engineCode !== undefined && { engineCode }) }, { cause: error });
  if (aborted === 'caller') return fault('cancelled');
  if (aborted === 'silence')
    return new EngineError({ code: 'down', message: 'The engine does not answer. It is restarted by itself.' }, { cause: error });
  if (aborted === 'time') return new EngineError({ code: 'timeout', message: 'The engine did not answer in time.' }, { cause: error });
  const engineCode = engineCodeOf(error, message);
  if (engineCode === undefined) return fault('down');
  // A full disk also shows as a failed write, with the system's own words.
  if (/No space left on device|Disk quota exceeded/.test(message)) return fault('disk_full', engineCode);
  return fault(FAULTS[engineCode] ?? 'refused', engineCode);
}

function engineCodeOf(error: unknown, message: string): number | undefined {
  const code = error instanceof ClickHouseError ? Number(error.code) : Number(/^Code: (\d+)/.exec(message)?.[1]);
  return Number.isInteger(code) ? code : undefined;
}
