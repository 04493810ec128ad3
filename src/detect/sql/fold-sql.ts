import { type Sql, sql } from '../../store/sql.ts';

/** The twin of `fold` in sigma/fold.ts: the engine's `lowerUTF8` is ICU's, which knows final sigma and dots as JavaScript does. */
export const foldSql = (text: Sql): Sql => sql`replaceAll(if(isValidASCII(${text}), lower(${text}), lowerUTF8(${text})), 'ς', 'σ')`;
