import type { Value } from '../../model/event.ts';

export const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value);

export const isMap = (value: Value | undefined): value is { readonly [key: string]: Value } =>
  typeof value === 'object' && value !== null && !isList(value);

/** The text by which a value is compared: `4625` and `"4625"` are equal. Null and maps have none. */
export function textOf(value: Value): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** Deeper values are not looked at: following a message of brackets would end the stack. */
const MAX_DEPTH = 64;

/** The single values of a value: an array's elements, and those of arrays in it. */
export function elements(value: Value, depth = 0): readonly Value[] {
  if (!isList(value)) return [value];
  if (depth >= MAX_DEPTH || !value.some(isList)) return value;
  return value.flatMap((element) => elements(element, depth + 1));
}

/** The value at a dotted path below a value; through arrays, the values of all their elements. */
export function below(value: Value, path: readonly string[], depth = 0): Value | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (isList(value)) {
    if (depth >= MAX_DEPTH) return undefined;
    const found = value.flatMap((element) => below(element, path, depth + 1) ?? []);
    return found.length > 0 ? found : undefined;
  }
  if (!isMap(value)) return undefined;
  const dotted = path.join('.');
  if (Object.hasOwn(value, dotted)) return value[dotted];
  const child = Object.hasOwn(value, key) ? value[key] : undefined;
  return child === undefined ? undefined : below(child, rest, depth + 1);
}

/** Adds every string in a value, keys of maps not. */
export function collectStrings(value: Value, into: string[], depth = 0): void {
  if (typeof value === 'string') into.push(value);
  else if (depth >= MAX_DEPTH) return;
  else if (isList(value)) for (const element of value) collectStrings(element, into, depth + 1);
  else if (isMap(value)) for (const child of Object.values(value)) collectStrings(child, into, depth + 1);
}
