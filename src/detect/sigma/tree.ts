import type { Network } from './cidr.ts';
import type { Pattern } from './pattern.ts';
import type { RegexFlags } from './regex.ts';

/** A rule's logic. */
export type Tree =
  | { readonly kind: 'and'; readonly children: readonly Tree[] }
  | { readonly kind: 'or'; readonly children: readonly Tree[] }
  | { readonly kind: 'not'; readonly child: Tree }
  | Leaf;

/** One question about one field of an event, or about the whole event. */
export interface Leaf {
  readonly kind: 'leaf';
  /**
   * Paths of the field in Earshot's events, after the taxonomy; the first that is there counts. `path[n]` is an element.
   * Undefined: a keyword, searched in every text of the event and in the raw message.
   */
  readonly fields: readonly string[] | undefined;
  readonly test: Test;
  /** The leaf as the rule has it, such as `selection: CommandLine|contains: foo`. */
  readonly label: string;
}

/** The path under which a leaf asks for the time at which an event was received: milliseconds since the epoch. No rule writes it. */
export const RECEIVED = '@received';

export type Compare = 'lt' | 'lte' | 'gt' | 'gte';
export type TimePart = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';

/** What is asked of a value. Of an array, it is asked of each element, and one is enough. */
export type Test =
  | { readonly kind: 'text'; readonly pattern: Pattern; readonly cased: boolean }
  | { readonly kind: 'regex'; readonly source: string; readonly flags: RegexFlags }
  | { readonly kind: 'cidr'; readonly network: Network }
  | { readonly kind: 'compare'; readonly operator: Compare; readonly number: number }
  | { readonly kind: 'time'; readonly part: TimePart; readonly operator: Compare | 'eq'; readonly number: number }
  | { readonly kind: 'exists'; readonly exists: boolean }
  | { readonly kind: 'null' }
  /** Whether a value was on the list when the event came in: {@link LISTED} says so. Without regard to case. */
  | { readonly kind: 'list'; readonly list: string }
  | { readonly kind: 'field'; readonly other: readonly string[]; readonly relation: Relation; readonly cased: boolean };

export type Relation = 'equals' | 'contains' | 'startswith' | 'endswith';

const join = (kind: 'and' | 'or', children: readonly Tree[]): Tree => {
  const flat = children.flatMap((child) => (child.kind === kind ? child.children : [child]));
  const [only] = flat;
  return flat.length === 1 && only ? only : { kind, children: flat };
};

/** All of them; nested ones are joined, one alone is itself. */
export const and = (children: readonly Tree[]): Tree => join('and', children);
/** One of them; nested ones are joined, one alone is itself. */
export const or = (children: readonly Tree[]): Tree => join('or', children);
export const not = (child: Tree): Tree => (child.kind === 'not' ? child.child : { kind: 'not', child });

/** Every leaf of a tree. */
export function leaves(tree: Tree): Leaf[] {
  const found: Leaf[] = [];
  const walk = (node: Tree): void => {
    if (node.kind === 'leaf') found.push(node);
    else if (node.kind === 'not') walk(node.child);
    else for (const child of node.children) walk(child);
  };
  walk(tree);
  return found;
}
