import { randomUUID } from 'node:crypto';
import { err, ok, type Result } from '../../lib/result.ts';
import { readStatement, type Statement, type StatementError } from './statement.ts';

/** One request of the HTTP interface, read and judged; https://clickhouse.com/docs/interfaces/http */
export interface EngineRequest {
  readonly id: string;
  readonly statement: Statement;
  readonly settings: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  readonly boundMs: number;
  readonly gzipResponse: boolean;
}

/** What the statement may take when the client names no `max_execution_time`. */
const DEFAULT_BOUND_MS = 60_000;
/** Parameters of the HTTP interface that are no settings, or that this server answers itself. */
const NOT_SETTINGS = new Set(['query', 'query_id', 'database', 'session_id', 'role', 'default_format', 'user', 'password']);
const HTTP_SETTINGS = new Set([
  'enable_http_compression',
  'http_zlib_compression_level',
  'wait_end_of_query',
  'readonly',
  'send_progress_in_http_headers',
]);

/** Reads the query string and the statement, which is in the parameter `query` or, where that is absent, in the body. */
export function readRequest(url: URL, body: string, acceptEncoding: string): Result<EngineRequest, StatementError> {
  const { searchParams } = url;
  const settings: Record<string, string> = {};
  const params: Record<string, string> = {};
  for (const [name, value] of searchParams) {
    if (!/^[A-Za-z_]\w{0,127}$/.test(name))
      return err({ code: 62, message: `A parameter has the odd name ${JSON.stringify(name.slice(0, 100))}` });
    if (name.startsWith('param_')) params[name.slice('param_'.length)] = value;
    else if (!NOT_SETTINGS.has(name) && !HTTP_SETTINGS.has(name)) settings[name] = value;
  }
  const statement = readStatement(searchParams.get('query') ?? body);
  if (!statement.ok) return statement;
  if (Number(searchParams.get('readonly') ?? 0) > 0 && !statement.value.readOnly) {
    return err({ code: 164, message: 'The statement changes something, and the request is read-only' });
  }
  const bound = Number(settings.max_execution_time);
  return ok({
    id: idOf(searchParams.get('query_id')),
    statement: statement.value,
    settings,
    params,
    boundMs: bound > 0 ? bound * 1000 : DEFAULT_BOUND_MS,
    gzipResponse: searchParams.get('enable_http_compression') === '1' && /\bgzip\b/.test(acceptEncoding),
  });
}

const idOf = (given: string | null): string => (given !== null && /^[\w-]{1,64}$/.test(given) ? given : randomUUID());
