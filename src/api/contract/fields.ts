import { z } from 'zod';

/** Parts that several endpoints share. */
export const nothing = z.strictObject({});
export const noBody = z.undefined().or(z.null());

/** A time of a request: ISO 8601, epoch seconds or milliseconds, or relative to now (`now-24h`). Read by the server's own clock. */
export const time = z.string().min(1).max(64);

export const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'not a whole number')
    .transform(Number)
    .pipe(z.number().int().min(least).max(most));

export const queryText = z.string().max(8000).default('');

/** A time of an answer: ISO 8601 in UTC, milliseconds. */
export const isoTime = z.string();

export const identifier = z.string().min(1).max(512);

/** Names of fields, separated by commas. */
export const fieldNames = (most: number) =>
  z
    .string()
    .max(8000)
    .transform((text) => [...new Set(text.split(',').map((name) => name.trim()))])
    .pipe(z.array(identifier).min(1).max(most));

/** The range that was searched: `from` is in, `to` is not. */
export const range = { from: isoTime, to: isoTime };

/** RFC 9457, `application/problem+json`. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  /** The request's id, as the log has it. */
  instance: z.string(),
  /** `EAR_…`, public and never reused. */
  code: z.string(),
  hint: z.string(),
  /** Where a query is wrong, in UTF-16 units, and as what. */
  position: z.object({ at: z.number(), length: z.number(), fault: z.string() }).optional(),
  /** Which parameters are wrong. */
  faults: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  /** Line of a body, from 1. */
  line: z.number().optional(),
  /** Of a conflict: what it is now. */
  present: z.record(z.string(), z.json()).optional(),
});
export type Problem = z.output<typeof problem>;
