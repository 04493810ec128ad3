import { createHash } from 'node:crypto';
import { type Sql, sql } from '../../../store/sql.ts';
import { strs } from '../../sql/values.ts';
import { type Lane, rowsOf } from './lane.ts';

/** What stands as `seq` in the row of a moment at which an inner correlation held: two inner groups at one time are two. */
export const momentSeq = (identity: string, groupKey: string, t: number): number =>
  Number(createHash('sha256').update(`${identity} ${groupKey} ${t}`).digest().readBigUInt64BE() >> 11n);

const SEQ = sql`bitShiftRight(reinterpretAsUInt64(reverse(substring(SHA256(concat(counter, ' ', group_key, ' ', toString(t))), 1, 8))), 11)`;

/** A moment that a lane, from 1, counts, and the inner group that it is of. */
export interface InnerMoment {
  readonly i: number;
  readonly identity: string;
  readonly key: string;
  readonly t: string;
}

/** Which groups of inner correlations the moments in the windows of the lanes are of, by time: their last event came at that moment. */
export function innerMoments(lanes: readonly Lane[], identities: readonly string[]): Sql {
  const moments = rowsOf(lanes, { columns: sql`seq`, where: sql`moment = 1 AND (empty(legs[i]) OR has(legs[i], ref))` });
  return sql`SELECT DISTINCT m.i AS i, h.counter AS identity, h.group_key AS key, m.t AS t FROM ${moments} AS m
    INNER JOIN (SELECT counter, group_key, t, ${SEQ} AS seq FROM earshot.hits WHERE counter IN ${strs(identities)}
      AND t >= arrayMin(arrayMap((a, b) -> a - b, froms, spans)) AND t <= arrayMax(tos)) AS h ON m.seq = h.seq AND m.t = h.t
    ORDER BY i, identity, key, t`;
}
