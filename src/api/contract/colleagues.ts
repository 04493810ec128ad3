import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { noBody, nothing } from './fields.ts';

/** Who can work on alerts: whom one may be given to. No more of them than how they are called. */
export const colleaguesEndpoint = endpoint({
  method: 'GET',
  path: '/api/colleagues',
  scopes: ['alerts:write'],
  params: nothing,
  query: nothing,
  body: noBody,
  answer: z.object({ colleagues: z.array(z.object({ name: z.string(), display_name: z.string() })) }),
});
