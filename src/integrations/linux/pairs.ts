/**
 * Splits `a=1 b=two words c=` at the given keys, which must come in this order. Each ends the one before it where it is first found, and
 * the last takes all that follows: it is the one that a stranger may choose.
 */
export function splitPairs<K extends string>(text: string, keys: readonly K[]): Partial<Record<K, string>> {
  const pairs: Partial<Record<K, string>> = {};
  let start = -1;
  let open: K | undefined;
  let at = 0;
  for (const key of keys) {
    const found = text.startsWith(`${key}=`, at) ? at : text.indexOf(` ${key}=`, Math.max(at - 1, 0));
    if (found === -1) continue;
    if (open !== undefined) pairs[open] = text.slice(start, found).trimEnd();
    open = key;
    at = found + (text.charCodeAt(found) === 32 ? 1 : 0) + key.length + 1;
    start = at;
  }
  if (open !== undefined) pairs[open] = text.slice(start);
  return pairs;
}

/** The text without the quotes around it: `'alice'`, `"alice"`, `` `alice' ``. */
export function quoted(text: string): string {
  const first = text.charAt(0);
  const last = text.charAt(text.length - 1);
  const isQuoted =
    text.length >= 2 && ((first === "'" && last === "'") || (first === '"' && last === '"') || (first === '`' && last === "'"));
  return isQuoted ? text.slice(1, -1) : text;
}
