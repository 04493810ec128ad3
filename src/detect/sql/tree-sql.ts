import type { Sql } from '../../store/sql.ts';
import type { Leaf, Test, Tree } from '../sigma/tree.ts';
import { cidrLeaf } from './cidr-leaf.ts';
import { compareTest } from './compare-leaf.ts';
import { keywordLeaf } from './keyword-leaf.ts';
import { listLeaf } from './list-leaf.ts';
import { existsLeaf, nullLeaf } from './presence-leaf.ts';
import { referenceLeaf } from './reference-leaf.ts';
import { regexTest } from './regex-leaf.ts';
import type { Scope } from './scope.ts';
import { textTest } from './text-leaf.ts';
import { timeLeaf } from './time-leaf.ts';
import { all, any, no, type TextTest } from './values.ts';

/** A rule's logic as a condition, 0 or 1 and never NULL: exact in all rows but those that are odd to the scope. */
export function treeSql(tree: Tree, scope: Scope): Sql {
  switch (tree.kind) {
    case 'and':
      return all(tree.children.map((child) => treeSql(child, scope)));
    case 'or':
      return any(alternatives(tree.children, scope));
    case 'not':
      return no(treeSql(tree.child, scope));
    case 'leaf':
      return leafSql(tree, scope);
  }
}

type TextLeaf = Leaf & { readonly test: Test & { readonly kind: 'text' } };

const isText = (tree: Tree): tree is TextLeaf => tree.kind === 'leaf' && tree.test.kind === 'text';

/** Texts that are looked for in one field are one condition: rules have hundreds of them. */
function alternatives(children: readonly Tree[], scope: Scope): Sql[] {
  const groups = Map.groupBy(children.filter(isText), ({ fields, test }) => JSON.stringify([fields ?? null, test.cased]));
  const texts = [...groups.values()].map((group) => ask(group[0]?.fields, textTest(group.map(({ test }) => test)), scope));
  return [...texts, ...children.filter((child) => !isText(child)).map((child) => treeSql(child, scope))];
}

const ask = (fields: readonly string[] | undefined, test: TextTest, scope: Scope): Sql =>
  fields === undefined ? keywordLeaf(test, scope) : scope.some(fields, test);

function leafSql({ fields, test }: Leaf, scope: Scope): Sql {
  if (test.kind === 'text') return ask(fields, textTest([test]), scope);
  if (test.kind === 'regex') return ask(fields, regexTest(test), scope);
  if (fields === undefined) throw new TypeError(`a keyword cannot ask for ${test.kind}`);
  switch (test.kind) {
    case 'cidr':
      return cidrLeaf(test.network, fields, scope);
    case 'compare':
      return scope.some(fields, compareTest(test));
    case 'time':
      return timeLeaf(test, fields, scope);
    case 'exists':
      return existsLeaf(test.exists, fields, scope);
    case 'null':
      return nullLeaf(fields, scope);
    case 'list':
      return listLeaf(test.list, fields, scope);
    case 'field':
      return referenceLeaf(test, fields, scope);
  }
}
