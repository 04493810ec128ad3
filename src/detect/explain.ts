import { cutText } from '../lib/cut-text.ts';
import type { Value } from '../model/event.ts';
import type { ExplainedLeaf, ExplainedNode, ExplainedTerm, Explanation, Found } from '../model/explanation.ts';
import type { RouteTerm } from './sigma/logsource.ts';
import { ANY } from './sigma/pattern.ts';
import type { Rule } from './sigma/rule.ts';
import type { Leaf, Test, Tree } from './sigma/tree.ts';
import { EventView, Slots } from './stream/event-view.ts';
import type { Judged } from './stream/judged.ts';
import { compileLeaf } from './stream/leaf-predicate.ts';
import { routeHolds } from './stream/router.ts';
import { elements } from './stream/values.ts';

/** Why a rule fires on an event, or why not. `routing: false`: whatever the event's log source. Throws only where matching does. */
export function explainWhy(rule: Pick<Rule, 'tree' | 'route'>, event: Judged, { routing = true } = {}): Explanation {
  const tree = new Explainer(event).node(rule.tree);
  const logSource = routing ? rule.route?.map((term) => explainTerm(term, event)) : [];
  const inSource = logSource?.every(({ truth }) => truth) ?? false;
  return { fires: inSource && tree.truth, logSource, tree, because: decisive(tree, tree.truth) };
}

function explainTerm(term: RouteTerm, event: Judged): ExplainedTerm {
  const found = term.fields.flatMap((field) => {
    const value = event.fields.get(field);
    return value === undefined ? [] : [[field, shown(value)] as const];
  });
  return { truth: routeHolds([term], event), fields: term.fields, values: term.values, found: Object.fromEntries(found) };
}

/** The leaves that make a node what it is: all of a true AND, the true ones of a true OR, and the other way round for false ones. */
function decisive(node: ExplainedNode, truth: boolean): ExplainedLeaf[] {
  if (node.kind === 'leaf') return [node];
  if (node.kind === 'not') return node.children.flatMap((child) => decisive(child, !truth));
  return node.children.filter((child) => child.truth === truth).flatMap((child) => decisive(child, truth));
}

class Explainer {
  readonly #slots = new Slots();
  readonly #view = new EventView(this.#slots);

  constructor(event: Judged) {
    this.#view.show(event);
  }

  node(tree: Tree): ExplainedNode {
    if (tree.kind === 'leaf') return this.#leaf(tree);
    if (tree.kind === 'not') {
      const child = this.node(tree.child);
      return { kind: 'not', truth: !child.truth, children: [child] };
    }
    const children = tree.children.map((child) => this.node(child));
    const truth = tree.kind === 'and' ? children.every((child) => child.truth) : children.some((child) => child.truth);
    return { kind: tree.kind, truth, children };
  }

  #leaf(leaf: Leaf): ExplainedLeaf {
    const { test, witness } = compileLeaf(leaf, this.#slots);
    const { label, fields } = leaf;
    const field = fields === undefined ? 'keyword' : (this.#view.pathOf(fields) ?? fields[0] ?? 'keyword');
    const truth = test(this.#view);
    const value = fields === undefined ? undefined : this.#view.value(this.#slots.slot(fields));
    if (!truth)
      return { kind: 'leaf', truth, label, field, ...(value !== undefined && { value: shown(value) }), found: this.#found(leaf, value) };
    const made = witness(this.#view);
    return { kind: 'leaf', truth, label, field, ...(made !== undefined && { value: cut(made) }) };
  }

  /** What there is instead. */
  #found(leaf: Leaf, value: Value | undefined): Found {
    const { test, fields } = leaf;
    if (this.#holdsInOtherCase(leaf)) return 'other_case';
    if (fields === undefined) return 'nowhere';
    if (test.kind === 'null' || (test.kind === 'exists' && !test.exists)) return 'present';
    if (value === undefined) return this.#view.has(this.#slots.slot(fields)) ? 'wrong_kind' : 'missing';
    const values = elements(value);
    if (values.length === 0) return 'empty';
    if (values.every((each) => each === null)) return 'null';
    return this.#holds({ ...leaf, test: loosest(test) }) ? 'other_value' : 'wrong_kind';
  }

  #holdsInOtherCase(leaf: Leaf): boolean {
    const { test } = leaf;
    return test.kind === 'text' && test.cased && this.#holds({ ...leaf, test: { ...test, cased: false } });
  }

  #holds(leaf: Leaf): boolean {
    return compileLeaf(leaf, this.#slots).test(this.#view);
  }
}

/** A test of the same kind that any value it can be asked of passes. */
function loosest(test: Test): Test {
  switch (test.kind) {
    case 'compare':
    case 'time':
      return { ...test, operator: 'gte', number: Number.NEGATIVE_INFINITY };
    case 'cidr':
      return { kind: 'cidr', network: { bytes: [], bits: 0 } };
    default:
      return { kind: 'text', pattern: [ANY], cased: true };
  }
}

/** Longer values say no more to people. */
const MAX_VALUE = 256;

const cut = (text: string): string => cutText(text, MAX_VALUE);
const shown = (value: Value): string => cut(typeof value === 'string' ? value : JSON.stringify(value));
