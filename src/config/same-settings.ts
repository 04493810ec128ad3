import { isDeepStrictEqual } from 'node:util';
import { Secret } from '../lib/secret.ts';

/** Whether two settings say the same. Secrets count by what they hold. */
export const sameSettings = (a: unknown, b: unknown): boolean => isDeepStrictEqual(revealed(a), revealed(b));

function revealed(value: unknown): unknown {
  if (value instanceof Secret) return { secret: value.reveal() };
  if (Array.isArray(value)) return value.map(revealed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, revealed(child)]));
}
