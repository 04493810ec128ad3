import { joinSql, type Sql, sql, str } from '../sql.ts';

/** Conditions on events about somebody. */
export interface PersonCondition {
  /** It names them, in whatever part. */
  readonly about: Sql;
  /** They act in it, or it came from their account. */
  readonly acting: Sql;
}

/** `names`: all spellings of all names, in lower case; at least one. */
export function personCondition(names: readonly string[]): PersonCondition {
  const own = joinSql(
    names.map((name) => sql`${str(name)}`),
    ', ',
  );
  return {
    about: sql`arrayExists(u -> lowerUTF8(u) IN (${own}), related_user)`,
    acting: sql`(lowerUTF8(user_name) IN (${own}) OR lowerUTF8(user_email) IN (${own}) OR lowerUTF8(user_id) IN (${own})
    OR lowerUTF8(source_user_name) IN (${own}))`,
  };
}
