/** The pairs of a CEF extension, and the text before the first key where there is any. */
export interface CefExtension {
  readonly pairs: Record<string, string>;
  readonly unkeyed: string;
}

/**
 * Reads `key=value key=value`, where values may hold blanks and, in spite of the standard, bare `=` and `|`. A key begins the text or
 * follows a blank, is a word of `A-Z a-z 0-9 _ . - [ ]`, and ends at a bare `=`: so `msg=status=ok` and `request=https://h/?id=1&a=2` stay
 * whole. Blanks around a value are not part of it. The last of equal keys wins. One pass forward; looking back for a key never goes
 * behind the `=` before it.
 */
export function parseCefExtension(text: string, from: number, to: number): CefExtension {
  // Without a prototype: faster to fill, and no key of a sender's means anything to it.
  const pairs: Record<string, string> = { __proto__: null } as never;
  const escaped = text.indexOf('\\', from) >= 0;
  let unkeyed = '';
  let key: string | undefined;
  let valueAt = from;
  for (let equals = text.indexOf('=', from); equals >= 0 && equals < to; equals = text.indexOf('=', equals + 1)) {
    const keyAt = keyStart(text, equals, valueAt, valueAt === from);
    if (keyAt < 0) continue;
    if (key === undefined) unkeyed = cutValue(text, from, keyAt, escaped);
    else pairs[key] = cutValue(text, valueAt, keyAt, escaped);
    key = keyAtPlace(text, keyAt, equals);
    valueAt = equals + 1;
  }
  if (key === undefined) unkeyed = cutValue(text, from, to, escaped);
  else pairs[key] = cutValue(text, valueAt, to, escaped);
  return { pairs, unkeyed };
}

/** Keys seen lately, by a hash of theirs. Senders use few, and to make a new text of one each time, for it to become a property's name, costs as much as its value. */
const seen: string[] = Array.from({ length: 512 }, () => '');
const LONGEST_SEEN = 64;

function keyAtPlace(text: string, from: number, to: number): string {
  const place = (text.charCodeAt(from) * 31 + text.charCodeAt(to - 1) * 7 + text.charCodeAt((from + to) >> 1) * 3 + to - from) & 511;
  const known = seen[place];
  if (known !== undefined && known.length === to - from && text.startsWith(known, from)) return known;
  const key = text.slice(from, to);
  // As the name of a property it holds no part of the message alive.
  if (key.length <= LONGEST_SEEN) seen[place] = Object.keys({ [key]: 0 })[0] ?? '';
  return key;
}

/** Where the key before this `=` begins; -1 where the `=` belongs to a value. */
function keyStart(text: string, equals: number, floor: number, atStart: boolean): number {
  let at = equals - 1;
  let code = 0;
  let kinds = 0;
  for (; at >= floor; at -= 1) {
    code = text.charCodeAt(at);
    const kind = code < 128 ? (KIND[code] ?? 0) : 0;
    if (kind === 0) break;
    kinds |= kind;
  }
  const start = at + 1;
  if (start === equals || (at < floor ? !atStart : code > 32)) return -1;
  if ((KIND[text.charCodeAt(start)] ?? 0) !== WORD) return -1;
  return (kinds & COMMA) === 0 || isDottedBeforeComma(text, start, equals) ? start : -1;
}

/** A comma is of a key only behind a dot (`ad.Error_,Code`, as ArcSight writes); elsewhere it is prose (`failed,code=5`). */
function isDottedBeforeComma(text: string, start: number, equals: number): boolean {
  const dot = text.slice(start, equals).indexOf('.');
  return dot >= 0 && dot < text.slice(start, equals).indexOf(',');
}

const WORD = 1;
const MARK = 2;
const COMMA = 4;
const KIND: Uint8Array = new Uint8Array(128);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_') KIND[character.charCodeAt(0)] = WORD;
for (const character of '.-[]') KIND[character.charCodeAt(0)] = MARK;
KIND[44] = COMMA;

function cutValue(text: string, from: number, to: number, escaped: boolean): string {
  while (from < to && text.charCodeAt(from) <= 32) from += 1;
  while (to > from && text.charCodeAt(to - 1) <= 32) to -= 1;
  const value = text.slice(from, to);
  return escaped && value.includes('\\') ? unescaped(value) : value;
}

/** `\\`, `\=`, `\n`, `\r`. Before any other character a backslash is itself: Windows paths are sent unescaped. */
function unescaped(value: string): string {
  let out = '';
  let from = 0;
  for (let at = value.indexOf('\\'); at >= 0; at = value.indexOf('\\', from)) {
    const next = ESCAPES[value.charAt(at + 1)];
    out += value.slice(from, at) + (next ?? '\\');
    // What was not an escape is read again from the character behind the backslash, which is none.
    from = next === undefined ? at + 1 : at + 2;
  }
  return out + value.slice(from);
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\', '=': '=', n: '\n', r: '\r' };

export const escapeCefValue = (value: string): string =>
  value.replace(/[\\=\n\r]/g, (character) => (character === '\n' ? '\\n' : character === '\r' ? '\\r' : `\\${character}`));
