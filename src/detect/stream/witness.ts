import { LISTED, listedName } from '../../model/enrichment.ts';
import { fold } from '../sigma/fold.ts';
import { literalOf, longestLiteral } from '../sigma/pattern.ts';
import { necessaryLiteral } from '../sigma/regex.ts';
import type { Leaf, Tree } from '../sigma/tree.ts';
import type { Slots } from './event-view.ts';

/** Something cheap to see in an event. Texts are folded. */
export type Sign =
  | { readonly kind: 'equal'; readonly slot: number; readonly text: string }
  | { readonly kind: 'holds'; readonly slot: number; readonly text: string }
  | { readonly kind: 'there'; readonly slot: number }
  | { readonly kind: 'anywhere'; readonly text: string };

/** Signs of which an event must show at least one for the tree to be true. Undefined: it may be true of any event. */
export type Witness = readonly Sign[] | undefined;

/** How rarely a sign is seen, as far as the rules tell: less is rarer. `shared`: how many rules ask for the same value. */
export type Rarity = (sign: Sign) => number;

/**
 * The witness of a tree. It may say too much, and never too little: of an AND one child's is enough, of an OR every child must have
 * one, and a negation has none.
 */
export function witnessOf(tree: Tree, slots: Slots, rarity: Rarity): Witness {
  return positive(tree, true, slots, rarity);
}

function positive(tree: Tree, wanted: boolean, slots: Slots, rarity: Rarity): Witness {
  if (tree.kind === 'leaf') return wanted ? leafWitness(tree, slots) : undefined;
  if (tree.kind === 'not') return positive(tree.child, !wanted, slots, rarity);
  const children = tree.children.map((child) => positive(child, wanted, slots, rarity));
  // A negated OR is the AND of the negated children, and the other way round.
  return (tree.kind === 'and') === wanted ? rarest(children, rarity) : union(children);
}

function union(children: readonly Witness[]): Witness {
  const signs: Sign[] = [];
  for (const child of children) {
    if (child === undefined) return undefined;
    for (const sign of child) signs.push(sign);
  }
  return signs;
}

function rarest(children: readonly Witness[], rarity: Rarity): Witness {
  let best: Witness;
  let least = Number.POSITIVE_INFINITY;
  for (const child of children) {
    if (child === undefined) continue;
    const cost = child.reduce((sum, sign) => sum + rarity(sign), 0);
    if (cost < least) {
      best = child;
      least = cost;
    }
  }
  return best;
}

/** Too short a text is in too many others. */
const MIN_LITERAL = 2;

function leafWitness(leaf: Leaf, slots: Slots): Witness {
  const { test, fields } = leaf;
  if (fields === undefined) {
    const text = test.kind === 'text' ? fold(longestLiteral(test.pattern)) : test.kind === 'regex' ? necessaryLiteral(test.source) : '';
    return text.length >= MIN_LITERAL ? [{ kind: 'anywhere', text }] : undefined;
  }
  const slot = slots.slot(fields);
  switch (test.kind) {
    case 'text': {
      const literal = literalOf(test.pattern);
      return literal === undefined ? holds(slot, fold(longestLiteral(test.pattern))) : [{ kind: 'equal', slot, text: fold(literal) }];
    }
    case 'regex':
      return holds(slot, necessaryLiteral(test.source));
    case 'cidr':
    case 'compare':
    case 'time':
    case 'field':
      return [{ kind: 'there', slot }];
    // Of several paths the first that is there counts: any of the names may be it.
    case 'list': {
      const listed = slots.slot([LISTED]);
      return fields.map((path) => ({ kind: 'equal', slot: listed, text: fold(listedName(test.list, path)) }));
    }
    // Both ask for what may not be there.
    case 'exists':
    case 'null':
      return undefined;
  }
}

const holds = (slot: number, text: string): Witness =>
  text.length >= MIN_LITERAL ? [{ kind: 'holds', slot, text }] : [{ kind: 'there', slot }];
