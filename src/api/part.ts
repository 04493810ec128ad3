import { ERRORS } from '../lib/errors.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Part } from './contract/part.ts';
import { ApiProblem, problemOf } from './problem.ts';

/** The outcome of one part of an answer: what it is, or why it is not there. A fault of ours is logged and told as such. */
export async function part<T>(what: string, telemetry: Telemetry, work: Promise<T>): Promise<Part<T>> {
  try {
    return { ok: true, value: await work };
  } catch (error) {
    const known = problemOf(error);
    if (known === undefined) telemetry.log('error', 'a part of an answer failed', { what, error: String(error) });
    const { code, message } = known ?? new ApiProblem(500, 'EAR_INTERNAL', 'This could not be worked out.');
    return { ok: false, problem: { code, detail: message, hint: ERRORS[code] } };
  }
}

/** Whether all parts are there: an answer that lacks one is not kept for others, who may get it. */
export const isWhole = (...parts: readonly { readonly ok: boolean }[]): boolean => parts.every(({ ok }) => ok);
