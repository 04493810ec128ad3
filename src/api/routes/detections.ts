import type { FastifyInstance } from 'fastify';
import { detections } from '../../store/search/detections.ts';
import { parseQuery } from '../../store/search/parse.ts';
import { topValues } from '../../store/search/top-values.ts';
import { ANY_RULE, is } from '../alert-events.ts';
import { detectionsEndpoint } from '../contract/detections.ts';
import type { ApiDeps } from '../deps.ts';
import { detectionsJson, narrowed } from '../detections-json.ts';
import { syntaxProblem } from '../problem.ts';
import { type Access, serve } from '../serve.ts';
import { iso, timeRange } from '../time-range.ts';
import { visible } from '../visible.ts';

const TOP = 10;
export function detectionRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  const { engine, now, rules, onAudit } = deps;

  serve(app, access, detectionsEndpoint, async ({ query, caller, signal }) => {
    const asked = parseQuery(query.q);
    if (!asked.ok) throw syntaxProblem(asked.error);
    const range = timeRange(query, now());
    const shown = { from: iso(range.from), to: iso(range.to) };
    onAudit({
      action: 'search',
      category: ['database'],
      type: ['access'],
      outcome: 'unknown',
      actor: caller.name,
      ...(caller.address !== undefined && { address: caller.address }),
      message: `${caller.name} looked at detections: ${query.q === '' ? '*' : query.q}`,
      about: { kind: 'detections', query: query.q, ...shown },
    });
    const mine = visible(asked.value, caller);
    const top = async (field: string) => {
      const { values, others, missing } = await topValues(
        engine,
        { query: visible({ type: 'and', nodes: [asked.value, ANY_RULE] }, caller), ...range, field, size: TOP, signal },
        now,
      );
      return {
        others,
        missing,
        values: values.map(({ value, count }) => ({ value, count, q: narrowed(asked.value, ANY_RULE, is(field, value)) })),
      };
    };
    const [found, people, hosts, addresses, products, datasets] = await Promise.all([
      detections(engine, { query: mine, ...range, signal }, now),
      top('user.name'),
      top('host.name'),
      top('source.ip'),
      top('observer.product'),
      top('event.dataset'),
    ]);
    const infos = new Map(rules().rules.map((rule) => [rule.id, rule]));
    return {
      ...shown,
      q: narrowed(asked.value, ANY_RULE),
      ...detectionsJson(found, { query: asked.value, by: query.by, ...range, infos }),
      people,
      hosts,
      addresses,
      products,
      datasets,
    };
  });
}
