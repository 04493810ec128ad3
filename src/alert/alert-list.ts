import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import type { AlertCounts, AlertFilter, AlertQuery } from '../model/alert-query.ts';
import { LEVELS } from '../model/severity.ts';
import type { AlertRow, StateDb, Tables } from '../store/state/state.ts';
import { subjectValue } from './subjects.ts';

const PAGE = 50;
export const MOST = 500;

/** Where a page ends, in the order of its list. `rank` is the level's place, or 0 where the order is by time alone. */
export interface Cursor {
  readonly rank: number;
  readonly lastAt: number;
  readonly id: string;
}

/** One page of alerts, and whether there is more. */
export async function listRows(
  db: StateDb,
  query: AlertQuery,
  after: Cursor | undefined,
): Promise<{ rows: AlertRow[]; next: Cursor | undefined }> {
  const limit = Math.max(1, Math.min(query.limit ?? PAGE, MOST));
  const byLevel = query.sort === 'level';
  const rank = byLevel ? LEVEL_RANK : sql<number>`0`;
  const found = await db
    .selectFrom('alerts')
    .selectAll()
    .where((where) => where.and(conditions(where, query)))
    .$if(after !== undefined, (select) => select.where(isAfter(rank, after ?? { rank: 0, lastAt: 0, id: '' })))
    .$if(byLevel, (select) => select.orderBy(LEVEL_RANK, 'desc'))
    .orderBy('last_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const rows = found.slice(0, limit);
  const end = found.length > limit ? rows.at(-1) : undefined;
  return { rows, next: end && { rank: byLevel ? LEVELS.indexOf(end.level) : 0, lastAt: end.last_at, id: end.id } };
}

const LEVEL_RANK = sql<number>`case level when 'critical' then 4 when 'high' then 3 when 'medium' then 2 when 'low' then 1 else 0 end`;

const isAfter = (rank: Expression<number>, { rank: before, lastAt, id }: Cursor): Expression<SqlBool> =>
  sql<SqlBool>`(${rank} < ${before} or (${rank} = ${before} and (last_at < ${lastAt} or (last_at = ${lastAt} and id < ${id}))))`;

/** How many there are by state and level. */
export async function countAlerts(db: StateDb, filter: AlertFilter): Promise<AlertCounts> {
  const rows = await db
    .selectFrom('alerts')
    .select((select) => [
      'state',
      'level',
      select.fn.countAll<number>().as('count'),
      select.fn.max('changed_at').as('changed_at'),
      select.fn.sum<number | string>('changes').as('changes'),
      select.fn.sum<number | string>('count').as('events'),
    ])
    .where((where) => where.and(conditions(where, filter)))
    .groupBy(['state', 'level'])
    .orderBy('state')
    .orderBy('level')
    .execute();
  return {
    counts: rows.map(({ state, level, count }) => ({ state, level, count: Number(count) })),
    version: rows.map(({ state, level, ...rest }) => [state, level, ...Object.values(rest)].join(' ')).join('; '),
  };
}

type Where = ExpressionBuilder<Tables, 'alerts'>;

/** What a filter asks of a row of `alerts`. */
export function conditions(where: Where, filter: AlertFilter): Expression<SqlBool>[] {
  const { states, levels, rule, assignee, unassigned, persons, about, technique, from, to, datasets } = filter;
  const all: Expression<SqlBool>[] = [];
  if (states !== undefined && states.length > 0) all.push(where('alerts.state', 'in', states));
  if (levels !== undefined && levels.length > 0) all.push(where('alerts.level', 'in', levels));
  if (rule !== undefined) all.push(where.or([where('alerts.rule_id', '=', rule), where('alerts.rule_name', '=', rule)]));
  if (assignee !== undefined) all.push(where('alerts.assignee', '=', assignee));
  if (unassigned === true) all.push(where('alerts.assignee', 'is', null));
  if (persons !== undefined) all.push(hasSubject(['person'], persons.map(subjectValue).map(literal)));
  if (about !== undefined) all.push(hasSubject(['person', 'host', 'address'], [`%${literal(subjectValue(about))}%`]));
  if (technique !== undefined) all.push(isOfTechnique(technique.toLowerCase()));
  if (from !== undefined) all.push(where('alerts.last_at', '>=', from));
  if (to !== undefined) all.push(where('alerts.first_at', '<', to));
  if (datasets !== undefined && !datasets.includes('*')) all.push(hasSubject(['dataset'], datasets.map(likePattern)));
  return all;
}

/** Evidence that names something like one of these patterns of LIKE. */
function hasSubject(kinds: readonly string[], patterns: readonly string[]): Expression<SqlBool> {
  if (patterns.length === 0) return sql<SqlBool>`1 = 0`;
  const likes = sql.join(
    patterns.map((pattern) => sql`s.value like ${pattern} escape '!'`),
    sql` or `,
  );
  return sql<SqlBool>`exists (select 1 from alert_subjects s where s.alert_id = alerts.id and s.kind in (${sql.join(kinds)}) and (${likes}))`;
}

const isOfTechnique = (technique: string): Expression<SqlBool> =>
  sql<SqlBool>`(tags like ${`%"attack.${literal(technique)}"%`} escape '!' or tags like ${`%"attack.${literal(technique)}.%`} escape '!')`;

/** The text as LIKE takes it: `!` is the sign that takes a meaning away. */
const literal = (text: string): string => text.replace(/[!%_]/g, '!$&');

const likePattern = (datasets: string): string => datasets.split('*').map(subjectValue).map(literal).join('%');
