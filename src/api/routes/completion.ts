import type { FastifyInstance } from 'fastify';
import { SharedAnswers } from '../../lib/shared-answers.ts';
import { ECS_FIELDS, ECS_OBJECTS, ecsField } from '../../model/ecs.ts';
import { searchEvents } from '../../store/search/events.ts';
import { patternOf, type QueryNode, TIME_FIELDS } from '../../store/search/node.ts';
import { parseQuery } from '../../store/search/parse.ts';
import { printQuery } from '../../store/search/print.ts';
import { topValues } from '../../store/search/top-values.ts';
import type { Caller } from '../caller.ts';
import { checkQueryEndpoint, fieldValuesEndpoint, listFieldsEndpoint } from '../contract/completion.ts';
import type { ApiDeps } from '../deps.ts';
import { auditSearch, queryOf, shownRange } from '../query.ts';
import { type Access, serve } from '../serve.ts';
import { timeRange } from '../time-range.ts';
import { visible } from '../visible.ts';

/** Which fields there are changes seldom, and is asked with every letter. */
const KEPT_MS = 30_000;
const DAY = 86_400_000;
const SAMPLED = 500;
/** Fields that every event has beside its own, and those of the rules that matched. */
const OWN = ['@timestamp', 'event.id', 'event.ingested', 'event.original', 'earshot.source'];
const OF_RULES = ['rule.id', 'rule.name', 'rule.level'];

interface FieldCounts {
  readonly sampled: number;
  readonly counts: ReadonlyMap<string, number>;
}

/** What the query bar proposes while one types. */
export function completionRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  const samples = new SharedAnswers<FieldCounts>(KEPT_MS, deps.now);

  serve(app, access, listFieldsEndpoint, async ({ query: { prefix, limit }, caller, signal }) => {
    // Who sees the same datasets sees the same fields.
    const key = JSON.stringify([...caller.datasets].sort());
    const { sampled, counts } = await samples.get(key, signal, (stop) => recentFields(deps, caller, stop));
    const fields = fieldNames(counts)
      .filter((name) => begins(name, prefix))
      .slice(0, limit)
      .map((name) => {
        const ecs = ecsField(name);
        return { name, ...(ecs && { type: ecs.type }), count: counts.get(name) ?? 0 };
      });
    return { fields, sampled };
  });

  serve(app, access, fieldValuesEndpoint, async ({ query, caller, signal }) => {
    const { field, prefix, size } = query;
    const range = timeRange(query, deps.now());
    const rest = queryOf(query.q, caller);
    const wanted: QueryNode =
      prefix === '' ? { type: 'exists', field } : { type: 'is', field, pattern: patternOf([prefix, { wild: '*' }]) };
    auditSearch(deps, caller, 'values', `${query.q} ${field}: ${prefix}`.trim(), range);
    if (TIME_FIELDS.has(field)) return { ...shownRange(range), field, values: [] };
    const search = { query: { type: 'and', nodes: [rest, wanted] } as const, ...range, field, size: MOST_VALUES, signal };
    const { values } = await topValues(deps.engine, search, deps.now);
    // An event of several values has others beside the one that begins so.
    const begun = values.filter(({ value }) => value.toLowerCase().startsWith(prefix.toLowerCase()));
    return { ...shownRange(range), field, values: begun.slice(0, size) };
  });

  serve(app, access, checkQueryEndpoint, async ({ query: { q } }) => {
    const query = parseQuery(q);
    if (!query.ok) return { ok: false as const, fault: query.error };
    return { ok: true as const, printed: printQuery(query.value), fields: [...new Set(fieldsOf(query.value))] };
  });
}

const MOST_VALUES = 200;

/** The fields of the newest events that the caller may see, and how many have each. */
async function recentFields({ engine, now }: ApiDeps, caller: Pick<Caller, 'datasets'>, signal: AbortSignal): Promise<FieldCounts> {
  const search = { query: visible({ type: 'all' }, caller), from: now() - 30 * DAY, to: now() + DAY, limit: SAMPLED, signal };
  const { events } = await searchEvents(engine, search, now);
  const counts = new Map<string, number>();
  for (const { fields, hits } of events)
    for (const name of new Set([...Object.keys(fields), ...OWN, ...(hits.length > 0 ? OF_RULES : [])]))
      counts.set(name, (counts.get(name) ?? 0) + 1);
  return { sampled: events.length, counts };
}

/** Those of the sample, the most frequent first; then the rest of ECS by name. */
function fieldNames(counts: ReadonlyMap<string, number>): string[] {
  const seen = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([name]) => name);
  const rest = [...OWN, ...OF_RULES, ...ECS_FIELDS.keys()].filter((name) => !counts.has(name) && !ECS_OBJECTS.has(name));
  return [...seen, ...new Set(rest.sort())];
}

/** The name, or any part of it after a dot. */
function begins(name: string, prefix: string): boolean {
  const [text, start] = [name.toLowerCase(), prefix.toLowerCase()];
  return text.startsWith(start) || text.includes(`.${start}`);
}

function fieldsOf(node: QueryNode): string[] {
  switch (node.type) {
    case 'and':
    case 'or':
      return node.nodes.flatMap(fieldsOf);
    case 'not':
      return fieldsOf(node.node);
    case 'all':
    case 'text':
      return [];
    default:
      return [node.field];
  }
}
