import { joinSql, type Sql, sql, str, u64 } from '../sql.ts';
import type { EventEngine } from '../store.ts';
import { boundsWithin, REQUEST_TIMEOUT_MS } from './bounds.ts';
import { searchCondition } from './candidate.ts';
import { QUERY_SETTINGS } from './compile-sql.ts';
import { fieldTexts } from './field-texts.ts';
import type { QueryNode } from './node.ts';
import { personCondition } from './person-condition.ts';
import { between } from './position.ts';
import { eventsWhere, type Reading } from './reading.ts';
import { clampRange } from './windows.ts';

export interface PersonSearch {
  /** What of all events counts: what the caller may see. */
  readonly query: QueryNode;
  /** All spellings of all names, in lower case. */
  readonly names: readonly string[];
  /** Inclusive, milliseconds since the epoch. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** IANA zone of weekdays and hours. */
  readonly timeZone: string;
  readonly signal?: AbortSignal | undefined;
}

/** Fields whose values are told: those of all events that name the person, and those of events in which they act. */
const ABOUT_FIELDS = ['related.user', 'event.dataset', 'observer.product'] as const;
const ACTING_FIELDS = [
  'source.ip',
  'source.as.organization.name',
  'source.geo.country_iso_code',
  'host.name',
  'user_agent.original',
] as const;
type SeenField = (typeof ABOUT_FIELDS | typeof ACTING_FIELDS)[number];

/** A value with the number of events that have it, and the times of the first and the last of them, milliseconds since the epoch. */
export interface Seen {
  readonly value: string;
  readonly count: number;
  readonly first: number;
  readonly last: number;
}

export interface PersonActivity {
  readonly total: number;
  readonly acting: number;
  readonly first: number | undefined;
  readonly last: number | undefined;
  /** Weekday 1 is Monday. */
  readonly hours: readonly { readonly weekday: number; readonly hour: number; readonly count: number }[];
  /** The most frequent values of each field. */
  readonly seen: Readonly<Record<SeenField, readonly Seen[]>>;
}
const MOST_VALUES = 50;

/** Where, when and by which names somebody was active. Throws EngineError. */
export async function personActivity(engine: EventEngine, search: PersonSearch, now: () => number): Promise<PersonActivity> {
  const { from, to } = clampRange(search);
  const { about, acting } = personCondition(search.names);
  const at = now();
  const where = (reading: Reading) => sql`${between(from, to)} AND ${about} AND ${searchCondition(search.query, at, reading)}`;
  const bounds = (rows: number) => boundsWithin(REQUEST_TIMEOUT_MS, 0, rows, search.signal);
  const zone = sql`${str(search.timeZone)}`;
  const hours = sql`SELECT toDayOfWeek(ts, 0, ${zone}) AS weekday, toHour(ts, ${zone}) AS hour, count() AS count,
      countIf(is_acting) AS acting, toUnixTimestamp64Milli(min(ts)) AS first, toUnixTimestamp64Milli(max(ts)) AS last
    FROM ${eventsWhere(where, (rows) => sql`SELECT ts, ${acting} AS is_acting FROM ${rows}`)} GROUP BY weekday, hour ORDER BY weekday, hour SETTINGS ${QUERY_SETTINGS}`;
  const paired = eventsWhere(where, (rows, reading) => {
    const pairs = [
      ...ABOUT_FIELDS.map((field) => pairsOf(field, reading)),
      ...ACTING_FIELDS.map((field) => pairsOf(field, reading, acting)),
    ];
    return sql`SELECT ts, arrayJoin(arrayDistinct(arrayConcat(${joinSql(pairs, ', ')}))) AS pair FROM ${rows}`;
  });
  const values = sql`SELECT pair.1 AS field, pair.2 AS value, count() AS count, toUnixTimestamp64Milli(min(ts)) AS first,
      toUnixTimestamp64Milli(max(ts)) AS last
    FROM ${paired}
    GROUP BY field, value ORDER BY field, count DESC, value LIMIT ${u64(MOST_VALUES)} BY field SETTINGS ${QUERY_SETTINGS}`;
  const [hourRows, valueRows] = await Promise.all([
    engine.query<HourRow>(hours, bounds(7 * 24)),
    engine.query<ValueRow>(values, bounds((ABOUT_FIELDS.length + ACTING_FIELDS.length) * MOST_VALUES)),
  ]);
  return assemble(hourRows, valueRows, search.names);
}

/** The field's values as pairs of its name and each of them; none where the condition does not hold. */
function pairsOf(field: SeenField, reading: Reading, condition?: Sql): Sql {
  const pairs = sql`arrayMap(v -> (${str(field)}, v), arrayFilter(v -> v != '', ${fieldTexts(field, reading)}))`;
  return condition === undefined ? pairs : sql`if(${condition}, ${pairs}, [])`;
}

interface HourRow {
  readonly weekday: number;
  readonly hour: number;
  readonly count: string;
  readonly acting: string;
  readonly first: string;
  readonly last: string;
}

interface ValueRow {
  readonly field: SeenField;
  readonly value: string;
  readonly count: string;
  readonly first: string;
  readonly last: string;
}

function assemble(hours: readonly HourRow[], values: readonly ValueRow[], names: readonly string[]): PersonActivity {
  const own = new Set(names);
  const of = (field: SeenField): Seen[] =>
    values
      .filter((row) => row.field === field && (field !== 'related.user' || own.has(row.value.toLowerCase())))
      .map(({ value, count, first, last }) => ({ value, count: Number(count), first: Number(first), last: Number(last) }));
  const sum = (key: 'count' | 'acting') => hours.reduce((all, row) => all + Number(row[key]), 0);
  return {
    total: sum('count'),
    acting: sum('acting'),
    first: hours.length === 0 ? undefined : Math.min(...hours.map((row) => Number(row.first))),
    last: hours.length === 0 ? undefined : Math.max(...hours.map((row) => Number(row.last))),
    hours: hours.flatMap(({ weekday, hour, acting }) => (Number(acting) === 0 ? [] : [{ weekday, hour, count: Number(acting) }])),
    seen: {
      'related.user': of('related.user'),
      'event.dataset': of('event.dataset'),
      'observer.product': of('observer.product'),
      'source.ip': of('source.ip'),
      'source.as.organization.name': of('source.as.organization.name'),
      'source.geo.country_iso_code': of('source.geo.country_iso_code'),
      'host.name': of('host.name'),
      'user_agent.original': of('user_agent.original'),
    },
  };
}
