/** What a rule asks of an event, on its way from another tool's words to Sigma's. */
export type Expression =
  | { readonly kind: 'item'; readonly key: string; readonly values: readonly Scalar[] }
  | { readonly kind: 'and' | 'or'; readonly children: readonly Expression[] }
  | { readonly kind: 'not'; readonly child: Expression };

export type Scalar = string | number | boolean | null;

/** `key` is a field with its modifiers, `user.name|cased`; empty for keywords. One of the values is enough. */
export const item = (key: string, ...values: Scalar[]): Expression => ({ kind: 'item', key, values });

/** True of every event. */
export const ALL: Expression = { kind: 'and', children: [] };

export const isAll = (expression: Expression): boolean => expression.kind === 'and' && expression.children.length === 0;

export function and(children: readonly Expression[]): Expression {
  const flat = children.flatMap((child) => (child.kind === 'and' ? child.children : [child]));
  const [only] = flat;
  return only !== undefined && flat.length === 1 ? only : { kind: 'and', children: flat };
}

/** At least one child. */
export function or(children: readonly Expression[]): Expression {
  if (children.some(isAll)) return ALL;
  const flat = children.flatMap((child) => (child.kind === 'or' ? child.children : [child]));
  const joined = joinValues(flat);
  const [only] = joined;
  return only !== undefined && joined.length === 1 ? only : { kind: 'or', children: joined };
}

export const not = (child: Expression): Expression => (child.kind === 'not' ? child.child : { kind: 'not', child });

/** A text in which nothing is a wildcard. */
export const literal = (text: string): string => text.replace(/[\\*?]/g, '\\$&');

/** How many items an expression has: rules that refer to rules can grow without bound. */
export function sizeOf(expression: Expression): number {
  if (expression.kind === 'item') return expression.values.length;
  if (expression.kind === 'not') return sizeOf(expression.child);
  return expression.children.reduce((sum, child) => sum + sizeOf(child), 0);
}

/** `a: 1` or `a: 2` is `a: [1, 2]`. */
function joinValues(children: readonly Expression[]): Expression[] {
  const joined: Expression[] = [];
  const places = new Map<string, number>();
  for (const child of children) {
    const place = child.kind === 'item' ? places.get(child.key) : undefined;
    const before = place === undefined ? undefined : joined[place];
    if (child.kind === 'item' && place !== undefined && before?.kind === 'item') {
      joined[place] = item(child.key, ...new Set([...before.values, ...child.values]));
      continue;
    }
    if (child.kind === 'item' && isList(child)) places.set(child.key, joined.length);
    joined.push(child);
  }
  return joined;
}

/** Of these keys a list of values means one of them. */
const isList = ({ key, values }: { key: string; values: readonly Scalar[] }): boolean =>
  !/\|(all|neq|exists)(\||$)/.test(key) && !values.includes(null);
