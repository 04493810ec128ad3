import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { ChdbException, type WorkResult } from './chdb-session.ts';
import { type EngineRequest, readRequest } from './engine-request.ts';
import { BodyTooLarge, type Incoming, readText } from './incoming.ts';
import { LaneBusy } from './lane.ts';
import { type LaneName, type SessionPool, TimedOut } from './session-pool.ts';
import { type InsertTarget, quote } from './statement.ts';

/** Answers the part of ClickHouse's HTTP interface that `@clickhouse/client` uses: `/ping`, queries, and inserts whose rows are the body. */
export class EngineHandler {
  readonly #pool: SessionPool;
  readonly #incoming: Incoming;
  /** Column types by table, until a statement may have changed them. */
  readonly #types = new Map<string, ReadonlyMap<string, string>>();

  constructor(pool: SessionPool, incoming: Incoming) {
    this.#pool = pool;
    this.#incoming = incoming;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.on('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    try {
      const url = new URL(request.url ?? '/', 'http://engine');
      if (url.pathname === '/ping') {
        await this.#pool.ping();
        response.writeHead(200, { 'content-type': 'text/plain' }).end('Ok.\n');
        return;
      }
      await this.#query(url, request, response, gone.signal);
    } catch (error) {
      this.#fail(response, error);
      // The rest of a body nobody wants must not keep the connection.
      if (!request.complete) request.destroy();
    }
  }

  async #query(url: URL, request: IncomingMessage, response: ServerResponse, gone: AbortSignal): Promise<void> {
    const body = url.searchParams.has('query') ? '' : await readText(request);
    const read = readRequest(url, body, `${request.headers['accept-encoding'] ?? ''}`);
    if (!read.ok)
      throw new ChdbException(
        `Code: ${read.error.code}. DB::Exception: ${read.error.message}. (${read.error.code === 164 ? 'READONLY' : 'SYNTAX_ERROR'})`,
      );
    const { insert, readOnly } = read.value.statement;
    const result = insert
      ? await this.#insert(insert, read.value, request, gone)
      : await this.#run(laneOf(request, readOnly), read.value, read.value.statement.text, gone);
    if (!readOnly && !insert) this.#types.clear();
    reply(response, read.value, result);
  }

  #run(lane: LaneName, { id, settings, params, boundMs }: EngineRequest, text: string, gone: AbortSignal): Promise<WorkResult> {
    return this.#pool.run(lane, { id, text, settings, params, format: 'TabSeparated' }, boundMs, gone);
  }

  #insert(target: InsertTarget, asked: EngineRequest, request: IncomingMessage, gone: AbortSignal): Promise<WorkResult> {
    return this.#incoming.withFile(request, async (path) => {
      const types = await this.#typesOf(target.table, gone);
      const columns = target.columns ?? [...types.keys()];
      const structure = columns.map((name) => {
        const type = types.get(name);
        if (type === undefined)
          throw new ChdbException(`Code: 16. DB::Exception: No such column ${name} in table ${target.table}. (NO_SUCH_COLUMN_IN_TABLE)`);
        return `${name} ${asRead(type)}`;
      });
      const text = `INSERT INTO ${target.table} (${columns.join(', ')}) SELECT * FROM file(${quote(path)}, ${target.format}, ${quote(structure.join(', '))})`;
      return await this.#run('insert', asked, text, gone);
    });
  }

  async #typesOf(table: string, gone: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const known = this.#types.get(table);
    if (known !== undefined) return known;
    const work = {
      id: `types-${table.replace('.', '-')}`,
      text: `DESCRIBE TABLE ${table}`,
      settings: {},
      params: {},
      format: 'JSONCompactEachRow',
    };
    const { bytes } = await this.#pool.run('insert', work, 10_000, gone);
    const lines = Buffer.from(bytes)
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '');
    const types = new Map(lines.map((line) => JSON.parse(line) as [string, string]));
    this.#types.set(table, types);
    return types;
  }

  #fail(response: ServerResponse, error: unknown): void {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const { status, code, text } = describeFailure(error);
    response.writeHead(status, { 'content-type': 'text/plain; charset=UTF-8', 'x-clickhouse-exception-code': `${code}` }).end(`${text}\n`);
  }
}

/** Reading a body straight into LowCardinality costs six times what reading it as String and converting whole columns does (measured). */
const asRead = (type: string): string => type.replaceAll('LowCardinality(String)', 'String');

/** Statements that change something run beside searches, not among them. */
function laneOf(request: IncomingMessage, readOnly: boolean): LaneName {
  if (!readOnly) return 'system';
  const wanted = request.headers['x-earshot-lane'];
  return wanted === 'system' || wanted === 'detect' || wanted === 'background' ? wanted : 'search';
}

function reply(response: ServerResponse, { id, gzipResponse }: EngineRequest, result: WorkResult): void {
  const body = gzipResponse ? gzipSync(result.bytes, { level: 1 }) : result.bytes;
  const summary = {
    read_rows: `${result.rowsRead}`,
    read_bytes: `${result.bytesRead}`,
    elapsed_ns: `${Math.round(result.elapsedSecs * 1e9)}`,
  };
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': body.length,
    'x-clickhouse-query-id': id,
    'x-clickhouse-summary': JSON.stringify(summary),
    ...(gzipResponse && { 'content-encoding': 'gzip' }),
  });
  response.end(body);
}

function describeFailure(error: unknown): { status: number; code: number; text: string } {
  if (error instanceof ChdbException) return { status: 500, code: error.code ?? 1002, text: error.message };
  if (error instanceof LaneBusy) return ours(503, 202, error.message, 'TOO_MANY_SIMULTANEOUS_QUERIES');
  if (error instanceof TimedOut) return ours(500, 159, error.message, 'TIMEOUT_EXCEEDED');
  if (error instanceof BodyTooLarge) return ours(413, 307, error.message, 'TOO_MANY_BYTES');
  const message = error instanceof Error ? error.message : String(error);
  const noSpace = error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
  return noSpace ? ours(500, 243, message, 'NOT_ENOUGH_SPACE') : ours(500, 1002, message, 'UNKNOWN_EXCEPTION');
}

const ours = (status: number, code: number, message: string, name: string): { status: number; code: number; text: string } => ({
  status,
  code,
  text: `Code: ${code}. DB::Exception: ${message}. (${name})`,
});
