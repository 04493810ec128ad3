/** Terms of the query language (docs/search.md) from what an event says. What a value holds never becomes syntax. */

/** The longest text that is worth a term: a query has at most 2,000 characters. */
const MAX_VALUE_LENGTH = 1000;

/** A value between quotes: there `*`, `?` and `/` are plain characters. */
export const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`;

const fieldName = (name: string): string => name.replace(/[\\*?:()[\]{}"<>!+\-&|/\s]/g, '\\$&');

/** Whether the language can say it: no field begins with a digit, and no query is longer than it may be. */
export const canBeTerm = (field: string, value: string): boolean => /^[^\d\r\n]+/.test(field) && value.length <= MAX_VALUE_LENGTH;

/** The field is this value. */
export const isValue = (field: string, value: string): string => `${fieldName(field)}:${quoted(value)}`;

/** The field has a value. */
export const hasField = (field: string): string => `${fieldName(field)}:*`;

/** The field has none. */
export const lacksField = (field: string): string => `NOT ${hasField(field)}`;

export const opposite = (term: string): string => (term.startsWith('NOT ') ? term.slice(4) : `NOT ${term}`);

/** The query, and this term too. A term that is there already stays once; its opposite gives way. */
export function withTerm(query: string, term: string): string {
  const terms = alternatives(query) ? [`(${query.trim()})`] : topTerms(query).filter((each) => each !== opposite(term));
  return (terms.includes(term) ? terms : [...terms, term]).join(' AND ');
}

/** The query without a term that {@link withTerm} put there. */
export const withoutTerm = (query: string, term: string): string =>
  alternatives(query)
    ? query
    : topTerms(query)
        .filter((each) => each !== term)
        .join(' AND ');

/** Whether the term is one of those that all must hold. */
export const hasTerm = (query: string, term: string): boolean => !alternatives(query) && topTerms(query).includes(term);

/** A piece of a query at the outermost level: an operator, or everything between two of them. */
interface Piece {
  readonly text: string;
  readonly operator: boolean;
}

const OPERATORS = new Set(['AND', '&&', 'OR', '||']);

const alternatives = (query: string): boolean => pieces(query).some(({ text, operator }) => operator && (text === 'OR' || text === '||'));

/** What all must hold. Terms without an operator between them are kept apart too; `*` alone says nothing. */
function topTerms(query: string): string[] {
  const terms: string[] = [];
  let negated = false;
  for (const { text, operator } of pieces(query)) {
    if (operator || text === '*' || text === '*:*') continue;
    if (text === 'NOT' || text === '!') {
      negated = !negated;
      continue;
    }
    terms.push(negated ? `NOT ${text}` : text);
    negated = false;
  }
  return terms;
}

/** Cuts at blanks that are not inside quotes, groups or ranges, and that do not follow a colon or a comparison. */
function pieces(query: string): Piece[] {
  const found: Piece[] = [];
  let start = 0;
  let depth = 0;
  let inQuotes = false;
  const cut = (end: number): void => {
    const text = query.slice(start, end).trim();
    if (text !== '') found.push({ text, operator: OPERATORS.has(text) });
    start = end;
  };
  for (let at = 0; at < query.length; at += 1) {
    const char = query.charAt(at);
    if (char === '\\') at += 1;
    else if (char === '"') inQuotes = !inQuotes;
    else if (inQuotes) continue;
    else if ('([{'.includes(char)) depth += 1;
    else if (')]}'.includes(char)) depth -= 1;
    else if (depth === 0 && /\s/.test(char) && !/[:<>=]\s*$/.test(query.slice(start, at)) && !/^\s*[<>]/.test(query.slice(at))) cut(at);
  }
  cut(query.length);
  return found;
}
