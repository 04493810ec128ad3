import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { formatCsvRow } from '../../formats/csv.ts';
import { toDocument } from '../../model/document.ts';
import type { Event } from '../../model/event.ts';
import { searchEvents } from '../../store/search/events.ts';
import { OWN_FIELDS, RULE_FIELDS, textsOf } from '../../store/search/field-values.ts';
import { histogram } from '../../store/search/histogram.ts';
import type { QueryNode } from '../../store/search/node.ts';
import type { Position } from '../../store/search/position.ts';
import { EXPORT_COLUMNS, exportEndpoint } from '../contract/export.ts';
import type { ApiDeps } from '../deps.ts';
import { queryOf, shownRange } from '../query.ts';
import { type Access, serveStream } from '../serve.ts';
import { iso, type TimeRange, timeRange } from '../time-range.ts';

const PAGE = 500;
const MEDIA = { ndjson: 'application/x-ndjson', csv: 'text/csv; charset=utf-8' } as const;

/** Events in bulk, page by page: as fast as the other side reads, and never more than a page in memory. */
export function exportRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  serveStream(app, access, exportEndpoint, async ({ query, caller, reply, signal }) => {
    const range = timeRange(query, deps.now());
    const tree = queryOf(query.q, caller);
    const { total } = await histogram(deps.engine, { query: tree, ...range, buckets: 2, signal }, deps.now);
    const audit = (outcome: 'success' | 'failure', rows: number) =>
      deps.onAudit({
        action: 'export',
        category: ['database'],
        type: ['access'],
        outcome,
        actor: caller.name,
        ...(caller.address !== undefined && { address: caller.address }),
        message: `${caller.name} exported ${rows} of ${total} events: ${query.q === '' ? '*' : query.q}`,
        about: { query: query.q, format: query.format, rows, total, ...shownRange(range) },
      });
    const columns = query.columns ?? EXPORT_COLUMNS;
    const line =
      query.format === 'csv' ? (event: Event) => csvLine(event, columns) : (event: Event) => `${JSON.stringify(toDocument(event))}\n`;
    const head = query.format === 'csv' ? `${formatCsvRow(columns.map(harmless))}\r\n` : '';
    const written = { rows: 0 };
    reply.trailer('x-earshot-rows', async () => `${written.rows}`);
    return reply
      .header('x-earshot-total', `${total}`)
      .header('content-disposition', `attachment; filename="earshot.${query.format}"`)
      .type(MEDIA[query.format])
      .send(Readable.from(lines(deps, { tree, range, signal, line, head, written, audit }), { objectMode: false }));
  });
}

interface Export {
  readonly tree: QueryNode;
  readonly range: TimeRange;
  readonly signal: AbortSignal;
  readonly line: (event: Event) => string;
  readonly head: string;
  readonly written: { rows: number };
  readonly audit: (outcome: 'success' | 'failure', rows: number) => void;
}

/** What is thrown in here breaks the transfer off: half a file never looks like a whole one. */
async function* lines({ engine, now }: ApiDeps, { tree, range, signal, line, head, written, audit }: Export): AsyncGenerator<string> {
  let isWhole = false;
  try {
    if (head !== '') yield head;
    let cursor: Position | undefined;
    do {
      const found = await searchEvents(engine, { query: tree, ...range, limit: PAGE, cursor, signal }, now);
      // A search that was stopped at its bound goes on from where it came to.
      cursor = found.next;
      written.rows += found.events.length;
      if (found.events.length > 0) yield found.events.map(line).join('');
    } while (cursor !== undefined);
    isWhole = true;
  } finally {
    audit(isWhole ? 'success' : 'failure', written.rows);
  }
}

const csvLine = (event: Event, columns: readonly string[]): string =>
  `${formatCsvRow(columns.map((column) => harmless(cellOf(event, column))))}\r\n`;

/** A spreadsheet runs a cell that begins so (CWE-1236). */
const harmless = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

function cellOf(event: Event, column: string): string {
  if (column === '@timestamp') return iso(event.timestamp);
  if (column === 'event.ingested') return iso(event.receivedAt);
  const own = Object.hasOwn(OWN_FIELDS, column) ? OWN_FIELDS[column] : undefined;
  if (own) return own(event).join('; ');
  const ofRule = Object.hasOwn(RULE_FIELDS, column) ? RULE_FIELDS[column] : undefined;
  const value = Object.hasOwn(event.fields, column) ? event.fields[column] : undefined;
  const texts = [...(ofRule ? event.hits.map(ofRule) : []), ...textsOf(value)];
  return texts.length > 0 || value === undefined || value === null ? texts.join('; ') : JSON.stringify(value);
}
