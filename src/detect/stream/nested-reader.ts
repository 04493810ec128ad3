import type { Value } from '../../model/event.ts';
import { below, isList, isMap } from './values.ts';

/** A JSON document, as `JSON.parse` gives it. */
export type NestedDocument = { readonly [key: string]: Value };

/** Reads one path of documents; undefined where a document has no such field. */
export type NestedRead = (document: NestedDocument) => Value | undefined;

/**
 * The fields of an event that is judged as it came: nested JSON, read in place. To flatten it first costs more than to ask the rules.
 * `{"a": {"b": 1}}` and `{"a.b": 1}` are the same field; where a document has both, the nested one counts.
 */
export class NestedFields {
  readonly document: NestedDocument;

  constructor(document: NestedDocument) {
    this.document = document;
  }

  get(path: string): Value | undefined {
    return readNested(path)(this.document);
  }

  /** Something is at a path that begins with this one. */
  hasBelow(path: string): boolean {
    return someBelow(this.document, path);
  }

  *values(): Generator<Value> {
    for (const key of Object.keys(this.document)) yield this.document[key] as Value;
  }
}

const READS = new Map<string, NestedRead>();
/** Paths come from rules, and no rule set asks for that many. */
const MAX_READS = 100_000;

/** How to read a dotted path. Through the maps of an array, it is the values of all of them. */
export function readNested(path: string): NestedRead {
  let read = READS.get(path);
  if (read === undefined) {
    if (READS.size >= MAX_READS) READS.clear();
    read = compile(path.split('.'));
    READS.set(path, read);
  }
  return read;
}

/** Each way to cut the path into keys is tried, the most nested first. */
function compile(words: readonly string[]): NestedRead {
  const ways = words.map((_, i) => step(words.slice(0, i + 1).join('.'), words.slice(i + 1)));
  const [only] = ways;
  if (ways.length === 1 && only) return only;
  return (document) => {
    for (const way of ways) {
      const value = way(document);
      if (value !== undefined) return value;
    }
    return undefined;
  };
}

function step(key: string, rest: readonly string[]): NestedRead {
  // What every object inherits is no field; asking for own properties each time would be slower.
  const own = key in Object.prototype;
  const at: NestedRead = own ? (map) => (Object.hasOwn(map, key) ? map[key] : undefined) : (map) => map[key];
  if (rest.length === 0) return at;
  const read = compile(rest);
  return (map) => {
    const child = at(map);
    if (typeof child !== 'object' || child === null) return undefined;
    return isList(child) ? below(child, rest) : isMap(child) ? read(child) : undefined;
  };
}

/** Deeper than anybody's fields; a document of brackets would end the stack. */
const MAX_DEPTH = 64;

function someBelow(map: NestedDocument, path: string, depth = 0): boolean {
  if (depth >= MAX_DEPTH) return false;
  return Object.keys(map).some((key) => {
    const value = map[key];
    if (key === path) return isMap(value) && holdsSomething(value, depth);
    if (key.startsWith(path) && key.charAt(path.length) === '.')
      return value !== undefined && (!isMap(value) || holdsSomething(value, depth));
    return path.startsWith(`${key}.`) && isMap(value) && someBelow(value, path.slice(key.length + 1), depth + 1);
  });
}

/** A map of empty maps has nothing in it. */
function holdsSomething(map: NestedDocument, depth: number): boolean {
  return Object.values(map).some((value) => !isMap(value) || (depth < MAX_DEPTH && holdsSomething(value, depth + 1)));
}
