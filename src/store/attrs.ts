import type { Fields, Value } from '../model/event.ts';
import type { RowBinaryWriter } from './row-binary.ts';

/**
 * Fields whose path cannot be a key as it is (an empty path or a line feed would break `shape`, a lone surrogate is not UTF-8) are kept together under this
 * key, as JSON `[[path, JSON text of the value], …]`. No other path can be equal to it, because it holds a line feed itself.
 */
const ODD_PATHS = '\n';

/** Collects the fields of one event that have no column, and writes them as the columns `attrs` and `shape`. */
export class AttrsWriter {
  #paths: string[] = [];
  #texts: string[] = [];
  #json: string[] = [];
  #odd: [string, string][] = [];

  add(path: string, value: Value): void {
    if (!isPlain(path)) {
      this.#odd.push([path, jsonText(value, path)]);
      return;
    }
    this.#paths.push(path);
    if (typeof value === 'string' && value.isWellFormed()) {
      this.#texts.push(value);
    } else {
      this.#texts.push(jsonText(value, path));
      this.#json.push(path);
    }
  }

  /** Writes `attrs` (Map) and then `shape`, and begins anew. */
  write(out: RowBinaryWriter): void {
    if (this.#odd.length > 0) {
      this.#paths.push(ODD_PATHS);
      this.#texts.push(JSON.stringify(this.#odd));
    }
    out.varint(this.#paths.length);
    for (let i = 0; i < this.#paths.length; i++) {
      out.string(this.#paths[i] ?? '');
      out.string(this.#texts[i] ?? '');
    }
    out.string(this.#json.length < 2 ? (this.#json[0] ?? '') : this.#json.sort().join('\n'));
    this.clear();
  }

  clear(): void {
    this.#paths.length = 0;
    this.#texts.length = 0;
    this.#json.length = 0;
    this.#odd.length = 0;
  }
}

const KEPT_PATHS = 10_000;
const plainPaths = new Set<string>();

/** Paths repeat, so most need no second look; a sender who makes them up must not fill the memory. */
function isPlain(path: string): boolean {
  if (plainPaths.has(path)) return true;
  if (path === '' || path.includes('\n') || !path.isWellFormed()) return false;
  if (plainPaths.size < KEPT_PATHS) plainPaths.add(path);
  return true;
}

/** Puts the fields of `attrs` back. */
export function readAttrs(attrs: Readonly<Record<string, string>>, shape: string, into: Fields): void {
  const json = new Set(shape === '' ? [] : shape.split('\n'));
  for (const [path, text] of Object.entries(attrs)) {
    if (path === ODD_PATHS) for (const [odd, value] of JSON.parse(text) as [string, string][]) put(into, odd, JSON.parse(value) as Value);
    else put(into, path, json.has(path) ? (JSON.parse(text) as Value) : text);
  }
}

function put(into: Fields, path: string, value: Value): void {
  // An assignment to this name would set the prototype.
  if (path === '__proto__') Object.defineProperty(into, path, { value, enumerable: true, writable: true, configurable: true });
  else into[path] = value;
}

/** JSON would turn these into null, or leave them out, without a word. */
const notJson = (_key: string, value: unknown): unknown => {
  const type = typeof value;
  if (type === 'undefined' || type === 'function' || type === 'symbol' || type === 'bigint')
    throw new TypeError(`${type} is not a JSON value`);
  if (type === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} is not a JSON number`);
  return value;
};

function jsonText(value: unknown, path: string): string {
  if (typeof value === 'number' && Number.isFinite(value)) return Object.is(value, -0) ? '-0' : `${value}`;
  if (value === null) return 'null';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  try {
    return JSON.stringify(value, notJson);
  } catch (error) {
    throw new TypeError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
