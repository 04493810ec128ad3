import { z } from 'zod';

/** One part of an answer that has several: where it failed, the others are there all the same. */
export const partOf = <V extends z.ZodType>(value: V) =>
  z.discriminatedUnion('ok', [
    z.object({ ok: z.literal(true), value }),
    z.object({ ok: z.literal(false), problem: z.object({ code: z.string(), detail: z.string(), hint: z.string() }) }),
  ]);

/** A part as the page reads it. */
export type Part<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: { readonly code: string; readonly detail: string; readonly hint: string } };
