import { fold } from './fold.ts';

/** `*`, `?` (one code point), or one of the dashes that `windash` takes for one another. */
export type Special = 'any' | 'one' | 'dash';

/** A Sigma string: literal texts and what stands between them. Neighboring texts are joined, so `[]` is the empty string. */
export type Pattern = readonly (string | { readonly special: Special })[];

export const ANY = { special: 'any' } as const;
const ONE = { special: 'one' } as const;
const DASH = { special: 'dash' } as const;

/** The characters `windash` takes for one another: hyphen, slash, en dash, em dash, horizontal bar. */
export const DASHES = '-/–—―';

/** Reads wildcards and escapes: a backslash escapes only `*`, `?` and itself, and else is itself (Sigma 2.1, "Escape Character"). */
export function parsePattern(text: string): Pattern {
  const parts: (string | { special: Special })[] = [];
  let literal = '';
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    const next = text.charAt(i + 1);
    if (char === '\\' && (next === '*' || next === '?' || next === '\\')) {
      literal += next;
      i++;
    } else if (char === '*' || char === '?') {
      if (literal !== '') parts.push(literal);
      literal = '';
      parts.push(char === '*' ? ANY : ONE);
    } else literal += char;
  }
  if (literal !== '') parts.push(literal);
  return parts;
}

export const literalPattern = (text: string): Pattern => (text === '' ? [] : [text]);

/** The text, where the pattern is nothing else. */
export function literalOf(pattern: Pattern): string | undefined {
  if (pattern.length === 0) return '';
  const [only] = pattern;
  return pattern.length === 1 && typeof only === 'string' ? only : undefined;
}

const isAny = (part: Pattern[number] | undefined): boolean => typeof part === 'object' && part.special === 'any';

export const openStart = (pattern: Pattern): Pattern => (isAny(pattern[0]) ? pattern : [ANY, ...pattern]);
export const openEnd = (pattern: Pattern): Pattern => (isAny(pattern.at(-1)) ? pattern : [...pattern, ANY]);

/** `windash`: a `-` or `/` before a word and not after one stands for any dash; one class instead of 5^k values. */
export function withDashes(pattern: Pattern): Pattern {
  return pattern.flatMap((part): Pattern => {
    if (typeof part !== 'string') return [part];
    const pieces = part.split(/\B[-/]\b/);
    return pieces.flatMap((piece, i) => [...(i > 0 ? [DASH] : []), ...(piece === '' ? [] : [piece])]);
  });
}

/** Changes the literal texts; neighbors stay as they are. */
const mapLiterals = (pattern: Pattern, change: (text: string) => string): Pattern =>
  pattern.map((part) => (typeof part === 'string' ? change(part) : part));

export const foldPattern = (pattern: Pattern): Pattern => mapLiterals(pattern, fold);

/** The longest literal: whatever matches the pattern has it in it. Empty where there is none. */
export function longestLiteral(pattern: Pattern): string {
  let longest = '';
  for (const part of pattern) if (typeof part === 'string' && part.length > longest.length) longest = part;
  return longest;
}
