import { type Sql, sql } from '../../../store/sql.ts';
import { addedUp, counted } from './added-up.ts';
import { type Heads, HOLDS, type Lane } from './lane.ts';

/** The moments `p` at which so many events are in the window. */
export const eventCount = (lanes: readonly Lane[], heads: Heads): Sql =>
  sql`SELECT i, p, v FROM (SELECT i, p, toFloat64(n) AS v FROM (${addedUp(counted(lanes, heads))})) WHERE ${HOLDS}`;
