import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import { err, ok, type Result } from '../../lib/result.ts';
import type { Scalar } from './expression.ts';

/** A value of a YAML file with the line it is on, so that every note can say where. */
export type Located =
  | { readonly kind: 'map'; readonly line: number; readonly entries: ReadonlyMap<string, Located> }
  | { readonly kind: 'list'; readonly line: number; readonly items: readonly Located[] }
  | { readonly kind: 'scalar'; readonly line: number; readonly value: Scalar; readonly text: string };

export type LocatedMap = Extract<Located, { kind: 'map' }>;

const MAX_CHARACTERS = 1_048_576;
/** An alias of an alias of an alias can stand for a billion values. */
const MAX_NODES = 50_000;
const MAX_DEPTH = 100;

export interface YamlFault {
  readonly line: number;
  readonly why: string;
}

/** The maps of a file, one a document. PyYAML reads YAML 1.1, where `yes` is true and the key `On` too; ruamel.yaml reads 1.2. */
export function readYaml(text: string, version: '1.1' | '1.2'): Result<readonly LocatedMap[], YamlFault> {
  if (text.length > MAX_CHARACTERS) return err({ line: 1, why: `the file has ${text.length} characters; ${MAX_CHARACTERS} are read` });
  const lines = new LineCounter();
  const maps: LocatedMap[] = [];
  for (const document of parseAllDocuments(text, { version, lineCounter: lines, prettyErrors: false, logLevel: 'silent' })) {
    const [error] = document.errors;
    if (error) return err({ line: lineAt(lines, error.pos[0]), why: `YAML: ${error.message}` });
    if (document.contents === null) continue;
    const read = new Reader(document, lines).read();
    if (!read.ok) return read;
    if (read.value.kind === 'map') maps.push(read.value);
    else if (read.value.kind !== 'scalar' || read.value.value !== null)
      return err({ line: read.value.line, why: 'a rule is a map of keys' });
  }
  return ok(maps);
}

const lineAt = (lines: LineCounter, offset: number): number => Math.max(lines.linePos(offset).line, 1);

/** Thrown inside this file only. */
class Unreadable {
  readonly fault: YamlFault;

  constructor(line: number, why: string) {
    this.fault = { line, why };
  }
}

class Reader {
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;
  #nodes = 0;

  constructor(document: Document.Parsed, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  read(): Result<Located, YamlFault> {
    try {
      return ok(this.#located(this.#document.contents, 1, 0));
    } catch (fault) {
      if (fault instanceof Unreadable) return err(fault.fault);
      throw fault;
    }
  }

  #located(node: unknown, outer: number, depth: number): Located {
    const line = this.#lineOf(node) ?? outer;
    if (++this.#nodes > MAX_NODES) throw new Unreadable(line, `more than ${MAX_NODES} values, aliases written out`);
    if (depth > MAX_DEPTH) throw new Unreadable(line, `nested deeper than ${MAX_DEPTH}`);
    if (isAlias(node)) {
      const target = node.resolve(this.#document);
      if (target === undefined) throw new Unreadable(line, `there is no anchor &${node.source}`);
      return this.#located(target, line, depth + 1);
    }
    if (isMap(node)) {
      const entries = new Map<string, Located>();
      for (const { key, value } of node.items) entries.set(scalar(key).text, this.#located(value, this.#lineOf(key) ?? line, depth + 1));
      return { kind: 'map', line, entries };
    }
    if (isSeq(node)) return { kind: 'list', line, items: node.items.map((each) => this.#located(each, line, depth + 1)) };
    return { kind: 'scalar', line, ...scalar(node) };
  }

  #lineOf(node: unknown): number | undefined {
    const range = isMap(node) || isSeq(node) || isScalar(node) || isAlias(node) ? node.range : undefined;
    return range ? lineAt(this.#lines, range[0]) : undefined;
  }
}

function scalar(node: unknown): { value: Scalar; text: string } {
  if (!isScalar(node) || node.value === null || node.value === undefined) return { value: null, text: '' };
  const { value, source } = node;
  if (typeof value === 'string' || typeof value === 'boolean') return { value, text: String(value) };
  // A number beyond 2^53 and a date keep the letters of the file.
  const whole = typeof value === 'number' && (Number.isSafeInteger(value) || !/^\d+$/.test(source ?? ''));
  return whole ? { value, text: String(value) } : { value: source ?? String(value), text: source ?? String(value) };
}

export const child = (map: LocatedMap, key: string): Located | undefined => map.entries.get(key);

/** The text of a scalar; undefined for null, maps and lists. */
export const textOf = (node: Located | undefined): string | undefined =>
  node?.kind === 'scalar' && node.value !== null ? node.text : undefined;

/** The texts of a list, or of one scalar; undefined where there is anything else. */
export function textsOf(node: Located | undefined): readonly string[] | undefined {
  const texts = (node?.kind === 'list' ? node.items : node === undefined ? [] : [node]).map(textOf);
  const all = texts.filter((text) => text !== undefined);
  return node !== undefined && all.length === texts.length ? all : undefined;
}

/** A number, also where it is written as text. */
export function numberOf(node: Located | undefined): number | undefined {
  const text = textOf(node)?.trim();
  return text !== undefined && /^[-+]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : undefined;
}
