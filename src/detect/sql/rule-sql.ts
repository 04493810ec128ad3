import type { Reading } from '../../store/event-sql.ts';
import type { Sql } from '../../store/sql.ts';
import type { Route } from '../sigma/logsource.ts';
import type { Rule } from '../sigma/rule.ts';
import { fieldSql } from './field-sql.ts';
import { Scope } from './scope.ts';
import { textTest } from './text-leaf.ts';
import { treeSql } from './tree-sql.ts';
import { all, any, TRUE } from './values.ts';

/** A rule as conditions on stored events. */
export interface RuleSql {
  /** True of every event that the rule hits; of others only where `odd` is true too. */
  readonly where: Sql;
  /** Rows that SQL cannot judge exactly: they are to be judged as the stream judges. */
  readonly odd: Sql;
  /** False: SQL cannot say the rule at all, and every event of its log source is odd. */
  readonly sayable: boolean;
}

export interface RuleSqlOptions {
  /** False: events of every log source. */
  readonly routing?: boolean;
  /** Nothing but the log source: the engine has refused to run the rest. */
  readonly routeOnly?: boolean;
}

/** The engine takes a statement of 1 MiB; two readings of a rule are in one, and each names its odd rows twice. */
const MOST_CHARACTERS = 80_000;

/** Undefined: no event is of the rule's log source. */
export function ruleSql(rule: Pick<Rule, 'route' | 'tree'>, reading: Reading, options: RuleSqlOptions = {}): RuleSql | undefined {
  const route = options.routing === false ? [] : rule.route;
  if (route === undefined) return undefined;
  const routed = routeSql(route, reading);
  const unsayable = { where: routed, odd: TRUE, sayable: false };
  if (options.routeOnly === true) return unsayable;
  const scope = new Scope(reading);
  const tree = treeSql(rule.tree, scope);
  const { odd } = scope;
  if (sizeOf(tree) + 2 * sizeOf(odd) > MOST_CHARACTERS) return unsayable;
  return { where: all([routed, any([tree, odd])]), odd, sayable: odd !== TRUE };
}

function routeSql(route: Route, reading: Reading): Sql {
  return all(
    route.map(({ fields, values }) => {
      const test = textTest(values.map((value) => ({ kind: 'text', pattern: [value], cased: false })));
      return any(fields.map((field) => fieldSql(field, reading).some(test)));
    }),
  );
}

const sizeOf = ({ text, params }: Sql): number => text.length + Object.values(params).reduce((sum, value) => sum + value.length, 0);
