import { type Sql, sql } from '../../../store/sql.ts';
import { addedUp } from './added-up.ts';
import { HOLDS, type Lane } from './lane.ts';

/** The moments `p` at which so many events are in the window. */
export const eventCount = (lanes: readonly Lane[]): Sql =>
  sql`SELECT i, p, v FROM (SELECT i, p, toFloat64(n) AS v FROM (${addedUp(lanes, sql`toFloat64(0)`)})) WHERE ${HOLDS}`;
