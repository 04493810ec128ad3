import type { Evidence } from '../model/alert.ts';
import { withoutAuditTrail } from '../store/search/audit-trail.ts';
import { patternOf, type QueryNode } from '../store/search/node.ts';
import type { Caller } from './caller.ts';

const NOTHING: QueryNode = { type: 'not', node: { type: 'all' } };

/** The query, of what the caller may see. Every query over events on behalf of a caller goes through here. */
export function visible(query: QueryNode, caller: Pick<Caller, 'datasets'>): QueryNode {
  const wanted = withoutAuditTrail(query);
  if (caller.datasets.includes('*')) return wanted;
  if (caller.datasets.length === 0) return NOTHING;
  return { type: 'and', nodes: [wanted, { type: 'or', nodes: caller.datasets.map(isOf) }] };
}

/** Whether a caller may see events of the dataset. */
export const maySee = ({ datasets }: Pick<Caller, 'datasets'>, dataset: string): boolean =>
  datasets.some((pattern) => pattern === '*' || matches(pattern, dataset));

/** Whether a caller may see an alert, given the datasets of its evidence: what is made of others' events alone is others' too. */
const maySeeAlert = (caller: Pick<Caller, 'datasets'>, datasets: readonly string[]): boolean =>
  caller.datasets.includes('*') || datasets.some((dataset) => maySee(caller, dataset));

/**
 * The alert with the evidence that the caller may see, and how much of it was left out. Undefined: they may see nothing of it, and so
 * must not learn that it is there.
 */
export function visibleAlert<A extends { readonly evidence: readonly Evidence[] }>(
  alert: A,
  caller: Pick<Caller, 'datasets'>,
): (A & { readonly evidenceHidden: number }) | undefined {
  const datasets = alert.evidence.map(({ dataset }) => dataset);
  if (!maySeeAlert(caller, datasets)) return undefined;
  const evidence = alert.evidence.filter(({ dataset }) => maySee(caller, dataset));
  return { ...alert, evidence, evidenceHidden: alert.evidence.length - evidence.length };
}

/** `linux.*` and the like; case counts for nothing, as in searches. */
function matches(pattern: string, dataset: string): boolean {
  const [first = '', ...rest] = pattern.toLowerCase().split('*');
  const text = dataset.toLowerCase();
  if (rest.length === 0) return text === first;
  const last = rest.pop() ?? '';
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= text.length - last.length;
}

function isOf(pattern: string): QueryNode {
  const pieces = pattern.split('*').flatMap((text, i) => (i === 0 ? [text] : [{ wild: '*' } as const, text]));
  return { type: 'is', field: 'event.dataset', pattern: patternOf(pieces) };
}
