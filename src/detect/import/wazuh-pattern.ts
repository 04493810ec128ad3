import { err, ok, type Result } from '../../lib/result.ts';
import { compileRegex } from '../sigma/regex.ts';
import { ALL, type Expression, item, literal, not, or } from './expression.ts';

/** The three languages of patterns in Wazuh's rules. */
export type PatternType = 'osmatch' | 'osregex' | 'pcre2';

export const isPatternType = (text: string): text is PatternType => text === 'osmatch' || text === 'osregex' || text === 'pcre2';

/** Where a pattern is searched. Undefined: in the whole message. */
export type Target = string | undefined;

/** The part of a message that Wazuh searches, without the head of syslog. */
const MESSAGE = 'message';

/** What a pattern asks of a field, or of the message. The error says why it cannot be asked. */
export function readPattern(pattern: string, type: PatternType, target: Target): Result<Expression, string> {
  if (type === 'pcre2') return regex(pattern, `${target ?? MESSAGE}|re`);
  const negated = type === 'osmatch' && pattern.startsWith('!');
  const body = negated ? pattern.slice(1) : pattern;
  const plain = type === 'osmatch' || !/[\\()]/.test(body);
  const read = plain ? ok(literals(body, target)) : osRegex(body, target);
  return read.ok && negated ? ok(not(read.value)) : read;
}

/** Texts apart by `|`, each perhaps with `^` and `$`. Without regard to case, as Wazuh compares them. */
function literals(pattern: string, target: Target): Expression {
  const alternatives = pattern.split('|').filter((each) => each !== '');
  return alternatives.length === 0 ? ALL : or(alternatives.map((each) => literalIn(each, target)));
}

function literalIn(text: string, target: Target): Expression {
  const start = text.startsWith('^');
  const end = text.length > 1 && text.endsWith('$');
  const body = literal(text.slice(start ? 1 : 0, end ? -1 : undefined));
  const field = target ?? MESSAGE;
  if (body === '') return item(`${field}|exists`, true);
  if (start && end) return item(field, body);
  if (start) return item(`${field}|startswith`, body);
  if (end) return item(`${field}|endswith`, body);
  return target === undefined ? item('', body) : item(`${target}|contains`, body);
}

function osRegex(pattern: string, target: Target): Result<Expression, string> {
  const source = osRegexToRe2(pattern);
  return source.ok ? regex(source.value, `${target ?? MESSAGE}|re|i`) : source;
}

function regex(source: string, key: string): Result<Expression, string> {
  const compiled = compileRegex(source, { ignoreCase: key.endsWith('|i'), multiline: false, dotAll: false });
  return compiled.ok ? ok(item(key, source)) : compiled;
}

/** Wazuh's own classes. `\.` is any character, and a dot is a dot. */
const CLASSES: Readonly<Record<string, string>> = {
  w: '[A-Za-z0-9@_-]',
  W: '[^A-Za-z0-9@_-]',
  d: '[0-9]',
  D: '[^0-9]',
  s: ' ',
  S: '[^ ]',
  t: '\\t',
  p: '[()*+,\\-.:;<=>?\\[\\]!"\'#$%&|{}]',
  '.': '(?s:.)',
};

/** Translates OS_Regex. There, `+` and `*` repeat only what begins with a backslash; elsewhere they are themselves. */
export function osRegexToRe2(pattern: string): Result<string, string> {
  let source = '';
  let depth = 0;
  let first = true;
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern.charAt(i);
    const begins: boolean = first;
    first = false;
    if (char === '\\') {
      const next = pattern.charAt(++i);
      const repeat = /[+*]/.test(pattern.charAt(i + 1)) ? pattern.charAt(i + 1) : '';
      const known = Object.hasOwn(CLASSES, next) ? CLASSES[next] : undefined;
      if (known === undefined && !/[^A-Za-z0-9]/.test(next)) return err(`OS_Regex has no \`\\${next}\``);
      source += known === undefined ? quoted(next) : known + repeat;
      if (known !== undefined) i += repeat.length;
    } else if (char === '|') {
      if (depth > 0) return err('OS_Regex has no `|` within parentheses');
      source += '|';
      first = true;
    } else if (char === '^' && begins) source += '^';
    else if (char === '$' && /^(\||$)/.test(pattern.slice(i + 1))) source += '$';
    else if (char === '(') {
      depth++;
      first = begins;
      source += '(?:';
    } else if (char === ')') {
      if (--depth < 0) return err('a parenthesis closes nothing');
      source += ')';
    } else source += quoted(char);
  }
  return depth === 0 ? ok(source) : err('a parenthesis is not closed');
}

const quoted = (char: string): string => (/[\\.^$*+?()[\]{}|]/.test(char) ? `\\${char}` : char);
