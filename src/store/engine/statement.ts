import { err, ok, type Result } from '../../lib/result.ts';

/** An INSERT whose rows are the body of the request. */
export interface InsertTarget {
  /** As written, such as `earshot.events`. */
  readonly table: string;
  /** Absent: all columns, in the table's order. */
  readonly columns?: readonly string[];
  readonly format: string;
}

export interface Statement {
  readonly text: string;
  readonly readOnly: boolean;
  readonly insert?: InsertTarget;
}

/** ClickHouse's exception code and what is wrong. */
export interface StatementError {
  readonly code: 62 | 164;
  readonly message: string;
}

const refuse = (message: string): Result<never, StatementError> => err({ code: 62, message });

/** What may not run inside a statement that only reads. */
const READS = new Set(['SELECT', 'WITH', 'SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', 'EXISTS', 'CHECK']);

/** One quoted text, comment, heredoc or word of SQL; sticky, without nested repetition. */
const TOKEN =
  /'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*"|`(?:[^`\\]|\\[\s\S]|``)*`|--[^\n]*|#[ !][^\n]*|\/\*[\s\S]*?\*\/|\$(\w*)\$[\s\S]*?\$\1\$|[A-Za-z_]\w*|;|[\s\S]/y;

const INSERT_DATA = /^INSERT\s+INTO\s+(?:TABLE\s+)?([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?)\s*(?:\(([\w\s,]*)\)\s*)?FORMAT\s+([A-Za-z]\w*)$/i;

/**
 * Reads as much of a statement as must be known before chDB sees it. chDB runs in the mode of a command-line client: it takes several
 * statements in one text, data behind an INSERT up to the first empty line (the rest it runs as SQL), and INTO OUTFILE. A server takes
 * none of these, and neither do we.
 */
export function readStatement(source: string): Result<Statement, StatementError> {
  if (source.includes('\0')) return refuse('A NUL byte in a statement');
  const words: string[] = [];
  let text = source.trim();
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const [token] = match;
    if (token === ';') {
      if (!isBlank(text.slice(TOKEN.lastIndex))) return refuse('Multi-statements are not allowed');
      text = text.slice(0, match.index).trimEnd();
      break;
    }
    if (token === "'" || token === '"' || token === '`') return refuse(`A quote ${token} that is never closed`);
    if (/^[A-Za-z_]/.test(token)) words.push(token.toUpperCase());
  }
  if (words.length === 0) return refuse('Empty query');
  if (words.some((word, i) => word === 'INTO' && words[i + 1] === 'OUTFILE')) return refuse('INTO OUTFILE is not allowed');
  return classify(text, words);
}

function classify(text: string, words: readonly string[]): Result<Statement, StatementError> {
  const first = words[0] ?? '';
  const inserts = words.some((word, i) => word === 'INSERT' && words[i + 1] === 'INTO');
  if (first !== 'INSERT') return ok({ text, readOnly: READS.has(first) && !inserts });
  const match = INSERT_DATA.exec(text);
  if (match) {
    const [, table = '', columns, format = ''] = match;
    const names = columns?.split(',').map((name) => name.trim());
    return ok({ text, readOnly: false, insert: { table, format, ...(names && { columns: names }) } });
  }
  if (!words.includes('SELECT'))
    return refuse('Data behind an INSERT is not taken: write INSERT INTO t (a, b) FORMAT f, with the rows as the body');
  return ok({ text, readOnly: false });
}

const isBlank = (rest: string): boolean => rest.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, '').trim() === '';

const SPECIAL = /[\\']|\p{Cc}/gu;

/** A text as an SQL string literal. Control characters are escaped too, so that no line of it can end or begin anything. */
export const quote = (text: string): string => `'${text.replace(SPECIAL, escaped)}'`;

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  if (code >= 0x7f) return character;
  return code < 0x20 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\${character}`;
}
