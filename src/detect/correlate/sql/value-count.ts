import { type Sql, sql } from '../../../store/sql.ts';
import { distinctIn } from './distinct.ts';
import { eachOnce, type Lane } from './lane.ts';

/** The moments `p` at which so many different values are in the window. A hash of 128 bits stands for a value: texts would need much memory. */
export const valueCount = (lanes: readonly Lane[]): Sql => distinctIn(eachOnce(lanes, sql`sipHash128(text_value)`));
