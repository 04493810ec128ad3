import type { ConfigFault } from './fault.ts';

export type Tree = string | number | boolean | null | Tree[] | { [key: string]: Tree };

const PLACE = /\$(\$?)\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/**
 * Fills `${NAME}` and `${NAME:-fallback}` in the string leaves of a parsed document; `$${NAME}` stays as `${NAME}`.
 * Keys and structure are never touched, so a value from the environment cannot grow settings.
 */
export function interpolate(tree: Tree, env: NodeJS.ProcessEnv, faults: ConfigFault[], path = ''): Tree {
  if (typeof tree === 'string') return fill(tree, env, faults, path);
  if (Array.isArray(tree)) return tree.map((child, i) => interpolate(child, env, faults, `${path}[${i}]`));
  if (tree === null || typeof tree !== 'object') return tree;
  return Object.fromEntries(
    Object.entries(tree).map(([key, child]) => [key, interpolate(child, env, faults, path === '' ? key : `${path}.${key}`)]),
  );
}

function fill(text: string, env: NodeJS.ProcessEnv, faults: ConfigFault[], path: string): string {
  return text.replace(PLACE, (whole, literal: string, name: string, fallback: string | undefined) => {
    if (literal !== '') return whole.slice(1);
    const value = env[name] ?? fallback;
    if (value === undefined) faults.push({ path, message: `the environment variable ${name} is not set` });
    return value ?? '';
  });
}
