import { and, or, type Tree } from './sigma/tree.ts';

/** A rule's tree with one thing in it wrong, as an author could have written it. */
export interface Mutant {
  readonly what: string;
  readonly tree: Tree;
}

/** Each part of a tree once left out, and once negated. The values of one list are one part. */
export function mutants(tree: Tree): Mutant[] {
  return change(tree, (mutant) => mutant);
}

function change(tree: Tree, wrap: (tree: Tree) => Tree): Mutant[] {
  const negated: Mutant = {
    what: `negated: ${describe(tree)}`,
    tree: wrap(tree.kind === 'not' ? tree.child : { kind: 'not', child: tree }),
  };
  if (tree.kind === 'leaf' || isList(tree)) return [negated];
  if (tree.kind === 'not') return [negated, ...change(tree.child, (child) => wrap({ kind: 'not', child }))];
  const join = tree.kind === 'and' ? and : or;
  const inner = tree.children.flatMap((child, i) => {
    const others = tree.children.filter((_, n) => n !== i);
    const dropped: Mutant = { what: `left out: ${describe(child)}`, tree: wrap(join(others)) };
    return [dropped, ...change(child, (changed) => wrap(join(tree.children.map((each, n) => (n === i ? changed : each)))))];
  });
  return [negated, ...inner];
}

/** `field: [a, b, c]`. */
function isList(tree: Tree): boolean {
  if (tree.kind !== 'or') return false;
  const fields = tree.children.map((child) => (child.kind === 'leaf' ? (child.fields ?? []).join() : undefined));
  return fields.every((each) => each !== undefined && each === fields[0]);
}

function describe(tree: Tree): string {
  if (tree.kind === 'leaf') return tree.label;
  return tree.kind === 'not' ? `not ${describe(tree.child)}` : `(${tree.children.map(describe).join(` ${tree.kind} `)})`;
}
