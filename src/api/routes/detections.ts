import type { FastifyInstance } from 'fastify';
import { detections } from '../../store/search/detections.ts';
import { parseQuery } from '../../store/search/parse.ts';
import { summary } from '../../store/search/summary.ts';
import { hitByRule, is } from '../alert-events.ts';
import { actorOf } from '../caller.ts';
import { detectionsEndpoint } from '../contract/detections.ts';
import type { ApiDeps } from '../deps.ts';
import { detectionsJson, narrowed } from '../detections-json.ts';
import { syntaxProblem } from '../problem.ts';
import { type Access, serve } from '../serve.ts';
import { iso, timeRange } from '../time-range.ts';
import { visible } from '../visible.ts';

const TOP = 10;
const TOP_FIELDS = ['user.name', 'host.name', 'source.ip', 'observer.product', 'event.dataset'] as const;

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
      ...actorOf(caller),
      message: `${caller.name} looked at detections: ${query.q === '' ? '*' : query.q}`,
      about: { kind: 'detections', query: query.q, ...shown },
    });
    const byRule = hitByRule(query.least_level);
    const mine = visible(asked.value, caller);
    const hit = visible({ type: 'and', nodes: [asked.value, byRule] }, caller);
    const [found, { top: tops }] = await Promise.all([
      detections(engine, { query: mine, least: query.least_level, ...range, signal }, now),
      summary(engine, { query: hit, ...range, fields: TOP_FIELDS, size: TOP, signal }, now),
    ]);
    const top = (field: (typeof TOP_FIELDS)[number]) => {
      const { values = [], others = 0, missing = 0 } = tops[TOP_FIELDS.indexOf(field)] ?? {};
      return {
        others,
        missing,
        values: values.map(({ value, count }) => ({ value, count, q: narrowed(asked.value, byRule, is(field, value)) })),
      };
    };
    const infos = new Map(rules().rules.map((rule) => [rule.id, rule]));
    return {
      ...shown,
      q: narrowed(asked.value, byRule),
      ...detectionsJson(found, { query: asked.value, by: query.by, least: query.least_level, ...range, infos }),
      people: top('user.name'),
      hosts: top('host.name'),
      addresses: top('source.ip'),
      products: top('observer.product'),
      datasets: top('event.dataset'),
    };
  });
}
