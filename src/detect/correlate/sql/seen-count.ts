import { type Sql, sql } from '../../../store/sql.ts';
import { distinctIn } from './distinct.ts';
import { type Lane, rowsOf } from './lane.ts';

/** `temporal` with a number: the moments `p` at which so many of the rules have hit in the window. */
export const seenCount = (lanes: readonly Lane[]): Sql => distinctIn(rowsOf(lanes, { columns: sql`ref AS x` }));
