import { type Sql, sql } from '../../store/sql.ts';
import type { Scope } from './scope.ts';
import { any, no } from './values.ts';

/** The field is there, be its value empty or null; a map is there when something in it is. */
export function existsLeaf(exists: boolean, paths: readonly string[], scope: Scope): Sql {
  scope.addOdd(ODD_PATHS);
  const has = any(paths.flatMap((path) => [scope.field(path).there, scope.field(path).below]));
  return exists ? has : no(has);
}

/** Missing, null, or an array with a null in it. */
export function nullLeaf(paths: readonly string[], scope: Scope): Sql {
  return any([scope.first(paths, (field) => field.isNull), existsLeaf(false, paths, scope)]);
}

/** Fields whose names are no plain text are kept together under one key (store/attrs.ts). */
const ODD_PATHS: Sql = sql`mapContains(attrs, '\\n')`;
