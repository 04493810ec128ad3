import { err, ok, type Result } from '../lib/result.ts';

/**
 * A line of text with places in it, such as `Failed {linux.ssh.method} for {user.name*} from {source.address} port {source.port} ssh2`.
 *
 * - `{name}`: one word, without blanks. `{name#}`: digits.
 * - `{name~}`: any text, also none, up to the **first** place where what follows fits.
 * - `{name*}`: any text, also none, up to the **last** place where what follows fits; at most one in a template. It is for what a stranger
 *   may choose, such as a user name: what they forge stays inside the name.
 * - `{-}`, `{-#}`, `{-~}`: matched and not kept.
 *
 * A template is anchored at both ends and takes time linear in the line: it only searches for its own literal texts.
 */
export interface Template {
  /** What the line starts with. */
  readonly start: string;
  readonly places: readonly Place[];
  /** The texts at the places, in order; undefined when the line is another. */
  match(line: string): readonly string[] | undefined;
}

export interface Place {
  /** `-`: not kept. */
  readonly name: string;
  readonly kind: 'word' | 'digits' | 'first' | 'last';
}

const KINDS: Readonly<Record<string, Place['kind']>> = { '': 'word', '#': 'digits', '~': 'first', '*': 'last' };
const PLACE = /\{(-|[A-Za-z_@][\w.@-]*)([#~*]?)\}/g;

/** Reads a template; the error says what is wrong with it. */
export function compileTemplate(form: string): Result<Template, string> {
  const places: Place[] = [];
  const literals: string[] = [];
  let at = 0;
  for (const found of form.matchAll(PLACE)) {
    literals.push(form.slice(at, found.index));
    places.push({ name: found[1] ?? '-', kind: KINDS[found[2] ?? ''] ?? 'word' });
    at = found.index + found[0].length;
  }
  literals.push(form.slice(at));
  if (literals.some((literal) => literal.includes('{') || literal.includes('}')))
    return err('a place is not of the form {name}, {name#}, {name~} or {name*}');
  if (literals.slice(1, -1).includes('')) return err('two places touch: put text between them');
  if (places.filter((place) => place.kind === 'last').length > 1)
    return err('more than one {name*}: where the second begins is anyone’s guess');
  return ok({ start: literals[0] ?? '', places, match: matcher(literals, places) });
}

function matcher(literals: readonly string[], places: readonly Place[]): Template['match'] {
  const start = literals[0] ?? '';
  const pivot = places.findIndex((place) => place.kind === 'last');
  const fromLeft = pivot === -1 ? places.length : pivot;
  return (line) => {
    if (!line.startsWith(start)) return undefined;
    const texts = new Array<string>(places.length).fill('');
    const left = readLeft(line, start.length, literals, places, fromLeft, texts);
    if (left === -1) return undefined;
    if (pivot === -1) return left === line.length ? texts : undefined;
    const right = readRight(line, left, literals, places, pivot, texts);
    if (right === -1) return undefined;
    texts[pivot] = line.slice(left, right);
    return texts;
  };
}

/** Reads places 0 up to `count` with the literal behind each, from the left. Gives where it stopped, or -1. */
function readLeft(line: string, at: number, literals: readonly string[], places: readonly Place[], count: number, texts: string[]): number {
  for (let i = 0; i < count; i++) {
    const literal = literals[i + 1] ?? '';
    const isLast = i === places.length - 1;
    // The last literal must end the line; the others are the first found.
    const end = isLast ? (line.endsWith(literal) ? line.length - literal.length : -1) : line.indexOf(literal, at);
    if (end < at) return -1;
    const text = line.slice(at, end);
    if (!suits(places[i], text)) return -1;
    texts[i] = text;
    at = end + literal.length;
  }
  return at;
}

/** Reads the places behind `pivot` with the literal before each, from the right. Gives where the pivot's text ends, or -1. */
function readRight(
  line: string,
  least: number,
  literals: readonly string[],
  places: readonly Place[],
  pivot: number,
  texts: string[],
): number {
  const tail = literals[places.length] ?? '';
  if (!line.endsWith(tail)) return -1;
  let end = line.length - tail.length;
  for (let i = places.length - 1; i > pivot; i--) {
    const literal = literals[i] ?? '';
    const start = end < literal.length ? -1 : line.lastIndexOf(literal, end - literal.length);
    if (start < least) return -1;
    const text = line.slice(start + literal.length, end);
    if (!suits(places[i], text)) return -1;
    texts[i] = text;
    end = start;
  }
  return end < least ? -1 : end;
}

function suits(place: Place | undefined, text: string): boolean {
  switch (place?.kind) {
    case 'word':
      return text !== '' && !text.includes(' ');
    case 'digits':
      return isDigits(text);
    default:
      return true;
  }
}

function isDigits(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) return false;
  }
  return text !== '';
}
