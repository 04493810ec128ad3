import { Secret } from './secret.ts';

/** A secret on its way to another thread of this process: a class does not cross. No setting has a name with a blank. */
const PACKED = 'packed secret';

/** The same value with each secret in it as a plain text, for `postMessage` alone: it can be printed. */
export function packSecrets(value: unknown): unknown {
  return value instanceof Secret ? { [PACKED]: value.reveal() } : inside(value, packSecrets);
}

/** What {@link packSecrets} was given. */
export function unpackSecrets(value: unknown): unknown {
  if (isObject(value) && typeof value[PACKED] === 'string') return new Secret(value[PACKED]);
  return inside(value, unpackSecrets);
}

function inside(value: unknown, work: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(work);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, work(each)]));
}

/** Not of a class: those cross as they are, or not at all. */
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
