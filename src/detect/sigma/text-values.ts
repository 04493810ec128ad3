import { err, ok, type Result } from '../../lib/result.ts';
import { base64Offsets, type Utf16, utf16Bytes } from './encoding.ts';
import type { Transform } from './modifiers.ts';
import { literalOf, literalPattern, openEnd, openStart, type Pattern, parsePattern, withDashes } from './pattern.ts';

/** Texts of the lists that `|expand` names, by name without the percent signs. */
export type Placeholders = Pick<ReadonlyMap<string, readonly string[]>, 'get' | 'has' | 'keys' | 'size'>;

/** The same, and which lists were asked for their texts: what is made of these depends on them. */
export class NotedTexts implements Placeholders {
  readonly used = new Set<string>();
  readonly #texts: Placeholders;

  constructor(texts: Placeholders) {
    this.#texts = texts;
  }

  get size(): number {
    return this.#texts.size;
  }

  get(name: string): readonly string[] | undefined {
    this.used.add(name);
    return this.#texts.get(name);
  }

  has(name: string): boolean {
    return this.#texts.has(name);
  }

  keys(): MapIterator<string> {
    return this.#texts.keys();
  }
}

/** More values than that are a mistake in a list, or an attack. */
const MAX_VALUES = 10_000;

type Working = { readonly pattern: Pattern } | { readonly bytes: Buffer };

/** The patterns that one value of a rule stands for after its modifiers: several for `base64offset` and `expand`. */
export function textPatterns(text: string, transforms: readonly Transform[], placeholders: Placeholders): Result<Pattern[], string> {
  let working: readonly Working[];
  if (transforms.includes('expand')) {
    const expanded = expand(text, placeholders);
    if (!expanded.ok) return expanded;
    working = expanded.value.map((pattern) => ({ pattern }));
  } else working = [{ pattern: parsePattern(text) }];
  for (const transform of transforms) {
    const next: Working[] = [];
    for (const value of working) {
      const changed = apply(value, transform);
      if (!changed.ok) return changed;
      next.push(...changed.value);
    }
    working = next;
  }
  return ok(working.map((value) => ('bytes' in value ? literalPattern(value.bytes.toString('latin1')) : value.pattern)));
}

function apply(value: Working, transform: Transform): Result<readonly Working[], string> {
  switch (transform) {
    case 'expand':
      return ok([value]);
    case 'windash':
      return 'bytes' in value ? err('`windash` must come before the encodings') : ok([{ pattern: withDashes(value.pattern) }]);
    case 'contains':
      return ok([{ pattern: openStart(openEnd(asPattern(value))) }]);
    case 'startswith':
      return ok([{ pattern: openEnd(asPattern(value)) }]);
    case 'endswith':
      return ok([{ pattern: openStart(asPattern(value)) }]);
    case 'base64':
    case 'base64offset':
      return toBase64(value, transform);
    default:
      return toUtf16(value, transform);
  }
}

const asPattern = (value: Working): Pattern => ('bytes' in value ? literalPattern(value.bytes.toString('latin1')) : value.pattern);

function toUtf16(value: Working, form: Utf16): Result<readonly Working[], string> {
  const text = 'bytes' in value ? undefined : literalOf(value.pattern);
  if (text === undefined) return err(`a value for \`${form}\` must be plain text without wildcards, and be encoded once`);
  return ok([{ bytes: utf16Bytes(text, form) }]);
}

function toBase64(value: Working, transform: 'base64' | 'base64offset'): Result<readonly Working[], string> {
  const text = 'bytes' in value ? '' : literalOf(value.pattern);
  if (text === undefined) return err(`a value for \`${transform}\` must be plain text without wildcards: put \`contains\` after it`);
  const bytes = 'bytes' in value ? value.bytes : Buffer.from(text);
  const encoded = transform === 'base64' ? [bytes.toString('base64')] : base64Offsets(bytes);
  return ok(encoded.map((form) => ({ pattern: literalPattern(form) })));
}

/** Fills `%name%`; `\%` is a percent sign. A name without a list is an error: half a rule would be silent. */
function expand(text: string, placeholders: Placeholders): Result<Pattern[], string> {
  let filled: Pattern[] = [[]];
  for (const [piece, name] of pieces(text)) {
    if (name === undefined) {
      filled = filled.map((pattern) => [...pattern, ...parsePattern(piece)]);
      continue;
    }
    const values = placeholders.get(name);
    if (values === undefined) return err(`the placeholder \`%${name}%\` has no list of that name: ${namesOf(placeholders)}`);
    if (filled.length * values.length > MAX_VALUES) return err(`the placeholders stand for more than ${MAX_VALUES} values`);
    filled = filled.flatMap((pattern) => values.map((value) => [...pattern, value]));
  }
  return ok(filled.map(joinTexts));
}

/** The list that a value names and nothing else. */
export const listAlone = (text: string): string | undefined => /^%([A-Za-z0-9_.-]+)%$/.exec(text)?.[1];

export const hasPlaceholder = (text: string): boolean => pieces(text).some(([, name]) => name !== undefined);

const MAX_NAMES = 20;

function namesOf(placeholders: Placeholders): string {
  if (placeholders.size === 0) return 'there are no lists';
  const more = placeholders.size > MAX_NAMES ? `, and ${placeholders.size - MAX_NAMES} more` : '';
  return `there are ${[...placeholders.keys()].slice(0, MAX_NAMES).join(', ')}${more}`;
}

/** Cuts into plain texts (`[text]`) and names of placeholders (`['', name]`). */
function pieces(text: string): [string, string?][] {
  const found: [string, string?][] = [];
  let plain = '';
  for (let i = 0; i < text.length; i++) {
    if (text.startsWith('\\%', i)) {
      plain += '%';
      i++;
      continue;
    }
    const name = text.charAt(i) === '%' ? /^%([A-Za-z0-9_.-]+)%/.exec(text.slice(i))?.[1] : undefined;
    if (name === undefined) {
      plain += text.charAt(i);
      continue;
    }
    found.push([plain], ['', name]);
    plain = '';
    i += name.length + 1;
  }
  found.push([plain]);
  return found;
}

function joinTexts(pattern: Pattern): Pattern {
  const joined: Pattern[number][] = [];
  for (const part of pattern) {
    const last = joined.at(-1);
    if (typeof part === 'string' && typeof last === 'string') joined[joined.length - 1] = last + part;
    else joined.push(part);
  }
  return joined.filter((part) => part !== '');
}
