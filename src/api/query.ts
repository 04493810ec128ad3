import type { QueryNode } from '../store/search/node.ts';
import { parseQuery } from '../store/search/parse.ts';
import { actorOf, type Caller } from './caller.ts';
import type { ApiDeps } from './deps.ts';
import { syntaxProblem } from './problem.ts';
import { iso, type TimeRange } from './time-range.ts';
import { visible } from './visible.ts';

/** A query as its caller may ask it. Throws an ApiProblem. */
export function queryOf(text: string, caller: Caller): QueryNode {
  const query = parseQuery(text);
  if (!query.ok) throw syntaxProblem(query.error);
  return visible(query.value, caller);
}

export const shownRange = ({ from, to }: TimeRange) => ({ from: iso(from), to: iso(to) });

/** `kind`: in what way was searched, such as `events` or `histogram`. */
export function auditSearch(deps: ApiDeps, caller: Caller, kind: string, text: string, range?: TimeRange): void {
  deps.onAudit({
    action: 'search',
    category: ['database'],
    type: ['access'],
    outcome: 'unknown',
    ...actorOf(caller),
    message: `${caller.name} searched: ${text === '' ? '*' : text}`,
    about: { kind, query: text, ...(range && shownRange(range)) },
  });
}
