import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { countEvents, type ExportSearch, exportEvents } from '../../store/search/export-events.ts';
import { actorOf, type Caller } from '../caller.ts';
import { EXPORT_COLUMNS, exportEndpoint } from '../contract/export.ts';
import type { ApiDeps } from '../deps.ts';
import { type ExportText, exportText } from '../export-text.ts';
import { ApiProblem } from '../problem.ts';
import { queryOf, shownRange } from '../query.ts';
import { type Access, serveStream } from '../serve.ts';
import { AHEAD_MS, type TimeRange, timeRange } from '../time-range.ts';

/** Each holds a lane of the engine for as long as it takes. */
const MOST_AT_ONCE = 4;

/** How an export went. */
interface Progress {
  rows: number;
  done: boolean;
}

export function exportRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  let running = 0;

  serveStream(app, access, exportEndpoint, async ({ query, caller, reply, signal }) => {
    const range = timeRange(query, deps.now(), AHEAD_MS);
    const tree = queryOf(query.q, caller);
    if (running >= MOST_AT_ONCE) throw new ApiProblem(429, 'EAR_API_BUSY', `${MOST_AT_ONCE} exports are under way already.`, {}, 30);
    running += 1;
    const progress: Progress = { rows: 0, done: false };
    reply.raw.once('close', () => {
      running -= 1;
      auditExport(deps, caller, query, range, progress);
    });
    // All pages at one moment: `now-1h` in the query must not move.
    const at = deps.now();
    const search: ExportSearch = { query: tree, ...range, signal };
    const total = await countEvents(deps.engine, search, at);
    const text = exportText(query.format, query.columns ?? EXPORT_COLUMNS);
    const name = `earshot-${new Date(at).toISOString().slice(0, 19).replaceAll(/[:T]/g, '-')}.${query.format}`;
    reply.header('x-earshot-total', `${total}`).header('content-disposition', `attachment; filename="${name}"`).type(text.contentType);
    reply.trailer('x-earshot-rows', async () => `${progress.rows}`);
    // When this fails midway the connection is broken off, so that a part is never taken for the whole.
    return reply.send(Readable.from(written(deps, search, at, text, progress), { highWaterMark: 1 }));
  });
}

async function* written(deps: ApiDeps, search: ExportSearch, at: number, text: ExportText, progress: Progress): AsyncGenerator<Buffer> {
  if (text.head !== '') yield Buffer.from(text.head);
  for await (const events of exportEvents(deps.engine, search, at)) {
    yield Buffer.from(events.map((event) => text.line(event)).join(''));
    progress.rows += events.length;
  }
  progress.done = true;
}

function auditExport(
  deps: ApiDeps,
  caller: Caller,
  { q, format, columns }: { readonly q: string; readonly format: string; readonly columns?: readonly string[] | undefined },
  range: TimeRange,
  { rows, done }: Progress,
): void {
  deps.onAudit({
    action: 'export',
    category: ['database'],
    type: ['access'],
    outcome: done ? 'success' : 'failure',
    ...actorOf(caller),
    message: `${caller.name} exported ${rows} events${done ? '' : ' before it broke off'}: ${q === '' ? '*' : q}`,
    about: { query: q, format, rows, complete: done, ...(columns && { columns: [...columns] }), ...shownRange(range) },
  });
}
