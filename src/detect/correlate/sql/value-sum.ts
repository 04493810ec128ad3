import { type Sql, sql } from '../../../store/sql.ts';
import { addedUp, inOneRow } from './added-up.ts';
import { HOLDS, type Lane } from './lane.ts';

/** The moments `p` at which the numbers in the window add up to it. */
export const valueSum = (lanes: readonly Lane[]): Sql =>
  sql`SELECT i, p, v FROM (SELECT i, p, s AS v FROM (${addedUp(inOneRow(lanes, sql`number_value`))})) WHERE ${HOLDS}`;
