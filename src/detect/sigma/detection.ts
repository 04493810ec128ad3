import { readCondition } from './condition.ts';
import { type DetectionContext, readItem, readKeyword } from './item.ts';
import { and, not, or, type Tree } from './tree.ts';
import { entries, isMap, isScalar, isSeq, type Node, type YAMLMap } from './yaml-document.ts';

/** Reads `detection:` into one tree. `other`: a key that is no search identifier. Undefined: there is at least one fault. */
export function readDetection(map: YAMLMap, context: DetectionContext, other?: string): Tree | undefined {
  const selections = new Map<string, Tree>();
  let condition: Node | undefined;
  let sound = true;
  for (const { key, keyNode, value } of entries(map, context.faults)) {
    if (key === other) continue;
    if (key === 'condition') condition = value ?? keyNode;
    else if (key === 'timeframe') {
      sound = false;
      context.faults.add(keyNode, '`timeframe` was replaced by correlation rules in Sigma 2');
    } else if (!/^[A-Za-z0-9_.-]+$/.test(key)) {
      sound = false;
      context.faults.add(keyNode, `the name \`${key}\` of a search identifier may have letters, digits, \`_\` and \`-\``);
    } else {
      const tree = readSelection(key, value, keyNode, context);
      if (tree) selections.set(key, tree);
      else sound = false;
    }
  }
  if (condition === undefined) return context.faults.add(map, `\`${other === undefined ? 'detection' : 'filter'}\` needs a \`condition\``);
  return sound ? readConditions(condition, selections, context) : undefined;
}

/** A list of conditions is their OR. */
function readConditions(node: Node, selections: ReadonlyMap<string, Tree>, context: DetectionContext): Tree | undefined {
  const nodes = isSeq(node) ? node.items : [node];
  const trees: Tree[] = [];
  for (const each of nodes) {
    if (!isScalar(each) || typeof each.value !== 'string') return context.faults.add(node, 'a condition is text, or a list of texts');
    const tree = readCondition(each, { noun: 'search identifier', named: selections, and, or, not }, context.faults);
    if (tree === undefined) return undefined;
    trees.push(tree);
  }
  return trees.length > 0 ? or(trees) : context.faults.add(node, '`condition` is empty');
}

/** A map is the AND of its items; a list is the OR of its maps and keywords; a text alone is a keyword. */
function readSelection(name: string, value: Node | null, keyNode: Node, context: DetectionContext): Tree | undefined {
  if (value === null) return context.faults.add(keyNode, `\`${name}\` is empty`);
  if (isMap(value)) return readMap(name, value, context);
  if (isScalar(value)) return readKeyword(value, name, context);
  if (!isSeq(value) || value.items.length === 0) return context.faults.add(value, `\`${name}\` is empty`);
  const trees: Tree[] = [];
  for (const item of value.items) {
    const tree = isMap(item) ? readMap(name, item, context) : isScalar(item) ? readKeyword(item, name, context) : undefined;
    if (tree === undefined) return isMap(item) || isScalar(item) ? undefined : context.faults.add(value, 'a list holds texts or maps');
    trees.push(tree);
  }
  return or(trees);
}

function readMap(name: string, map: YAMLMap, context: DetectionContext): Tree | undefined {
  const trees: Tree[] = [];
  let sound = true;
  for (const { key, keyNode, value } of entries(map, context.faults)) {
    const tree = readItem(key, { key: keyNode, value }, name, context);
    if (tree) trees.push(tree);
    else sound = false;
  }
  if (sound && trees.length === 0) return context.faults.add(map, `\`${name}\` is empty`);
  return sound ? and(trees) : undefined;
}
