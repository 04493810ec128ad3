import { listedName } from '../../model/enrichment.ts';
import { literalPattern } from './pattern.ts';
import type { Placeholders } from './text-values.ts';
import { and, type Compare, type Leaf, leaves, not, or, RECEIVED, type Tree } from './tree.ts';

/** From when on each question about a list was asked of every event, by its name in `earshot.listed`; milliseconds of receipt. */
export type AskedSince = ReadonlyMap<string, number>;

/** The questions about lists in a tree, as `earshot.listed` names them. */
export const listNames = (tree: Tree): string[] => [
  ...new Set(leaves(tree).flatMap(({ test, fields }) => (test.kind === 'list' ? namesOf(test.list, fields) : []))),
];

const namesOf = (list: string, fields: Leaf['fields']): string[] => (fields ?? []).map((path) => listedName(list, path));

/**
 * The rule for events of the past: those that came in before its questions about lists were asked do not hold the answer, so the texts
 * of today count for them.
 */
export function forThePast<R extends { readonly tree: Tree }>(rule: R, since: AskedSince, texts: Placeholders): R {
  return listNames(rule.tree).length === 0 ? rule : { ...rule, tree: rewritten(rule.tree, since, texts) };
}

function rewritten(tree: Tree, since: AskedSince, texts: Placeholders): Tree {
  if (tree.kind === 'not') return not(rewritten(tree.child, since, texts));
  if (tree.kind !== 'leaf') return (tree.kind === 'and' ? and : or)(tree.children.map((child) => rewritten(child, since, texts)));
  const { test } = tree;
  if (test.kind !== 'list') return tree;
  const today = or(
    textsOf(texts, test.list).map((text): Leaf => ({ ...tree, test: { kind: 'text', pattern: literalPattern(text), cased: false } })),
  );
  const from = askedFrom(namesOf(test.list, tree.fields), since);
  return from === undefined ? today : or([and([received('gte', from), tree]), and([received('lt', from), today])]);
}

const textsOf = (texts: Placeholders, list: string): readonly string[] => texts.get(list) ?? [];

/** From when on all of them were asked. */
function askedFrom(names: readonly string[], since: AskedSince): number | undefined {
  const times = names.map((name) => since.get(name));
  return times.reduce((latest, time) => (latest === undefined || time === undefined ? undefined : Math.max(latest, time)), 0);
}

const received = (operator: Compare, number: number): Leaf => ({
  kind: 'leaf',
  fields: [RECEIVED],
  test: { kind: 'compare', operator, number },
  label: 'when the event came in',
});
