import { err, ok, type Result } from '../lib/result.ts';

/** A row of a CSV file, with the line it begins on, from 1. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

export interface CsvFault {
  readonly line: number;
  readonly message: string;
}

/** Reads CSV (RFC 4180): commas, quotes doubled inside quotes, lines ended by LF or CRLF, a byte order mark or none. Empty lines are no rows. */
export function parseCsv(text: string): Result<readonly CsvRow[], CsvFault> {
  const rows: CsvRow[] = [];
  let cells: string[] = [];
  let line = 1;
  let began = 1;
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  const endRow = () => {
    if (cells.length > 1 || cells[0] !== '') rows.push({ line: began, cells });
    cells = [];
    began = line;
  };
  while (at < text.length) {
    const cell = text[at] === '"' ? quotedCell(text, at) : plainCell(text, at);
    if (cell === undefined) return err({ line, message: 'a quote is not closed, or something stands behind it' });
    cells.push(cell.value);
    for (const letter of text.slice(at, cell.end)) if (letter === '\n') line++;
    at = cell.end;
    if (text[at] === ',') {
      at++;
      if (at === text.length) cells.push('');
      continue;
    }
    at += text.startsWith('\r\n', at) ? 2 : 1;
    line++;
    endRow();
  }
  if (cells.length > 0) endRow();
  return ok(rows);
}

interface Cell {
  readonly value: string;
  /** Where its comma or line end is. */
  readonly end: number;
}

function plainCell(text: string, at: number): Cell {
  let end = at;
  while (end < text.length && text[end] !== ',' && text[end] !== '\n' && !text.startsWith('\r\n', end)) end++;
  return { value: text.slice(at, end), end };
}

function quotedCell(text: string, at: number): Cell | undefined {
  for (let close = text.indexOf('"', at + 1); close >= 0; close = text.indexOf('"', close + 2)) {
    if (text[close + 1] === '"') continue;
    const end = close + 1;
    const ended = end === text.length || text[end] === ',' || text[end] === '\n' || text.startsWith('\r\n', end);
    return ended ? { value: text.slice(at + 1, close).replaceAll('""', '"'), end } : undefined;
  }
  return undefined;
}

/** A line of CSV without its end. A cell with a comma, a quote or a line end stands between quotes. */
export const formatCsvRow = (cells: readonly string[]): string =>
  cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',');
