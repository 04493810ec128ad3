import { type Sql, sql, str } from '../../store/sql.ts';
import { foldPattern, type Pattern } from '../sigma/pattern.ts';
import type { Test } from '../sigma/tree.ts';
import { foldSql } from './fold-sql.ts';
import { any, strs, type TextTest, TRUE } from './values.ts';

type Text = Test & { readonly kind: 'text' };

/** One of several patterns, all cased or none: one condition for all that are of one form. */
export function textTest(tests: readonly Text[]): TextTest {
  const cased = tests[0]?.cased === true;
  const forms = tests.map(({ pattern }) => formOf(cased ? pattern : foldPattern(pattern)));
  const equals = textsOf(forms, 'equals');
  const starts = textsOf(forms, 'starts');
  const ends = textsOf(forms, 'ends');
  const holds = textsOf(forms, 'holds');
  const globs = textsOf(forms, 'glob');
  return (text) => {
    const folded = cased ? text : foldSql(text);
    return any([
      ...(forms.some(({ form }) => form === 'anything') ? [TRUE] : []),
      ...(equals.length > 0 ? [equals.length === 1 ? sql`${folded} = ${str(equals[0] ?? '')}` : sql`${folded} IN ${strs(equals)}`] : []),
      ...eachOf(starts, (start) => sql`startsWith(${folded}, ${start})`),
      ...eachOf(ends, (end) => sql`endsWith(${folded}, ${end})`),
      ...chunks(holds).map((some) =>
        some.length === 1 ? sql`position(${folded}, ${str(some[0] ?? '')}) > 0` : sql`multiSearchAny(${folded}, ${strs(some)})`,
      ),
      ...globs.map((glob) => sql`match(${folded}, ${str(glob)})`),
    ]);
  };
}

interface Form {
  readonly form: 'anything' | 'equals' | 'starts' | 'ends' | 'holds' | 'glob';
  readonly text: string;
}

const isAny = (part: Pattern[number] | undefined): boolean => typeof part === 'object' && part.special === 'any';

function formOf(pattern: Pattern): Form {
  const open = isAny(pattern[0]);
  const openAtEnd = pattern.length > 1 && isAny(pattern.at(-1));
  const middle = pattern.slice(open ? 1 : 0, openAtEnd ? -1 : undefined);
  const [text = ''] = middle;
  if (middle.length > 1 || typeof text !== 'string') return { form: 'glob', text: globSource(pattern) };
  if (text === '') return { form: open ? 'anything' : openAtEnd ? 'anything' : 'equals', text };
  return { form: open && openAtEnd ? 'holds' : open ? 'ends' : openAtEnd ? 'starts' : 'equals', text };
}

const SPECIALS = { any: '.*', one: '.', dash: '[-/–—―]' } as const;

/** The pattern as an expression of RE2, over the whole text. */
const globSource = (pattern: Pattern): string =>
  `(?s)^${pattern.map((part) => (typeof part === 'string' ? quoted(part) : SPECIALS[part.special])).join('')}$`;

const quoted = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what is no letter and no digit of ASCII is written as its number
  text.replace(/[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]/g, (char) => `\\x{${char.charCodeAt(0).toString(16)}}`);

const textsOf = (forms: readonly Form[], wanted: Form['form']): string[] => [
  ...new Set(forms.filter(({ form }) => form === wanted).map(({ text }) => text)),
];

function eachOf(texts: readonly string[], test: (text: Sql) => Sql): Sql[] {
  if (texts.length === 0) return [];
  return texts.length === 1 ? [test(sql`${str(texts[0] ?? '')}`)] : [sql`arrayExists(n -> ${test(sql`n`)}, ${strs(texts)})`];
}

/** The engine searches for at most 255 texts at a time. */
const AT_ONCE = 200;

const chunks = (texts: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(texts.length / AT_ONCE) }, (_, i) => texts.slice(i * AT_ONCE, (i + 1) * AT_ONCE));
