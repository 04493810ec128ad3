import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import type { ExplainedLeaf, ExplainedNode } from '../../model/explanation.ts';
import { oneEvent } from '../../store/search/events.ts';
import { explainRuleEndpoint } from '../contract/rule-explain.ts';
import type { ApiDeps } from '../deps.ts';
import { auditRead, datasetOf, noSuchEvent } from '../one-event.ts';
import { ApiProblem } from '../problem.ts';
import { type Access, serve } from '../serve.ts';
import { maySee } from '../visible.ts';

export function ruleExplainRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  serve(app, access, explainRuleEndpoint, async ({ params: { id }, query, caller, signal }) => {
    auditRead(deps, caller, query.event);
    const event = await oneEvent(deps.engine, query.event, signal);
    if (event === undefined || !maySee(caller, datasetOf(event))) throw noSuchEvent(query.event);
    const explained = deps.hub.explainRule(id, event);
    if (explained === undefined) throw new ApiProblem(404, 'EAR_API_NOT_FOUND', `No rule ${id.slice(0, 100)} runs.`);
    const { rule, fires, logSource, tree, because } = explained;
    const recorded = event.hits.find((hit) => hit.id === rule.id)?.version;
    return {
      rule: { id: rule.id, name: rule.name, version: rule.version, title: rule.title, level: rule.level },
      event: query.event,
      fires,
      ...(recorded !== undefined && { recorded }),
      ...(logSource && {
        log_source: logSource.map(({ truth, fields, values, found }) => ({ truth, fields: [...fields], values: [...values], found })),
      }),
      nodes: nodesOf(tree, 0),
      because: because.map(leafJson),
    };
  });
}

type Answer = z.input<typeof explainRuleEndpoint.answer>;

function nodesOf(node: ExplainedNode, depth: number): Answer['nodes'] {
  if (node.kind === 'leaf') return [{ kind: 'leaf', depth, ...leafJson(node) }];
  return [{ kind: node.kind, depth, truth: node.truth }, ...node.children.flatMap((child) => nodesOf(child, depth + 1))];
}

const leafJson = ({ truth, label, field, value, found }: ExplainedLeaf): Answer['because'][number] => ({
  truth,
  label,
  field,
  ...(value !== undefined && { value }),
  ...(found !== undefined && { found }),
});
