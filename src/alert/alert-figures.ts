import type { AlertFigures, AlertFiguresQuery } from '../model/alert-figures.ts';
import { LEVELS, type Level } from '../model/severity.ts';
import type { State, StateDb } from '../store/state/state.ts';
import { conditions } from './alert-list.ts';

const TOP_RULES = 5;
const TOP_PEOPLE = 8;

/** Counts the alerts of a time as the list of alerts filters them. */
export const createAlertFigures =
  (state: State) =>
  (query: AlertFiguresQuery): Promise<AlertFigures> =>
    state.read(async (db) => ({
      byLevel: await alertsByLevel(db, query),
      rules: await topRules(db, query),
      people: await topPeople(db, query),
    }));

export async function alertsByLevel(db: StateDb, query: AlertFiguresQuery): Promise<Record<Level, number>> {
  const rows = await db
    .selectFrom('alerts')
    .select((select) => ['level', select.fn.countAll<number>().as('count')])
    .where((where) => where.and(conditions(where, query)))
    .groupBy('level')
    .execute();
  const count = (level: Level): number => Number(rows.find((row) => row.level === level)?.count ?? 0);
  const [informational, low, medium, high, critical] = LEVELS;
  return {
    informational: count(informational),
    low: count(low),
    medium: count(medium),
    high: count(high),
    critical: count(critical),
  };
}

/** A rule whose title or level was changed meanwhile is one rule, as it was in its latest alert. */
export async function topRules(db: StateDb, query: AlertFiguresQuery): Promise<AlertFigures['rules']> {
  const counted = await db
    .selectFrom('alerts')
    .select((select) => ['rule_id', select.fn.countAll<number>().as('count')])
    .where((where) => where.and(conditions(where, query)))
    .groupBy('rule_id')
    .orderBy('count', 'desc')
    .orderBy('rule_id')
    .limit(TOP_RULES)
    .execute();
  return Promise.all(
    counted.map(async ({ rule_id: ruleId, count }) => {
      const {
        rule_name: ruleName,
        title,
        level,
      } = await db
        .selectFrom('alerts')
        .select(['rule_name', 'title', 'level'])
        .where('rule_id', '=', ruleId)
        .orderBy('last_at', 'desc')
        .limit(1)
        .executeTakeFirstOrThrow();
      return { ruleId, ruleName, title, level, count: Number(count) };
    }),
  );
}

async function topPeople(db: StateDb, query: AlertFiguresQuery): Promise<AlertFigures['people']> {
  const rows = await db
    .selectFrom('alert_subjects')
    .select((select) => ['value', select.fn.countAll<number>().as('count')])
    .where('kind', '=', 'person')
    .where('alert_id', 'in', (select) =>
      select
        .selectFrom('alerts')
        .select('alerts.id')
        .where((where) => where.and(conditions(where, query))),
    )
    .groupBy('value')
    .orderBy('count', 'desc')
    .orderBy('value')
    .limit(TOP_PEOPLE)
    .execute();
  return rows.map(({ value, count }) => ({ name: value, count: Number(count) }));
}
