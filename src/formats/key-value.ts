import { isBlank, isDigit, isLetter, setOwn, trimmed } from './scan.ts';

/** The pairs of a text, and what stands before the first of them. */
export interface KeyValue {
  readonly pairs: Readonly<Record<string, string>>;
  /** Text before the first pair, such as `Successfully authenticated.`; empty where there is none. */
  readonly before: string;
}

export interface KeyValueOptions {
  /** Pairs are expected: one is enough, and prose around it is no objection. */
  readonly expected?: boolean;
}

const LEAST_PAIRS = 2;
const MAX_KEY = 64;

/**
 * Reads `key=value` pairs between blanks, tabs, `,`, `;` or `|`, with quoted values (`"a \"b\" c"`, `'…'`) and blanks around `=`. A bare
 * value goes on until a separator with the next key behind it, so it may hold blanks. Undefined where the text is not made of pairs:
 * fewer than two, or less than half of it covered by keys, quoted values and the first word of bare ones; so prose with an `=` in it stays prose. The
 * last of equal keys wins. One pass. Never throws.
 */
export function parseKeyValue(text: string, options: KeyValueOptions = {}): KeyValue | undefined {
  const pairs: Record<string, string> = {};
  let count = 0;
  let covered = 0;
  let before = '';
  const quotes = new Quotes(text);
  let pair = nextPair(text, 0);
  if (pair !== undefined) before = trimmed(text.slice(0, pair.keyAt));
  while (pair !== undefined) {
    const { key, valueAt } = pair;
    const close = quotes.close(valueAt);
    const next = nextPair(text, close >= 0 ? close + 1 : valueAt);
    const end = next === undefined ? text.length : next.keyAt;
    const value = close >= 0 ? unquoted(text.slice(valueAt + 1, close)) : bare(text, valueAt, end);
    covered += key.length + 1 + (close >= 0 ? close + 1 - valueAt : firstWord(value));
    setOwn(pairs, key, value);
    count += 1;
    pair = next;
  }
  if (count === 0) return undefined;
  if (options.expected !== true && (count < LEAST_PAIRS || covered * 2 < weight(text))) return undefined;
  return { pairs, before };
}

interface Pair {
  readonly key: string;
  readonly keyAt: number;
  readonly valueAt: number;
}

/** The next `key=` at or behind a place: a key begins the text or follows a separator, and its `=` is not `==`. */
function nextPair(text: string, from: number): Pair | undefined {
  for (let equals = text.indexOf('=', from); equals >= 0; equals = text.indexOf('=', equals + 1)) {
    let end = equals;
    while (end > from && isBlank(text.charCodeAt(end - 1))) end -= 1;
    let at = end;
    while (at > from && end - at <= MAX_KEY && isKeyCharacter(text.charCodeAt(at - 1))) at -= 1;
    if (at === end || end - at > MAX_KEY || !isKeyStart(text.charCodeAt(at))) continue;
    // What follows directly on a closing quote is not a key; what follows on nothing is.
    if (at > 0 && !isSeparator(text.charCodeAt(at - 1))) continue;
    const next = text.charCodeAt(equals + 1);
    if (next === 61 || next === 126) continue;
    let valueAt = equals + 1;
    while (isBlank(text.charCodeAt(valueAt))) valueAt += 1;
    // `a= b=1`: an empty value, not the value `b=1`.
    if (valueAt > equals + 1 && text.charCodeAt(valueAt) !== 34 && end === equals) valueAt = equals + 1;
    return { key: text.slice(at, end), keyAt: at, valueAt };
  }
  return undefined;
}

const isKeyStart = (code: number): boolean => isLetter(code) || code === 95;
const isKeyCharacter = (code: number): boolean => isLetter(code) || isDigit(code) || code === 95 || code === 45 || code === 46;

/** Blank, tab, line end, `,`, `;`, `|`, or an opening bracket. */
const isSeparator = (code: number): boolean =>
  code <= 32 || code === 44 || code === 59 || code === 124 || code === 40 || code === 91 || code === 123;

/** Finds closing quotes, and remembers of each kind that there are no more: a text full of open quotes is still read once. */
class Quotes {
  readonly #text: string;
  #none = '';

  constructor(text: string) {
    this.#text = text;
  }

  /** The quote that closes the one here; -1 where none is open here, or it never closes. */
  close(open: number): number {
    const quote = this.#text.charAt(open);
    if ((quote !== '"' && quote !== "'") || this.#none.includes(quote)) return -1;
    const at = closingQuote(this.#text, open, quote);
    if (at < 0) this.#none += quote;
    return at;
  }
}

/** A quote closes a value only where a separator, a closing bracket or the end follows: `'it's'` is seen. */
function closingQuote(text: string, open: number, quote: string): number {
  for (let at = text.indexOf(quote, open + 1); at >= 0; at = text.indexOf(quote, at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === 92) slashes += 1;
    if (slashes % 2 === 1) continue;
    const next = text.charCodeAt(at + 1);
    if (Number.isNaN(next) || isSeparator(next) || next === 41 || next === 93 || next === 125) return at;
  }
  return -1;
}

const unquoted = (value: string): string => (value.includes('\\') ? value.replace(/\\(["'\\])/g, '$1') : value);

/** A bare value without the separators behind it. */
function bare(text: string, from: number, to: number): string {
  let end = to;
  while (end > from && isSeparator(text.charCodeAt(end - 1))) end -= 1;
  while (from < end && isBlank(text.charCodeAt(from))) from += 1;
  return text.slice(from, end);
}

function firstWord(value: string): number {
  let at = 0;
  while (at < value.length && !isBlank(value.charCodeAt(at))) at += 1;
  return at;
}

/** Characters that are no separator. */
function weight(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) if (!isSeparator(text.charCodeAt(at))) count += 1;
  return count;
}

/** Writes pairs so that {@link parseKeyValue} reads the same back: values are quoted where they need it. Keys must be keys. */
export function formatKeyValue(pairs: Readonly<Record<string, string>>): string {
  return Object.entries(pairs)
    .map(([key, value]) => `${key}=${BARE.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`}`)
    .join(' ');
}

const BARE = /^[A-Za-z0-9_.:/@+-]+$/;
