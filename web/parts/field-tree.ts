export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** A stretch of a dotted path: a field, or what several fields begin with. */
export interface FieldNode {
  /** What it adds to the path of the node above it. */
  readonly name: string;
  readonly path: string;
  /** Absent: not a field itself. */
  readonly value?: Json;
  readonly children: readonly FieldNode[];
}

interface Growing {
  readonly name: string;
  readonly path: string;
  value?: Json;
  readonly children: Map<string, Growing>;
}

/** Fields by dotted path as a tree, in order of name. A path of single steps is one node: `log.syslog` has one line. */
export function fieldTree(fields: Readonly<Record<string, Json>>): FieldNode[] {
  const root: Growing = { name: '', path: '', children: new Map() };
  for (const path of Object.keys(fields).sort()) {
    let node = root;
    for (const name of path.split('.')) {
      const below = node.children.get(name) ?? { name, path: node === root ? name : `${node.path}.${name}`, children: new Map() };
      node.children.set(name, below);
      node = below;
    }
    const value = fields[path];
    if (value !== undefined) node.value = value;
  }
  return [...root.children.values()].map(joined);
}

function joined(node: Growing): FieldNode {
  const [only] = node.children.values();
  if (node.value === undefined && node.children.size === 1 && only !== undefined) {
    const below = joined(only);
    return { ...below, name: `${node.name}.${below.name}` };
  }
  const children = [...node.children.values()].map(joined);
  return { name: node.name, path: node.path, ...(node.value !== undefined && { value: node.value }), children };
}

/** The nodes that match, with what is around them; all, for no text. */
export function foundIn(nodes: readonly FieldNode[], text: string): FieldNode[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [...nodes];
  return nodes.flatMap((node) => {
    const isIt =
      node.path.toLowerCase().includes(wanted) || (node.value !== undefined && valueText(node.value).toLowerCase().includes(wanted));
    const children = foundIn(node.children, text);
    if (!isIt && children.length === 0) return [];
    if (isIt) return [children.length > 0 ? { ...node, children } : node];
    return [{ name: node.name, path: node.path, children }];
  });
}

/** Nested, as Elasticsearch would hold it. Where a path leads through a value (`a: 1` and `a.b: 2`) the rest of it stays dotted. */
export function nested(fields: Readonly<Record<string, Json>>): { [key: string]: Json } {
  const document = bare();
  for (const path of Object.keys(fields).sort()) {
    const value = fields[path];
    if (value !== undefined) place(document, path.split('.'), value);
  }
  return document;
}

/** Without a prototype: a field may be named `__proto__`. */
const bare = (): { [key: string]: Json } => Object.create(null) as { [key: string]: Json };

function place(document: { [key: string]: Json }, path: readonly string[], value: Json): void {
  let at = document;
  for (let i = 0; i < path.length - 1; i += 1) {
    const name = path[i] ?? '';
    const below = name in at ? at[name] : bare();
    if (typeof below !== 'object' || below === null || Array.isArray(below)) {
      at[path.slice(i).join('.')] = value;
      return;
    }
    at[name] = below;
    at = below;
  }
  at[path.at(-1) ?? ''] = value;
}

/** A value as a query compares it: texts as they are, all else as JSON. */
export const valueText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** What a field holds, one by one: a query matches any of them. */
export const eachValue = (value: Json): Json[] => (Array.isArray(value) ? value : [value]);

/** Whether a query can ask for it: objects are not looked into. */
export const isPlain = (value: Json): value is string | number | boolean => value !== null && typeof value !== 'object';
