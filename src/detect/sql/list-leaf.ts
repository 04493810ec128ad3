import { LISTED, listedName } from '../../model/enrichment.ts';
import type { Sql } from '../../store/sql.ts';
import type { Scope } from './scope.ts';
import { textTest } from './text-leaf.ts';

/** A value of the first of these fields that is there was on the list when the event came in. */
export function listLeaf(list: string, paths: readonly string[], scope: Scope): Sql {
  const wasOn = (path: string): Sql => scope.some([LISTED], textTest([{ kind: 'text', pattern: [listedName(list, path)], cased: true }]));
  const [only] = paths;
  return paths.length === 1 && only !== undefined ? wasOn(only) : scope.first(paths, (_, path) => wasOn(path));
}
