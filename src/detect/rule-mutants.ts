import { and, or, type Tree } from './sigma/tree.ts';

/** A rule's tree with one thing in it wrong, as an author could have written it. */
export interface Mutant {
  readonly what: string;
  readonly tree: Tree;
}

/** Each part of a tree once left out, and once negated. The values of one item, `field: [a, b, c]`, are one part. */
export function mutants(tree: Tree): Mutant[] {
  return change(tree, (mutant) => mutant);
}

function change(tree: Tree, wrap: (tree: Tree) => Tree): Mutant[] {
  const negated: Mutant = {
    what: `negated: ${treeText(tree)}`,
    tree: wrap(tree.kind === 'not' ? tree.child : { kind: 'not', child: tree }),
  };
  if (tree.kind === 'leaf') return [negated];
  if (tree.kind === 'not') return [negated, ...change(tree.child, (child) => wrap({ kind: 'not', child }))];
  const join = tree.kind === 'and' ? and : or;
  const parts = tree.kind === 'or' ? items(tree.children) : tree.children;
  if (parts.length < 2) return [negated];
  const inner = parts.flatMap((part, i) => {
    const dropped: Mutant = { what: `left out: ${treeText(part)}`, tree: wrap(join(parts.filter((_, n) => n !== i))) };
    return [dropped, ...change(part, (changed) => wrap(join(parts.map((each, n) => (n === i ? changed : each)))))];
  });
  return [negated, ...inner];
}

/** The children of an OR, with the values of one item together: reading a rule joins nested ORs, and so forgets which were one. */
function items(children: readonly Tree[]): Tree[] {
  const found: Tree[][] = [];
  for (const child of children) {
    const last = found.at(-1);
    const before = last?.[0];
    if (last !== undefined && before !== undefined && isOneItem(before, child)) last.push(child);
    else found.push([child]);
  }
  return found.map(or);
}

function isOneItem(a: Tree, b: Tree): boolean {
  if (a.kind !== 'leaf' || b.kind !== 'leaf') return false;
  return selectionOf(a.label) === selectionOf(b.label) && (a.fields ?? []).join() === (b.fields ?? []).join();
}

/** The search identifier that a leaf is from: names of them have no colon. */
const selectionOf = (label: string): string => label.slice(0, label.indexOf(':'));

/** A tree in one line, such as `(selection: a: x and not filter: b: y)`. */
function treeText(tree: Tree): string {
  if (tree.kind === 'leaf') return tree.label;
  return tree.kind === 'not' ? `not ${treeText(tree.child)}` : `(${tree.children.map(treeText).join(` ${tree.kind} `)})`;
}
