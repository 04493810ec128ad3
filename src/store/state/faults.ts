import { EarshotError } from '../../lib/errors.ts';

/** SQLite's primary result codes that say the file or the disk, not the statement, is at fault (sqlite.org/rescode.html). */
const SQLITE_OUTAGES: Readonly<Record<number, string>> = {
  5: 'another process keeps it locked',
  8: 'the file or its folder is read-only',
  10: 'the disk failed to read or write',
  11: 'the file is damaged',
  13: 'the disk is full',
  14: 'the file cannot be opened',
  26: 'the file is no database',
};

/** PostgreSQL's SQLSTATE classes of a server or a connection in trouble: connection, resources, operator intervention, system error, log-in. */
const POSTGRES_OUTAGE = /^(08|53|57|58|28|3D|XX)/;
/** Serialization failure, deadlock: the transaction may simply run again. */
const POSTGRES_REPEAT = new Set(['40001', '40P01']);
const NETWORK_OUTAGES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
  'EACCES',
  'EHOSTUNREACH',
]);
/** What `pg` says, without a code, of a connection that went away or never came. */
const POSTGRES_LOST =
  /connection terminated|timeout exceeded when trying to connect|connection timeout|client has encountered a connection error/i;

/** The error as `EAR_STATE_DOWN` where the database is not answering; any other error as it is. */
export function asOutage(error: unknown): unknown {
  if (error instanceof EarshotError || !(error instanceof Error)) return error;
  const why = outage(error);
  return why === undefined ? error : new EarshotError('EAR_STATE_DOWN', `state database: ${why}`, { cause: error });
}

export const asksToRepeat = (error: unknown): boolean => error instanceof Error && POSTGRES_REPEAT.has(codeOf(error));

function outage(error: Error): string | undefined {
  const code = codeOf(error);
  if (code === 'ERR_SQLITE_ERROR') {
    const primary = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : 0;
    const why = SQLITE_OUTAGES[primary];
    return why === undefined ? undefined : `${why} (${error.message})`;
  }
  // A connection that was tried at several addresses fails with all their errors, and an empty message.
  if (error instanceof AggregateError && error.errors.length > 0) return outage(error.errors[0] instanceof Error ? error.errors[0] : error);
  if (POSTGRES_OUTAGE.test(code) || NETWORK_OUTAGES.has(code) || POSTGRES_LOST.test(error.message)) return error.message;
  return undefined;
}

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '');
