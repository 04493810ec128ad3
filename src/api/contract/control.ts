import { z } from 'zod';

/** What the command line asks of a running hub, over its Unix socket only. */
export const appendQuery = z.strictObject({
  source: z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/),
  path: z.string().min(1),
  key: z.string().min(1).max(1024).optional(),
  truncated: z.literal('1').optional(),
});
export const keysQuery = z.strictObject({ prefix: z.string().min(1).max(1024) });

export const verifyAnswer = z.object({
  verifiedLinks: z.number(),
  verifiedEvents: z.number(),
  expiredLinks: z.number(),
  partlyExpiredLinks: z.number(),
  expiredEvents: z.number(),
  difference: z.object({ kind: z.string(), node: z.number(), firstSeq: z.number(), lastSeq: z.number(), message: z.string() }).optional(),
});

export const reloadAnswer = z.object({ applied: z.boolean(), faults: z.array(z.string()), notes: z.array(z.string()) });
export const storeAnswer = z.object({ rows: z.number(), bytes: z.number() });
