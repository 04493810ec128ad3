import { type Expression, item, literal, or, type Scalar } from './expression.ts';

/** Fields that Elasticsearch cuts into words: a query for a word finds it anywhere in them. */
const WORDS = /(^|\.)(message|text|original)$/;

export const isWords = (field: string): boolean => WORDS.test(field);

/** `user.keyword` is how Elasticsearch calls the uncut form of `user`. */
export const plainField = (field: string): string => field.replace(/\.(keyword|raw)$/, '');

/** A value as `term` asks for it: whole, and with regard to case. */
export function exactly(field: string, values: readonly Scalar[]): Expression {
  const path = plainField(field);
  if (isWords(field)) return item(`${path}|contains`, ...values.map((value) => (typeof value === 'string' ? literal(value) : value)));
  return or(values.map((value) => (typeof value === 'string' ? item(`${path}|cased`, literal(value)) : item(path, value))));
}

/** A value as people type it: without regard to case. `pattern` is in Sigma's form, wildcards and all. */
export function typed(field: string, pattern: string): Expression {
  const path = plainField(field);
  return isWords(field) ? item(`${path}|contains`, pattern) : item(path, pattern);
}

export const present = (field: string): Expression => item(`${plainField(field)}|exists`, true);
