import { rejudgedWithin } from '../rejudged.ts';
import { sql, str } from '../sql.ts';
import type { EventEngine } from '../store.ts';
import { boundsWithin, REQUEST_TIMEOUT_MS } from './bounds.ts';
import { compileQuery, QUERY_SETTINGS } from './compile-sql.ts';
import type { QueryNode } from './node.ts';
import { HAS_HITS } from './own-columns.ts';
import { between } from './position.ts';
import { eventsWhere } from './reading.ts';

export interface HitHistorySearch {
  /** Inclusive, milliseconds since the epoch. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** What finds the rule's events, and what finds all events, of those that the asker may see. */
  readonly rule: QueryNode;
  readonly all: QueryNode;
  /** What makes an event one of the group; all must hold. */
  readonly group: readonly QueryNode[];
  /** A `user.name`. */
  readonly person: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Events that rules have hit. */
export interface HitHistory {
  readonly ruleEvents: number;
  /** Different `user.name` among them. */
  readonly rulePeople: number;
  readonly groupEvents: number;
  /** Days (UTC) that have such an event. */
  readonly groupDays: number;
  readonly groupLastAt: number | undefined;
  readonly personRuleEvents: number;
  /** Of the person, by any rule. */
  readonly personEvents: number;
}

/** What a rule has hit before. Only events with hits are read beyond one narrow column. Throws EngineError. */
export async function hitHistory(engine: EventEngine, search: HitHistorySearch, now: () => number): Promise<HitHistory> {
  const at = now();
  const { from, to, person = '' } = search;
  const ofPerson = sql`(user_name != '' AND lowerUTF8(user_name) = lowerUTF8(${str(person)}))`;
  const hits = eventsWhere(
    (reading) => sql`${between(from, to)} AND ${HAS_HITS}
      AND (${compileQuery(search.all, at, reading)} OR ${compileQuery(search.rule, at, reading)})`,
    (rows, reading) => sql`SELECT ts, toString(user_name) AS user, ${compileQuery(search.rule, at, reading)} AS by_rule,
      ${compileQuery({ type: 'and', nodes: [{ type: 'all' }, ...search.group] }, at, reading)} AS in_group, ${ofPerson} AS of_person FROM ${rows}`,
    rejudgedWithin(engine, { from, to }),
  );
  const statement = sql`SELECT countIf(by_rule) AS rule_events, uniqExactIf(user, by_rule AND user != '') AS rule_people,
      countIf(by_rule AND in_group) AS group_events, uniqExactIf(toDate(ts), by_rule AND in_group) AS group_days,
      toUnixTimestamp64Milli(maxIf(ts, by_rule AND in_group)) AS group_last,
      countIf(by_rule AND of_person) AS person_rule_events, countIf(of_person) AS person_events
    FROM ${hits} SETTINGS ${QUERY_SETTINGS}`;
  const [row] = await engine.query<CountRow>(statement, boundsWithin(REQUEST_TIMEOUT_MS, 0, 1, search.signal));
  const groupEvents = Number(row?.group_events ?? 0);
  return {
    ruleEvents: Number(row?.rule_events ?? 0),
    rulePeople: Number(row?.rule_people ?? 0),
    groupEvents,
    groupDays: Number(row?.group_days ?? 0),
    groupLastAt: groupEvents === 0 ? undefined : Number(row?.group_last ?? 0),
    personRuleEvents: Number(row?.person_rule_events ?? 0),
    personEvents: Number(row?.person_events ?? 0),
  };
}

interface CountRow {
  readonly rule_events: string;
  readonly rule_people: string;
  readonly group_events: string;
  readonly group_days: string;
  readonly group_last: string;
  readonly person_rule_events: string;
  readonly person_events: string;
}
