import { RE2JS } from 're2js';
import { joinSql, type Sql, sql, str } from '../sql.ts';
import { foldAscii, wordForms } from './case-fold.ts';
import { hasWildcard, type Pattern, plainText } from './node.ts';
import { literal } from './value-test.ts';

/** What a search looks at of the message as received. `folded`: its bytes as Latin-1, A to Z folded. `text`: as {@link originalText}, folded. */
export interface RawText {
  readonly folded: string;
  readonly text: string;
}

/** A search in the raw message, for here and for the engine, whose text index is on `lower(raw)` in words (`splitByNonAlpha`). */
export interface TextSearch {
  readonly test: (raw: RawText) => boolean;
  readonly sql: Sql;
}

/** The message as text: what is not UTF-8 is U+FFFD, once for a run of such bytes. */
export const originalText = (raw: Buffer): string => raw.toString('utf8').replace(/\uFFFD+/g, '\uFFFD');

/**
 * {@link originalText} in the engine. The four blanks, taken off again, are because `toValidUTF8` replaces all that is left when a sequence
 * would reach beyond the end, also the good characters in it.
 */
const VALID: Sql = sql`toValidUTF8(concat(raw, '    '))`;
export const ORIGINAL_TEXT: Sql = sql`replaceRegexpAll(substring(${VALID}, 1, length(${VALID}) - 4), '\uFFFD+', '\uFFFD')`;

export const rawText = (raw: Buffer): RawText => new LazyText(raw);

/** Most questions ask for neither, few for both. */
class LazyText implements RawText {
  readonly #raw: Buffer;
  #folded: string | undefined;
  #text: string | undefined;

  constructor(raw: Buffer) {
    this.#raw = raw;
  }

  get folded(): string {
    this.#folded ??= foldLatin1(this.#raw.toString('latin1'));
    return this.#folded;
  }

  get text(): string {
    this.#text ??= foldAscii(originalText(this.#raw));
    return this.#text;
  }
}

const foldLatin1 = (text: string): string => text.replace(/[A-Z]+/g, (run) => run.toLowerCase());

/** Words one after the other, whatever stands between them that is no letter or digit: `svc-backup` also finds `svc backup`. */
export function textSearch(pattern: Pattern): TextSearch {
  if (hasWildcard(pattern)) return wildcardSearch(pattern);
  const forms = wordForms(plainText(pattern));
  const searches = forms.map(formSearch);
  return {
    test: (raw) => searches.some((search) => search.test(raw)),
    sql: sql`(${joinSql(
      searches.map((search) => search.sql),
      ' OR ',
    )})`,
  };
}

function formSearch(form: string): TextSearch {
  const bytes = Buffer.from(form, 'utf8').toString('latin1');
  const words = bytes.split(NOT_IN_WORDS).filter((word) => word !== '');
  // Nothing of letters or digits: look for the characters as they stand.
  if (words.length === 0) return { test: (raw) => raw.folded.includes(bytes), sql: sql`position(raw, ${str(form)}) > 0` };
  const phrase = Buffer.from(words.join(' '), 'latin1').toString('utf8');
  const wanted = ` ${words.join(' ')} `;
  return {
    test: (raw) =>
      ` ${raw.folded
        .split(NOT_IN_WORDS)
        .filter((word) => word !== '')
        .join(' ')} `.includes(wanted),
    sql: words.length === 1 ? sql`hasAllTokens(lower(raw), ${str(phrase)})` : sql`hasPhrase(lower(raw), ${str(phrase)})`,
  };
}

/** The engine's `splitByNonAlpha`: a byte outside ASCII belongs to a word. */
const NOT_IN_WORDS = /[^a-z\d\x80-\xff]+/;
const BETWEEN = '[\\x{0}-\\x{2f}\\x{3a}-\\x{60}\\x{7b}-\\x{7f}]';
const IN_WORD = '[0-9a-z\\x{80}-\\x{10ffff}]';

/** `back*` is a word that starts so; `*` and `?` stay within a word. */
function wildcardSearch(pattern: Pattern): TextSearch {
  const inner = pattern
    .map((piece) => (typeof piece === 'string' ? literal(piece) : piece.wild === '*' ? `${IN_WORD}*` : IN_WORD))
    .join('');
  const [first] = pattern;
  const expression = `(?s)${startsInside(first) ? '' : `(?:^|${BETWEEN})`}${inner}${startsInside(reversed(pattern.at(-1))) ? '' : `(?:$|${BETWEEN})`}`;
  const compiled = RE2JS.compile(expression);
  return { test: (raw) => compiled.test(raw.text), sql: sql`match(lower(${ORIGINAL_TEXT}), ${str(expression)})` };
}

const reversed = (piece: Pattern[number] | undefined): Pattern[number] | undefined =>
  typeof piece === 'string' ? [...piece].reverse().join('') : piece;

/** A `*` at the edge, or a character that is no part of a word, needs no edge of a word beside it. */
function startsInside(piece: Pattern[number] | undefined): boolean {
  if (typeof piece === 'string') return /^[\x20-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]/.test(piece);
  return piece?.wild === '*';
}
