import { f64, type Sql, sql, str } from '../../store/sql.ts';
import type { Compare, Test } from '../sigma/tree.ts';
import type { TextTest } from './values.ts';

const OPERATORS: Readonly<Record<Compare | 'eq', Sql>> = { lt: sql`<`, lte: sql`<=`, gt: sql`>`, gte: sql`>=`, eq: sql`=` };

export const compareSql = (value: Sql, operator: Compare | 'eq', number: number): Sql =>
  sql`${value} ${OPERATORS[operator]} ${f64(number)}`;

/** What counts as a number in an event: the twin of `numberOf` in stream/leaf-predicate.ts. */
export const NUMBER = '^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?$';

export const compareTest =
  ({ operator, number }: Test & { readonly kind: 'compare' }): TextTest =>
  (text) =>
    sql`(length(${text}) <= 64 AND match(${text}, ${str(NUMBER)}) AND ifNull(${compareSql(sql`toFloat64OrNull(toString(${text}))`, operator, number)}, 0))`;
