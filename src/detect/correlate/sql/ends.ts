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
  const ends = (await query<End>([lane], bothEnds(lane, evidence))).sort((a, b) => Number(a.t) - Number(b.t));
  const [first, last] = [ends.at(0), ends.at(-1)];
  if (first === undefined || last === undefined) return [];
  const found = isSimple(lane)
    ? (await query<Pick<Part, 'n'>>([lane], sql`SELECT n FROM ${countOf([lane], heads, IN_WINDOWS)}`)).map(
        ({ n }): Found => ({ ref: 0, n, first: first.t, last: last.t }),
      )
    : await query<Found>([lane], perRef(lane));
  // Whose they are does not matter: all of the episode's are looked at together.
  return found.map((part, i) => ({
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
function bothEnds(lane: Lane, evidence: number): Sql {
  const rows = rowsOf([lane], { columns: sql`node, seq, if(shown = '', group_key, shown) AS spelling`, where: sql`has(legs[i], ref)` });
  const most: Sql = { text: `${evidence * lane.legs.length}`, params: {} };
  return sql`SELECT * FROM (SELECT 0 AS newest, t, node, seq, spelling FROM ${rows} ORDER BY t, node, seq LIMIT ${most})
    UNION ALL SELECT * FROM (SELECT 1 AS newest, t, node, seq, spelling FROM ${rows} ORDER BY t DESC, node DESC, seq DESC LIMIT ${most})`;
}
