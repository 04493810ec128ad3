import { DASHES, type Pattern } from './pattern.ts';

export type TextTest = (text: string) => boolean;

type Segment = Pattern;

/**
 * A test of whole texts. The texts must be folded when the pattern is. Linear for the shapes rules have (equal, prefix, suffix,
 * contains, texts between `*`); at worst length of text times length of pattern, as `*` never needs a second try once the
 * leftmost place of what follows is found.
 */
export function compilePattern(pattern: Pattern): TextTest {
  return simpleTest(pattern) ?? globTest(pattern);
}

/** Where the first literal match begins, to cut an excerpt there; 0 where it cannot be said. */
export function matchStart(pattern: Pattern, text: string): number {
  const [first] = pattern.filter((part) => typeof part === 'string');
  return typeof first === 'string' ? Math.max(text.indexOf(first), 0) : 0;
}

const isAny = (part: Pattern[number] | undefined): boolean => typeof part === 'object' && part.special === 'any';

function simpleTest(pattern: Pattern): TextTest | undefined {
  const open = isAny(pattern[0]);
  const openAtEnd = pattern.length > 1 && isAny(pattern.at(-1));
  const middle = pattern.slice(open ? 1 : 0, openAtEnd ? -1 : undefined);
  const [literal = ''] = middle;
  if (middle.length > 1 || typeof literal !== 'string') return undefined;
  if (middle.length === 0 && open) return () => true;
  if (open && openAtEnd) return (text) => text.includes(literal);
  if (open) return (text) => text.endsWith(literal);
  if (openAtEnd) return (text) => text.startsWith(literal);
  return (text) => text === literal;
}

/**
 * How many steps a test takes for each character of a text, at worst: where a part may begin at many places and fails late, each is tried.
 * 0: not more than it takes to read the text.
 */
export function stepsOf(pattern: Pattern): number {
  if (simpleTest(pattern) !== undefined) return 0;
  return Math.max(1, ...pattern.map((part) => (typeof part === 'string' ? part.length : 1))) + pattern.length;
}

function globTest(pattern: Pattern): TextTest {
  const segments: Segment[] = [[]];
  for (const part of pattern) {
    if (isAny(part)) segments.push([]);
    else segments[segments.length - 1] = [...(segments.at(-1) ?? []), part];
  }
  const [head = [], ...rest] = segments;
  const tail = rest.pop();
  if (tail === undefined) return (text) => matchAt(head, text, 0) === text.length;
  return (text) => {
    let at = matchAt(head, text, 0);
    for (const segment of rest) {
      if (at < 0) return false;
      at = firstMatch(segment, text, at);
    }
    return at >= 0 && endsAfter(tail, text, at);
  };
}

/** The end of the segment when it begins exactly at `at`, else -1. */
function matchAt(segment: Segment, text: string, at: number): number {
  for (const part of segment) {
    if (typeof part === 'string') {
      if (!text.startsWith(part, at)) return -1;
      at += part.length;
      continue;
    }
    const code = text.codePointAt(at);
    if (code === undefined) return -1;
    if (part.special === 'dash' && !DASHES.includes(text.charAt(at))) return -1;
    at += code > 0xffff ? 2 : 1;
  }
  return at;
}

/** The end of the leftmost match at or after `from`, else -1. */
function firstMatch(segment: Segment, text: string, from: number): number {
  const [first] = segment;
  if (first === undefined) return from;
  for (let at = from; at <= text.length; at++) {
    if (typeof first === 'string') {
      at = text.indexOf(first, at);
      if (at < 0) return -1;
    } else if (splitsPair(text, at)) continue;
    const end = matchAt(segment, text, at);
    if (end >= 0) return end;
  }
  return -1;
}

/** Whether a match of the segment that begins at or after `from` ends where the text ends. */
function endsAfter(segment: Segment, text: string, from: number): boolean {
  let least = 0;
  let most = 0;
  for (const part of segment) {
    least += typeof part === 'string' ? part.length : 1;
    most += typeof part === 'string' ? part.length : part.special === 'one' ? 2 : 1;
  }
  for (let at = Math.max(from, text.length - most); at <= text.length - least; at++) {
    if (!splitsPair(text, at) && matchAt(segment, text, at) === text.length) return true;
  }
  return false;
}

/** Between the two halves of a surrogate pair there is no place. */
function splitsPair(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (!(code >= 0xdc00 && code <= 0xdfff)) return false;
  const before = text.charCodeAt(at - 1);
  return before >= 0xd800 && before <= 0xdbff;
}
