import { type Sql, sql } from '../../../store/sql.ts';
import type { Query } from './ask.ts';
import type { Part, Place } from './describe.ts';
import { countOf, type Heads, isSimple, type Lane, rowsOf } from './lane.ts';

interface End {
  readonly newest: 0 | 1;
  readonly t: string;
  readonly node: number;
  readonly seq: string;
  readonly spelling: string;
}

type Found = Pick<Part, 'ref' | 'n' | 'first' | 'last'>;

/** What is in the windows of a group with very many events: only the first and the last are read whole. Throws EngineError. */
export async function largeParts(lane: Lane, evidence: number, heads: Heads, query: Query): Promise<Omit<Part, 'question' | 'isOwn'>[]> {
  const most = evidence * lane.legs.length;
  // Of so many rows there are enough near both ends, nearly always.
  const near = await query<End>([lane], bothEnds(lane, most, true));
  const found = near.length === 2 * most ? near : await query<End>([lane], bothEnds(lane, most, false));
  const ends = found.sort((a, b) => Number(a.t) - Number(b.t));
  const [first, last] = [ends.at(0), ends.at(-1)];
  if (first === undefined || last === undefined) return [];
  const counts = isSimple(lane)
    ? (await query<Pick<Part, 'n'>>([lane], sql`SELECT n FROM ${countOf([lane], heads, IN_WINDOWS)}`)).map(
        ({ n }): Found => ({ ref: 0, n, first: first.t, last: last.t }),
      )
    : await query<Found>([lane], perRef(lane));
  // Whose they are does not matter: all of the episode's are looked at together.
  return counts.map((part, i) => ({
    ...part,
    moment: 0,
    firsts: i === 0 ? ends.flatMap((end) => (end.newest === 0 ? [placeOf(end)] : [])) : [],
    lasts: i === 0 ? ends.flatMap((end) => (end.newest === 1 ? [backwards(end)] : [])) : [],
    spelled: first.spelling,
  }));
}

const IN_WINDOWS = sql`t >= froms[i] - spans[i] AND t <= tos[i]`;

const placeOf = ({ t, node, seq }: End): Place => [t, node, seq];
const backwards = ({ t, node, seq }: End): Place => [`-${t}`, -node, `-${seq}`];

const perRef = (lane: Lane): Sql =>
  sql`SELECT ref, count() AS n, min(t) AS first, max(t) AS last FROM ${rowsOf([lane], { columns: sql`ref`, where: sql`has(legs[i], ref)` })} GROUP BY ref`;

/** An event has a row for each rule that hit it. */
function bothEnds(lane: Lane, rows: number, near: boolean): Sql {
  const ends = (when: Sql) =>
    rowsOf([lane], {
      columns: sql`node, seq, if(shown = '', group_key, shown) AS spelling`,
      where: sql`has(legs[i], ref) AND ${near ? when : sql`1`}`,
    });
  const most: Sql = { text: `${rows}`, params: {} };
  const oldest = ends(sql`t <= froms[i] - spans[i] + intDiv(spans[i], 100)`);
  const newest = ends(sql`t >= tos[i] - intDiv(spans[i], 100)`);
  return sql`SELECT * FROM (SELECT 0 AS newest, t, node, seq, spelling FROM ${oldest} ORDER BY t, node, seq LIMIT ${most})
    UNION ALL SELECT * FROM (SELECT 1 AS newest, t, node, seq, spelling FROM ${newest} ORDER BY t DESC, node DESC, seq DESC LIMIT ${most})`;
}
