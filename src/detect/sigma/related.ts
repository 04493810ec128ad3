import type { Faults } from './fault.ts';
import { isUuid } from './identity.ts';
import { attribute, isMap, isScalar, isSeq, type Node, scalarText, type YAMLMap } from './yaml-document.ts';

/** What a rule may be to another (Sigma 2.1, "Related rules"). */
const TYPES: readonly unknown[] = ['derived', 'obsolete', 'merged', 'renamed', 'similar'];

export interface Related {
  readonly id: string;
  readonly type: string;
  readonly node: Node;
}

/** The rules that a document says it is related to. */
export function readRelated(map: YAMLMap, faults: Faults): readonly Related[] {
  const node = attribute(map, 'related');
  if (node === undefined || (isScalar(node) && node.value === null)) return [];
  if (isSeq(node)) return node.items.flatMap((item) => readOne(item, node, faults) ?? []);
  faults.add(node, '`related` is a list of maps with `id` and `type`');
  return [];
}

function readOne(item: unknown, list: Node, faults: Faults): Related | undefined {
  if (!isMap(item)) return faults.add(list, '`related` is a list of maps with `id` and `type`');
  const [id, type] = [scalarText(attribute(item, 'id'))?.toLowerCase() ?? '', scalarText(attribute(item, 'type')) ?? ''];
  if (!isUuid(id)) faults.add(attribute(item, 'id') ?? item, 'the `id` of a related rule is not a UUID');
  if (!TYPES.includes(type)) faults.add(attribute(item, 'type') ?? item, `the \`type\` of a related rule is one of ${TYPES.join(', ')}`);
  return { id, type, node: item };
}
