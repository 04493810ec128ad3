import { quoted } from '../../parts/query-text.ts';

/** What stands at the caret of a query, and where its text begins and ends. */
export interface Place {
  readonly kind: 'field' | 'value';
  /** Of a value. */
  readonly field?: string;
  /** What of it is typed so far. */
  readonly typed: string;
  readonly start: number;
  readonly end: number;
  /** The query without this term: what its values are counted in. */
  readonly rest: string;
}

interface Opened {
  /** The field that a group's values are of. */
  readonly field: string | undefined;
  readonly at: number;
}

const ENDS = /[\s()]/;

/** Reads the query up to the caret. Undefined inside a range, where nothing is proposed. */
export function placeAt(text: string, caret: number): Place | undefined {
  const groups: Opened[] = [];
  let word = 0;
  let at = 0;
  let field: string | undefined;
  let value = 0;
  for (; at < caret; at += 1) {
    const char = text.charAt(at);
    if (char === '\\') at += 1;
    else if (char === '"') {
      const close = closing(text, at);
      if (close < 0 || close >= caret) break;
      at = close;
    } else if (char === '[' || char === '{') {
      const close = text.slice(at, caret).search(/[\]}]/);
      if (close < 0) return undefined;
      at += close;
    } else if (char === '(') {
      groups.push({ field: text.slice(word, at).trim().endsWith(':') ? field : groups.at(-1)?.field, at: word });
      [word, value, field] = [at + 1, at + 1, undefined];
    } else if (char === ')') {
      groups.pop();
      [word, value, field] = [at + 1, at + 1, undefined];
    } else if (/\s/.test(char)) {
      // `field: value` and `field >= 1` are one term.
      if (!/[:<>=]\s*$/.test(text.slice(word, at + 1)) || word === at) [word, value, field] = [at + 1, at + 1, undefined];
      else value = at + 1;
    } else if (char === ':' && field === undefined) {
      field = plain(text.slice(word, at)).replace(/^[-+!]+/, '');
      value = at + 1;
    }
  }
  const of = field ?? groups.at(-1)?.field;
  const start = of === undefined ? word + signs(text.slice(word, caret)) : Math.min(value, caret);
  const end = endOf(text, start, caret);
  const outer = groups.length > 0 ? (groups[0]?.at ?? word) : word;
  return {
    kind: of === undefined ? 'field' : 'value',
    ...(of !== undefined && { field: of }),
    typed: plain(text.slice(start, caret)),
    start,
    end,
    rest: loose(`${text.slice(0, outer)} ${groups.length > 0 ? '' : text.slice(end)}`),
  };
}

const signs = (word: string): number => /^[-+!]*/.exec(word)?.[0].length ?? 0;

/** Place of the quote that closes the one at `open`, or -1. */
function closing(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at += 1) {
    if (text.charAt(at) === '\\') at += 1;
    else if (text.charAt(at) === '"') return at;
  }
  return -1;
}

function endOf(text: string, start: number, caret: number): number {
  if (text.charAt(start) === '"') {
    const close = closing(text, start);
    // A quote that is open still has no end of its own: what follows it is another term's.
    if (close >= caret) return close + 1;
    return caret;
  }
  let end = Math.max(caret, start);
  while (end < text.length && !ENDS.test(text.charAt(end)) && !(text.charAt(end) === ':' && end >= caret)) end += 1;
  return end;
}

/** Without quotes and backslashes: what the text means. */
const plain = (text: string): string => text.replace(/^"/, '').replace(/\\(.)/g, '$1');

/** Operators that lost a side with the term are dropped. */
const loose = (text: string): string =>
  text
    .replace(/(?:^|\s)(?:AND|OR|NOT|&&|\|\||[-+!])\s*$/g, ' ')
    .replace(/^\s*(?:AND|OR|&&|\|\|)(?=\s|$)/, ' ')
    .replace(/(\s)(?:AND|OR|&&|\|\|)\s+(AND|OR|&&|\|\|)(?=\s)/g, '$1$2')
    .replace(/\s+/g, ' ')
    .trim();

/** A proposal taken over: the query with it, and where the caret is then. */
export interface Completed {
  readonly text: string;
  readonly caret: number;
}

export const withField = (text: string, { start, end }: Place, name: string): Completed => {
  const colon = text.charAt(end) === ':' ? '' : ':';
  const taken = `${text.slice(0, start)}${name}${colon}`;
  return { text: taken + text.slice(end), caret: taken.length + (colon === '' ? 1 : 0) };
};

/** Bare where a bare word means just this; between quotes otherwise. */
export function withValue(text: string, { start, end }: Place, value: string): Completed {
  const bare = /^[\w.@-]+$/.test(value) && !/^(?:AND|OR|NOT|TO|-.*)$/i.test(value);
  const after = text.slice(end);
  const taken = `${text.slice(0, start)}${bare ? value : quoted(value)}${/^[\s)]/.test(after) ? '' : ' '}`;
  return { text: taken + after, caret: taken.length };
}

export const withOperator = (text: string, { start, end }: Place, operator: string): Completed => {
  const taken = `${text.slice(0, start)}${operator} `;
  return { text: taken + text.slice(end).trimStart(), caret: taken.length };
};

/** The operators that may stand here and begin as typed. */
export function operatorsAt(text: string, { kind, typed, start }: Place): readonly string[] {
  if (kind === 'value') return [];
  const before = text.slice(0, start).trimEnd();
  const first = before === '' || before.endsWith('(') || /(?:^|[\s(])(?:AND|OR|NOT|&&|\|\|)$/.test(before);
  return (first ? ['NOT'] : ['AND', 'OR', 'NOT']).filter((each) => each.startsWith(typed.toUpperCase()));
}

/** A field that the query asks for a network or a range of addresses: its values are worth a look of their own. */
export function addressField(query: string): string | undefined {
  const network = /(?:^|[\s(!+-])([\w@.]+):\s*(?:\d{1,3}(?:\.\d{1,3}){3}\/\d{1,2}|[\da-f:]*::?[\da-f:]*\/\d{1,3})(?=[\s)]|$)/i.exec(query);
  const range = /(?:^|[\s(!+-])([\w@.]+):\s*[[{]\s*(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f]*:[\da-f:]*)\s+TO\s/i.exec(query);
  return (network ?? range)?.[1];
}
