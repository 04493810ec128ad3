import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import { Faults } from './fault.ts';

export type { Node, YAMLMap, YAMLSeq } from 'yaml';
export { isMap, isNode, isScalar, isSeq } from 'yaml';

/** Longer files are no rules; reading them would only cost memory. */
const MAX_BYTES = 1_048_576;

export interface YamlFile {
  /** In the order of the file; undefined where a document has a fault, which is no concern of its neighbors. */
  readonly documents: readonly (YAMLMap | undefined)[];
  readonly faults: Faults;
}

/** Parses a file by the YAML 1.2 core schema (`on` is a string, `0x10` is 16). Syntax errors become faults with their place. */
export function parseYaml(file: string, text: string): YamlFile {
  const lines = new LineCounter();
  const faults = new Faults(file, lines);
  if (text.length > MAX_BYTES) {
    faults.add(0, `the file has ${text.length} characters; a rule file may have ${MAX_BYTES}`);
    return { documents: [], faults };
  }
  const parsed = parseAllDocuments(text, {
    version: '1.2',
    schema: 'core',
    lineCounter: lines,
    uniqueKeys: true,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const documents: (YAMLMap | undefined)[] = [];
  for (const document of parsed) {
    const before = faults.found.length;
    const map = checkDocument(document, faults);
    if (faults.found.length > before) documents.push(undefined);
    else if (map) documents.push(map);
  }
  if (documents.length === 0 && faults.found.length === 0) faults.add(0, 'the file holds no rule');
  return { documents, faults };
}

function checkDocument(document: Document.Parsed, faults: Faults): YAMLMap | undefined {
  if (document.errors.length > 0) {
    for (const error of document.errors) faults.add(error.pos[0], `YAML: ${error.message}`);
    return undefined;
  }
  for (const warning of document.warnings) faults.add(warning.pos[0], `YAML: ${warning.message}`);
  const contents: unknown = document.contents;
  if (contents === null || (isScalar(contents) && contents.value === null)) return undefined;
  visit(document, {
    // An alias of an alias of an alias can stand for a billion values.
    Alias: (_, node) => faults.add(node, 'YAML aliases are not supported in rules: write the value out'),
  });
  if (!isMap(contents))
    return faults.add(isNode(contents) ? contents : 0, 'a rule is a map of attributes, such as `title:` and `detection:`');
  return contents;
}

/** A map's entries whose keys are text, in order. Other keys become faults. */
export function entries(map: YAMLMap, faults: Faults): { key: string; keyNode: Node; value: Node | null }[] {
  const found: { key: string; keyNode: Node; value: Node | null }[] = [];
  for (const pair of map.items) {
    const { key, value } = pair;
    if (!isScalar(key) || key.value === null || typeof key.value === 'object') {
      faults.add(isNode(key) ? key : map, 'a key must be text');
      continue;
    }
    found.push({ key: String(key.value), keyNode: key, value: isNode(value) ? value : null });
  }
  return found;
}

/** The node under a key; undefined where the key is not there. */
export function attribute(map: YAMLMap, key: string): Node | undefined {
  const node = map.get(key, true);
  return isNode(node) ? node : undefined;
}

/** The text of a scalar as YAML read it; undefined for null, maps and lists. */
export function scalarText(node: Node | null | undefined): string | undefined {
  if (!isScalar(node) || node.value === null || node.value === undefined || isAlias(node)) return undefined;
  return typeof node.value === 'number' ? numberText(node) : String(node.value);
}

/** A number's text. Integers beyond 2^53 keep the digits of the file, as a float would change them. */
function numberText(node: Scalar): string {
  const value = Number(node.value);
  const plain = node.source !== undefined && /^-?[1-9][0-9]*$/.test(node.source);
  return plain && !Number.isSafeInteger(value) ? `${node.source}` : String(value);
}

/** Where the text of a scalar begins in the file, past an opening quote; undefined where text and file differ in place (block scalars, escapes). */
export function textOffset(node: Scalar): number | undefined {
  const start = node.range?.[0];
  if (start === undefined) return undefined;
  if (node.type === Scalar.PLAIN) return start;
  const quoted = node.type === Scalar.QUOTE_SINGLE || node.type === Scalar.QUOTE_DOUBLE;
  return quoted ? start + 1 : undefined;
}

/** The texts of a list of scalars, or of one scalar; undefined, with a fault, for anything else. */
export function textList(node: Node, faults: Faults, what: string): string[] | undefined {
  const items = isSeq(node) ? node.items : [node];
  const texts: string[] = [];
  for (const item of items) {
    const text = isNode(item) ? scalarText(item) : undefined;
    if (text === undefined) return faults.add(isNode(item) ? item : node, `${what} must be text, or a list of texts`);
    texts.push(text);
  }
  return texts;
}

/** The JSON value of a document, with the keys of every map sorted: equal content gives equal text. */
export function canonicalJson(map: YAMLMap): string {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, child]) => [key, sorted(child)]),
    );
  };
  return JSON.stringify(sorted(map.toJSON()));
}
