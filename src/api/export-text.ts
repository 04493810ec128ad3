import { formatCsvRow } from '../formats/csv.ts';
import { toDocument } from '../model/document.ts';
import type { Event } from '../model/event.ts';
import { OWN_FIELDS, RULE_FIELDS, textsOf } from '../store/search/field-values.ts';
import type { EXPORT_FORMATS } from './contract/export.ts';
import { iso } from './time-range.ts';

/** How events are written to a file. */
export interface ExportText {
  readonly contentType: string;
  readonly head: string;
  line(event: Event): string;
}

export function exportText(format: (typeof EXPORT_FORMATS)[number], columns: readonly string[]): ExportText {
  if (format === 'ndjson')
    return { contentType: 'application/x-ndjson', head: '', line: (event) => `${JSON.stringify(toDocument(event))}\n` };
  return {
    contentType: 'text/csv; charset=utf-8; header=present',
    head: csvLine(columns),
    line: (event) => csvLine(columns.map((column) => cellOf(event, column))),
  };
}

/** Names of columns are asked for by an address, which anybody may have written: they are made harmless too. */
const csvLine = (cells: readonly string[]): string => `${formatCsvRow(cells.map(harmless))}\r\n`;

/** A spreadsheet runs a cell that begins so (CWE-1236). */
const harmless = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

/** Several values in one cell are separated by a semicolon; what has no text of its own is JSON. */
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
