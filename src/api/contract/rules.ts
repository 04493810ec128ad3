import { z } from 'zod';
import { LEVELS } from '../../model/severity.ts';
import { endpoint } from './endpoint.ts';
import { noBody, nothing } from './fields.ts';

const rule = z.object({
  id: z.string(),
  name: z.string(),
  version: z.string(),
  title: z.string(),
  level: z.enum(LEVELS),
  description: z.string(),
  tags: z.array(z.string()),
  falsepositives: z.array(z.string()),
  next_steps: z.array(z.string()),
  group_by: z.array(z.string()),
});

export const listRulesEndpoint = endpoint({
  method: 'GET',
  path: '/api/rules',
  scopes: ['events:read', 'alerts:write'],
  params: nothing,
  query: nothing,
  body: noBody,
  /** A rule that was rejected does not run: it is shown so that nobody believes it does. */
  answer: z.object({
    rules: z.array(rule),
    rejected: z.array(z.object({ file: z.string(), line: z.number(), column: z.number(), reason: z.string() })),
  }),
});
