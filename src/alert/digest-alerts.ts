import { sql } from 'kysely';
import type { AlertFilter } from '../model/alert-query.ts';
import { LEVELS, type Level } from '../model/severity.ts';
import type { AlertRow, StateDb } from '../store/state/state.ts';
import { alertsByLevel, topRules } from './alert-figures.ts';
import { conditions } from './alert-list.ts';
import { alertStats } from './alert-stats.ts';

interface Range {
  readonly from: number;
  readonly to: number;
}

export interface DigestQuery extends Range {
  readonly before: Range;
  readonly parts: readonly Range[];
  readonly partsBefore: readonly Range[];
  readonly datasets: readonly string[];
  readonly levels: readonly Level[];
}

type Seen = Required<Pick<AlertFilter, 'datasets' | 'levels'>>;

const SHOWN = 5;

/** What a digest tells of alerts: counted as the overview counts them, so that both say the same. All of it is read at one moment. */
export async function digestAlerts(db: StateDb, query: DigestQuery) {
  const { datasets, levels, before } = query;
  const seen = { datasets, levels };
  const now = { from: query.from, to: query.to, ...seen };
  const then = { ...before, ...seen };
  const counts = await alertsByRule(db, now);
  const countsBefore = await alertsByRule(db, then);
  const kinds = await topRules(db, now);
  const bars = await byPart(db, query.parts, seen);
  const barsBefore = await byPart(db, query.partsBefore, seen);
  return {
    levels: await alertsByLevel(db, now),
    levelsBefore: await alertsByLevel(db, then),
    pace: (await alertStats(db, { ...now, by: 'level' })).all,
    paceBefore: (await alertStats(db, { ...then, by: 'level' })).all,
    kinds: kinds.map(({ ruleId, title, level, count }) => ({ title, level, count, before: countsBefore.get(ruleId) ?? 0 })),
    others: {
      alerts: sum([...counts.values()]) - sum(kinds.map(({ count }) => count)),
      kinds: counts.size - kinds.length,
    },
    change: await mostChanged(db, counts, countsBefore),
    bars: bars.map((own, i) => ({ levels: own, before: sum(Object.values(barsBefore[i] ?? {})) })),
    open: await openAlerts(db, seen),
    silent: await silentAlerts(db, datasets),
    notTold: await givenUp(db, query.from),
  };
}

const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);

async function alertsByRule(db: StateDb, filter: AlertFilter): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('alerts')
    .select((select) => ['rule_id', select.fn.countAll<number>().as('count')])
    .where((where) => where.and(conditions(where, filter)))
    .groupBy('rule_id')
    .orderBy('rule_id')
    .execute();
  return new Map(rows.map(({ rule_id: id, count }) => [id, Number(count)]));
}

/** The rule that changed most in the direction in which the whole did. */
async function mostChanged(db: StateDb, now: ReadonlyMap<string, number>, before: ReadonlyMap<string, number>) {
  const whole = sum([...now.values()]) - sum([...before.values()]);
  const changes = [...new Set([...now.keys(), ...before.keys()])].map((id) => ({ id, by: (now.get(id) ?? 0) - (before.get(id) ?? 0) }));
  const [most] = changes.filter(({ by }) => by * whole > 0).toSorted((a, b) => Math.abs(b.by) - Math.abs(a.by));
  if (most === undefined) return undefined;
  const { title } = await db
    .selectFrom('alerts')
    .select('title')
    .where('rule_id', '=', most.id)
    .orderBy('last_at', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  return { title, by: most.by };
}

/** Each alert in the first part in which it has an event: so the parts add up to the whole. One that began before is in the first. */
async function byPart(db: StateDb, parts: readonly Range[], seen: Seen): Promise<Record<Level, number>[]> {
  const [first, last] = [parts[0], parts.at(-1)];
  if (first === undefined || last === undefined) return [];
  const bounds = sql.join(
    parts.slice(1).map(({ from }, i) => sql`when first_at < ${from} then ${sql.lit(i)}`),
    sql` `,
  );
  const part = parts.length === 1 ? sql<number>`0` : sql<number>`case ${bounds} else ${sql.lit(parts.length - 1)} end`;
  const rows = await db
    .selectFrom((from) =>
      from
        .selectFrom('alerts')
        .select(['level', part.as('part')])
        .where((where) => where.and(conditions(where, { ...seen, from: first.from, to: last.to })))
        .as('placed'),
    )
    .select((select) => ['placed.level', 'placed.part', select.fn.countAll<number>().as('count')])
    .groupBy(['placed.part', 'placed.level'])
    .execute();
  const of = (at: number, level: Level) => Number(rows.find((row) => Number(row.part) === at && row.level === level)?.count ?? 0);
  const [informational, low, medium, high, critical] = LEVELS;
  return parts.map((_, at) => ({
    informational: of(at, informational),
    low: of(at, low),
    medium: of(at, medium),
    high: of(at, high),
    critical: of(at, critical),
  }));
}

const OPEN = ['open', 'acknowledged', 'snoozed'] as const;

async function openAlerts(db: StateDb, seen: Seen) {
  const filter = { ...seen, states: OPEN };
  const rows = await oldest(db, filter, 'opened_at');
  return {
    total: await countOf(db, filter),
    nobodys: await countOf(db, { ...filter, unassigned: true }),
    oldest: rows.map((row) => ({
      ...named(row),
      level: row.level,
      state: row.state,
      openedAt: row.opened_at,
      assignee: row.assignee ?? undefined,
      snoozedUntil: row.snoozed_until ?? undefined,
    })),
  };
}

/** Who was missed is news at any level: a rule on silence says how grave it is for whoever is told at once. */
async function silentAlerts(db: StateDb, datasets: readonly string[]) {
  const filter = { datasets, states: OPEN };
  const rows = await oldest(db, filter, 'first_at', 'silence');
  return { total: await countOf(db, filter, 'silence'), alerts: rows.map((row) => ({ ...named(row), heardAt: row.first_at })) };
}

const oldest = (db: StateDb, filter: AlertFilter, by: 'opened_at' | 'first_at', kind?: AlertRow['kind']): Promise<AlertRow[]> =>
  db
    .selectFrom('alerts')
    .selectAll()
    .where((where) => where.and([...conditions(where, filter), ...(kind === undefined ? [] : [where('kind', '=', kind)])]))
    .orderBy(by)
    .orderBy('id')
    .limit(SHOWN)
    .execute();

async function countOf(db: StateDb, filter: AlertFilter, kind?: AlertRow['kind']): Promise<number> {
  const { count } = await db
    .selectFrom('alerts')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where((where) => where.and([...conditions(where, filter), ...(kind === undefined ? [] : [where('kind', '=', kind)])]))
    .executeTakeFirstOrThrow();
  return Number(count);
}

const named = ({ id, title, group_values: group }: AlertRow) => ({
  id,
  title,
  about: Object.values(JSON.parse(group) as Record<string, string>),
});

/** Messages that nobody got since that time: of alerts, and what is for one place alone. */
export async function givenUp(db: StateDb, since: number): Promise<number> {
  const dead = async (table: 'outbox' | 'whispers') => {
    const { count } = await db
      .selectFrom(table)
      .select((select) => select.fn.countAll<number>().as('count'))
      .where('state', '=', 'dead')
      .where('changed_at', '>=', since)
      .executeTakeFirstOrThrow();
    return Number(count);
  };
  return (await dead('outbox')) + (await dead('whispers'));
}
