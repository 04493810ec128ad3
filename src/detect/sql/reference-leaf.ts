import { type Sql, sql, u64 } from '../../store/sql.ts';
import type { Relation, Test } from '../sigma/tree.ts';
import type { FieldSql } from './field-sql.ts';
import { foldSql } from './fold-sql.ts';
import type { Scope } from './scope.ts';

const RELATIONS: Readonly<Record<Relation, Sql>> = {
  equals: sql`a = b`,
  contains: sql`position(a, b) > 0`,
  startswith: sql`startsWith(a, b)`,
  endswith: sql`endsWith(a, b)`,
};

/** As many as the stream compares (stream/leaf-predicate.ts). */
const MOST_OTHERS = 1_000;

/** A text of one field stands in a relation to one of another. */
export function referenceLeaf(test: Test & { readonly kind: 'field' }, paths: readonly string[], scope: Scope): Sql {
  const texts = ({ texts: own }: FieldSql): Sql => (test.cased ? own : sql`arrayMap(t -> ${foldSql(sql`t`)}, ${own})`);
  const holds = (field: FieldSql, other: FieldSql): Sql =>
    sql`arrayExists(a -> arrayExists(b -> ${RELATIONS[test.relation]}, arraySlice(${texts(other)}, 1, ${u64(MOST_OTHERS)})), ${texts(field)})`;
  return scope.first(paths, (field) => scope.first(test.other, (other) => holds(field, other)));
}
