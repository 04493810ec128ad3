import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { noBody, nothing } from './fields.ts';

const colleague = z.object({ name: z.string(), display_name: z.string() });
export type Colleague = z.output<typeof colleague>;

/** Who can work on alerts: whom one may be given to. No more of them than how they are called. */
export const colleaguesEndpoint = endpoint({
  method: 'GET',
  path: '/api/colleagues',
  scopes: ['alerts:write'],
  params: nothing,
  query: nothing,
  body: noBody,
  answer: z.object({ colleagues: z.array(colleague) }),
});
