import type { LeafMatch } from '../../model/detection.ts';
import { foldPattern } from '../sigma/pattern.ts';
import { matchStart } from '../sigma/pattern-match.ts';
import type { Leaf, Tree } from '../sigma/tree.ts';
import type { EventView } from './event-view.ts';
import type { Predicate } from './leaf-predicate.ts';

const MAX_VALUE = 256;
/** An explanation is for people; a list of a hundred lines explains nothing. */
const MAX_MATCHES = 20;

/** The leaves that made a tree true: all of an AND, those of an OR that are true. What is under a `not` is true by its absence, and is left out. */
export function explain(tree: Tree, view: EventView, predicateOf: (leaf: Leaf) => Predicate): LeafMatch[] {
  const matches: LeafMatch[] = [];
  const seen = new Set<string>();
  const walk = (node: Tree): void => {
    if (matches.length >= MAX_MATCHES) return;
    if (node.kind === 'leaf') {
      const predicate = predicateOf(node);
      if (!predicate.test(view)) return;
      const value = predicate.witness(view) ?? '';
      const field = fieldShown(node, view);
      if (seen.has(`${field}\n${node.label}`)) return;
      seen.add(`${field}\n${node.label}`);
      matches.push({ field, value: excerpt(value, node, view), leaf: node.label });
    } else if (node.kind !== 'not') for (const child of node.children) if (holds(child, view, predicateOf)) walk(child);
  };
  walk(tree);
  return matches;
}

function holds(tree: Tree, view: EventView, predicateOf: (leaf: Leaf) => Predicate): boolean {
  if (tree.kind === 'leaf') return predicateOf(tree).test(view);
  if (tree.kind === 'not') return !holds(tree.child, view, predicateOf);
  const one = (child: Tree): boolean => holds(child, view, predicateOf);
  return tree.kind === 'and' ? tree.children.every(one) : tree.children.some(one);
}

function fieldShown(leaf: Leaf, view: EventView): string {
  if (leaf.fields === undefined) return 'keyword';
  return view.pathOf(leaf.fields) ?? leaf.fields[0] ?? 'keyword';
}

/** The part of a long value around what matched, cut between code points. */
function excerpt(value: string, leaf: Leaf, view: EventView): string {
  if (value.length <= MAX_VALUE) return value;
  const { test } = leaf;
  const at =
    test.kind === 'text' ? matchStart(test.cased ? test.pattern : foldPattern(test.pattern), test.cased ? value : view.folding(value)) : 0;
  const from = at <= MAX_VALUE / 2 ? 0 : Math.min(at - MAX_VALUE / 4, value.length - MAX_VALUE);
  return value.slice(from, from + MAX_VALUE).replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '');
}
