import { AUDIT_DATASET } from '../../model/audit.ts';
import type { QueryNode } from './node.ts';

/** Fields by which a query asks for the trail: whoever names one decides for itself. */
const ASKING: ReadonlySet<string> = new Set(['event.dataset', 'event.module', 'event.id', 'earshot.source']);

/**
 * Leaves Earshot's own audit trail out, unless the query names a dataset, a module, a source or an event. A search is an event that
 * holds the words searched for: without this, each search for a word would find the searches before it.
 */
export function withoutAuditTrail(query: QueryNode): QueryNode {
  if (asks(query)) return query;
  const others: QueryNode = { type: 'not', node: { type: 'is', field: 'event.dataset', pattern: [AUDIT_DATASET] } };
  return query.type === 'all' ? others : { type: 'and', nodes: [query, others] };
}

function asks(node: QueryNode): boolean {
  if (node.type === 'and' || node.type === 'or') return node.nodes.some(asks);
  if (node.type === 'not') return asks(node.node);
  return 'field' in node && ASKING.has(node.field);
}
