import { RE2JS } from 're2js';
import { err, ok, type Result } from '../../lib/result.ts';
import { fold } from './fold.ts';

export interface RegexFlags {
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
}

/** Says whether the expression is found anywhere in a text. */
export type RegexSearch = (text: string) => boolean;

/**
 * Compiles an expression with RE2's syntax and semantics: time is linear in the text, so a hostile value cannot stall the hub.
 * Look-around and back-references cannot be had that way, and are errors.
 */
export function compileRegex(source: string, flags: RegexFlags): Result<RegexSearch, string> {
  const bits =
    (flags.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) | (flags.multiline ? RE2JS.MULTILINE : 0) | (flags.dotAll ? RE2JS.DOTALL : 0);
  try {
    const compiled = RE2JS.compile(source, bits);
    return ok((text) => compiled.test(text));
  } catch (error) {
    return err(refusal(source, error instanceof Error ? error.message : String(error)));
  }
}

function refusal(source: string, message: string): string {
  if (/\(\?<?[=!]/.test(source))
    return 'the regular expression uses look-around, which Sigma does not have: say it with a second selection and `not`';
  if (/\\[1-9]/.test(source)) return 'the regular expression uses a back-reference, which Sigma does not have';
  return `the regular expression is not valid (RE2 syntax): ${message}`;
}

/**
 * A literal, folded, that is in the folded form of every ASCII text in which the expression is found; empty where none is seen at a
 * glance. It may be wrong only by being too short: anything the scan does not know for sure ends the literal.
 */
export function necessaryLiteral(source: string): string {
  let longest = '';
  let run = '';
  const end = (): void => {
    if (run.length > longest.length) longest = run;
    run = '';
  };
  for (let i = 0; i < source.length; ) {
    const unit = readUnit(source, i);
    if (unit === undefined) return '';
    i = unit.end;
    const quantifier = /^(?:[*+?]|\{\d*,?\d*\})\??/.exec(source.slice(i, i + 16))?.[0] ?? '';
    i += quantifier.length;
    if (unit.literal === undefined) end();
    else if (quantifier === '') run += unit.literal;
    else {
      if (quantifier.startsWith('+')) run += unit.literal;
      end();
    }
  }
  end();
  return fold(longest);
}

/** One unit at `at`: a literal character, or something else (its `literal` is undefined). Undefined: an alternation, so nothing is necessary. */
function readUnit(source: string, at: number): { end: number; literal: string | undefined } | undefined {
  const char = source.charAt(at);
  if (char === '|') return undefined;
  if (char === '(') return { end: closing(source, at), literal: undefined };
  if (char === '[') return { end: classEnd(source, at), literal: undefined };
  if (char === '\\') {
    const next = source.charAt(at + 1);
    // `\Q…\E`, `\x41`, `\p{L}`: legal, rare, and not worth reading.
    if (/[a-zA-Z0-9]/.test(next)) return /[wWdDsSbB]/.test(next) ? { end: at + 2, literal: undefined } : undefined;
    return { end: at + 2, literal: next.charCodeAt(0) < 128 ? next : undefined };
  }
  // Case folding takes the long s (U+017F) for an s, and that is not its lower case; so no literal goes over an s.
  const plain = !/[.^$sS]/.test(char) && char.charCodeAt(0) < 128;
  return { end: at + 1, literal: plain ? char : undefined };
}

function classEnd(source: string, at: number): number {
  let i = at + 1;
  if (source.charAt(i) === '^') i++;
  if (source.charAt(i) === ']') i++;
  for (; i < source.length && source.charAt(i) !== ']'; i++) {
    if (source.charAt(i) === '\\') i++;
    else if (source.startsWith('[:', i)) i = Math.max(source.indexOf(':]', i) + 1, i);
  }
  return i + 1;
}

function closing(source: string, at: number): number {
  let depth = 0;
  for (let i = at; i < source.length; i++) {
    const char = source.charAt(i);
    if (char === '\\') i++;
    else if (char === '[') i = classEnd(source, i) - 1;
    else if (char === '(') depth++;
    else if (char === ')' && --depth === 0) return i + 1;
  }
  return source.length;
}
