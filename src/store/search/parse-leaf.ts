import { parseAddress, parseNetwork } from './address.ts';
import { type Bound, type BoundKind, hasWildcard, type Leaf, type Pattern, plainText, TIME_FIELDS } from './node.ts';
import { Fault, type Scanner, type Word } from './scanner.ts';
import { looksLikeTime, parseTime } from './time-literal.ts';

/** `field:(` was read: what follows are values of that field. */
interface GroupStart {
  readonly type: 'group';
  readonly field: string;
  readonly at: number;
}

const MAX_FIELD_LENGTH = 256;
const NUMBER = /^-?\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,3})?$/;
const OPERATORS = ['>=', '<=', '>', '<'] as const;

/** Reads one term: free text, or a field with what is asked of it. `group` is the field of the group around it. */
export function parseLeaf(scan: Scanner, group: string | undefined): Leaf | { readonly type: 'all' } | GroupStart {
  if (group !== undefined) return fieldValue(scan, group, scan.at);
  if (scan.peek() === '"') {
    const phrase = scan.quoted();
    if (phrase.pattern.length === 0)
      throw new Fault('missing_value', 'Empty quotes look for nothing: remove them.', phrase.at, phrase.length);
    return { type: 'text', pattern: phrase.pattern };
  }
  const word = scan.word('term');
  if (scan.peek() === ':') return afterColon(scan, word);
  if (word.length > 0 && operatorAhead(scan)) return fieldValue(scan, fieldName(word), word.at);
  if (word.length === 0) throw unquoted(scan);
  if (word.pattern.length === 1 && isAny(word.pattern)) return { type: 'all' };
  return { type: 'text', pattern: word.pattern };
}

function afterColon(scan: Scanner, word: Word): Leaf | { readonly type: 'all' } | GroupStart {
  // An address of the web as it is pasted: text, not a field named "https".
  if (/^[a-z][a-z\d+-]*$/.test(plainText(word.pattern)) && scan.looksAt('://')) {
    scan.at = word.at;
    return { type: 'text', pattern: scan.word('value').pattern };
  }
  const field = isAny(word.pattern) ? '*' : plainText(word.pattern) === '_exists_' ? '_exists_' : fieldName(word);
  scan.at += 1;
  scan.skipSpace();
  if (field === '*') return everything(scan, word);
  if (field === '_exists_') return { type: 'exists', field: fieldName(requireValue(scan, field, word.at)) };
  const at = scan.at;
  if (scan.take('(')) return { type: 'group', field, at };
  return fieldValue(scan, field, word.at);
}

function everything(scan: Scanner, word: Word): { readonly type: 'all' } {
  if (isAny(scan.word('value').pattern)) return { type: 'all' };
  throw new Fault(
    'bad_field',
    'Wildcards in field names are not known: name the field, or write *:* for everything.',
    word.at,
    word.length,
  );
}

function fieldName(word: Word): string {
  const name = plainText(word.pattern);
  if (name === '')
    throw new Fault('bad_field', 'A field name is missing before the colon: put the text in quotes if the colon is meant.', word.at, 1);
  if (hasWildcard(word.pattern)) {
    throw new Fault(
      'bad_field',
      `${name}: wildcards in field names are not known. Name the field, or search the text alone.`,
      word.at,
      word.length,
    );
  }
  if (name === '_exists_') throw new Fault('bad_field', 'Name a field: _exists_:user.name.', word.at, word.length);
  if (name.length > MAX_FIELD_LENGTH) {
    throw new Fault('bad_field', `A field name has at most ${MAX_FIELD_LENGTH} characters.`, word.at, word.length);
  }
  if (/[\r\n]/.test(name)) throw new Fault('bad_field', 'A field name has no line breaks.', word.at, word.length);
  if (/^\d/.test(name)) {
    throw new Fault('bad_field', `${name} is not a field: put the text in quotes, as in "${name}:…".`, word.at, word.length);
  }
  return name;
}

function operatorAhead(scan: Scanner): boolean {
  const start = scan.at;
  scan.skipSpace();
  if (scan.peek() === '<' || scan.peek() === '>') return true;
  scan.at = start;
  return false;
}

function fieldValue(scan: Scanner, field: string, start: number): Leaf {
  const operator = OPERATORS.find((text) => scan.take(text));
  if (operator !== undefined) return comparison(scan, field, operator, start);
  if (scan.peek() === '[' || scan.peek() === '{') return range(scan, field);
  const value = requireValue(scan, field, start);
  if (isAny(value.pattern)) return { type: 'exists', field };
  if (TIME_FIELDS.has(field)) {
    const bound = { text: plainText(value.pattern), inclusive: true };
    return checkedRange(field, bound, bound, value);
  }
  return value.quoted ? { type: 'is', field, pattern: value.pattern } : networkOrText(field, value);
}

function networkOrText(field: string, value: Word): Leaf {
  const text = plainText(value.pattern);
  if (parseNetwork(text) !== undefined) return { type: 'network', field, cidr: text };
  const address = text.slice(0, Math.max(text.lastIndexOf('/'), 0));
  if (parseAddress(address) !== undefined || /^\d{1,3}(\.\d{1,3}){3}\/\d/.test(text)) {
    const mend = `${text} is not a network: write it like 192.0.2.0/24 or 2001:db8::/32, or in quotes if the text is meant.`;
    throw new Fault('bad_network', mend, value.at, value.length);
  }
  return { type: 'is', field, pattern: value.pattern };
}

function comparison(scan: Scanner, field: string, operator: (typeof OPERATORS)[number], start: number): Leaf {
  scan.skipSpace();
  const value = requireValue(scan, field, start);
  if (hasWildcard(value.pattern)) {
    throw new Fault('bad_range', `${operator} needs a number, a time, an address or a text without wildcards.`, value.at, value.length);
  }
  const bound: Bound = { text: plainText(value.pattern), inclusive: operator.endsWith('=') };
  return checkedRange(field, operator.startsWith('>') ? bound : undefined, operator.startsWith('<') ? bound : undefined, value);
}

function range(scan: Scanner, field: string): Leaf {
  const start = scan.at;
  const lowerInclusive = scan.peek() === '[';
  scan.at += 1;
  const lower = rangeEnd(scan, start);
  scan.skipSpace();
  if (!scan.takeWord('TO'))
    throw new Fault(
      'bad_range',
      'A range is written [a TO b], or {a TO b} without its ends; * leaves an end open.',
      start,
      scan.at - start,
    );
  const upper = rangeEnd(scan, start);
  scan.skipSpace();
  const close = scan.peek();
  if (close !== ']' && close !== '}')
    throw new Fault('unclosed_range', 'This range is not closed: add ] (with its end) or } (without).', start, 1);
  scan.at += 1;
  const whole: Word = { pattern: [], quoted: lower.quoted || upper.quoted, at: start, length: scan.at - start };
  const end = (word: Word, inclusive: boolean): Bound | undefined =>
    isAny(word.pattern) ? undefined : { text: plainText(word.pattern), inclusive };
  const [from, to] = [end(lower, lowerInclusive), end(upper, close === ']')];
  if (from === undefined && to === undefined) return { type: 'exists', field };
  return checkedRange(field, from, to, whole);
}

function rangeEnd(scan: Scanner, start: number): Word {
  scan.skipSpace();
  const word = scan.peek() === '"' ? scan.quoted() : scan.word('bound');
  if (word.length === 0)
    throw new Fault(
      'bad_range',
      'A range is written [a TO b], or {a TO b} without its ends; * leaves an end open.',
      start,
      scan.at - start,
    );
  if (hasWildcard(word.pattern) && !isAny(word.pattern)) {
    throw new Fault('bad_range', 'The ends of a range have no wildcards; * alone leaves an end open.', word.at, word.length);
  }
  return word;
}

function checkedRange(field: string, lower: Bound | undefined, upper: Bound | undefined, word: Word): Leaf {
  const texts = [lower, upper].flatMap((bound) => (bound === undefined ? [] : [bound.text]));
  const kind = boundKind(field, texts, word);
  return { type: 'range', field, kind, ...(lower && { lower }), ...(upper && { upper }) };
}

function boundKind(field: string, texts: readonly string[], word: Word): BoundKind {
  if (TIME_FIELDS.has(field)) {
    const wrong = texts.find((text) => parseTime(text, 0) === undefined);
    if (wrong === undefined) return 'time';
    const mend = `${wrong} is not a time: write 2026-01-31, 2026-01-31T10:00:00Z, or relative to now, such as now-1h.`;
    throw new Fault('bad_time', mend, word.at, word.length);
  }
  if (word.quoted) return 'text';
  if (texts.every((text) => NUMBER.test(text) && Number.isFinite(Number(text)))) return 'number';
  if (texts.every(looksLikeTime)) return 'time';
  const addresses = texts.filter((text) => parseAddress(text) !== undefined);
  if (addresses.length === texts.length) return 'ip';
  if (addresses.length > 0) throw new Fault('bad_range', 'Both ends of an address range are addresses, or one is *.', word.at, word.length);
  return 'text';
}

function requireValue(scan: Scanner, field: string, start: number): Word {
  const operator = ['AND', 'OR', 'NOT'].some((word) => scan.looksAtWord(word));
  const value = operator ? undefined : scan.peek() === '"' ? scan.quoted() : scan.word('value');
  if (value !== undefined && value.length > 0) return value;
  if (scan.peek() === '!') throw new Fault('unexpected', `Write NOT ${field}:… for the opposite, or quote the value.`, scan.at, 1);
  if (!scan.done && '[]{}<>'.includes(scan.peek())) throw unquoted(scan);
  const mend = `A value is missing after ${field}: write ${field}:value, ${field}:"two words", or ${field}:* for any.`;
  throw new Fault('missing_value', mend, start, Math.max(scan.at - start, 1));
}

const unquoted = (scan: Scanner): Fault =>
  new Fault('unexpected', `${scan.peek()} has a meaning of its own: put the text in quotes, or write \\${scan.peek()}.`, scan.at, 1);

const isAny = (pattern: Pattern): boolean => {
  const [first] = pattern;
  return pattern.length === 1 && typeof first === 'object' && first.wild === '*';
};
