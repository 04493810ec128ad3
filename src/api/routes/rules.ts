import type { FastifyInstance } from 'fastify';
import { listRulesEndpoint } from '../contract/rules.ts';
import type { ApiDeps } from '../deps.ts';
import { type Access, serve } from '../serve.ts';

export function ruleRoutes(app: FastifyInstance, access: Access, { rules }: ApiDeps): void {
  serve(app, access, listRulesEndpoint, async () => {
    const report = rules();
    return {
      rules: report.rules.map((rule) => ({
        id: rule.id,
        name: rule.name,
        version: rule.version,
        title: rule.title,
        level: rule.level,
        description: rule.description,
        tags: [...rule.tags],
        falsepositives: [...rule.falsepositives],
        next_steps: [...rule.nextSteps],
        group_by: [...rule.groupBy],
      })),
      rejected: report.rejected.map(({ file, line, column, reason }) => ({ file, line, column, reason })),
    };
  });
}
