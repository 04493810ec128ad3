import { z } from 'zod';

/** Bounds of one event. What lies beyond stays in the raw message, and the event has the tag `truncated_fields`. */
export const normalizeConfig = z.strictObject({
  max_fields: z
    .number()
    .int()
    .min(100)
    .max(10_000)
    .default(1_000)
    .describe('Fields of one event; those beyond are only in the raw message.'),
  max_depth: z.number().int().min(1).max(64).default(20).describe('Levels of a JSON payload; what lies deeper is kept as JSON text.'),
});

export type NormalizeConfig = z.output<typeof normalizeConfig>;
