import type { Deeds, SeenKind, SeenValue, TakenFiles, Whereabouts } from '../../model/alert-context.ts';
import { joinSql, ms, type Sql, sql, str, u64 } from '../sql.ts';
import type { EventEngine, QueryBounds } from '../store.ts';
import { boundsWithin, REQUEST_TIMEOUT_MS } from './bounds.ts';
import { conditionOf } from './candidate.ts';
import { QUERY_SETTINGS } from './compile-sql.ts';
import { fieldTexts } from './field-texts.ts';
import type { QueryNode } from './node.ts';
import { personCondition } from './person-condition.ts';
import { between } from './position.ts';
import { eventsWhere, type Reading } from './reading.ts';
import { clampRange, type Window } from './windows.ts';

/** A look at what somebody did around a time. */
export interface AroundSearch extends Window {
  /** What of all events counts: what the asker may see. */
  readonly query: QueryNode;
  /** All spellings of all names, in lower case; at least one. */
  readonly names: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

const MOST_FILES = 50;
const MOST_CHANNELS = 3;
const MOST_VALUES = 8;
const MOST_DEEDS = 60;
const MOST_ACTIONS = 12;
const MOST_HOSTS = 3;
const MOST_PROCESSES = 6;

const bounds = (rows: number, { signal }: AroundSearch): QueryBounds => boundsWithin(REQUEST_TIMEOUT_MS, 0, rows, signal);

/** The first text of a field; '' without one. */
const first = (field: string, reading: Reading): Sql => sql`arrayElement(${fieldTexts(field, reading)}, 1)`;

/** The events among those of the query in which the person acts. */
function actingWhere(search: AroundSearch, now: () => number): (reading: Reading) => Sql {
  const { about, acting } = personCondition(search.names);
  const { from, to } = clampRange(search);
  const condition = conditionOf(search.query, now());
  return (reading) => sql`${between(from, to)} AND ${about} AND ${acting} AND ${condition(reading)}`;
}

/** What of an event says which file it was, and in which channels it lay. */
export interface FileFields {
  readonly id: string;
  readonly channels: readonly string[];
}

/** The files in events of the query in which the person acts: many may share a name, such as that of a pasted picture. Throws EngineError. */
export async function filesTaken(
  engine: EventEngine,
  search: AroundSearch,
  { id, channels }: FileFields,
  now: () => number,
): Promise<TakenFiles> {
  const taken = eventsWhere(actingWhere(search, now), (rows, reading) => {
    const inChannels = joinSql([sql`[]`, ...channels.map((field) => fieldTexts(field, reading))], ', ');
    return sql`SELECT ts, ${first(id, reading)} AS file_id, ${first('file.name', reading)} AS name, ${first('file.extension', reading)} AS extension,
      arrayConcat(${inChannels}) AS in_channels FROM ${rows}`;
  });
  const statement = sql`SELECT file_id, name, extension, n AS count, last, listed, sum(n) OVER () AS total, count() OVER () AS different
    FROM (SELECT file_id, name, extension, count() AS n, toUnixTimestamp64Milli(max(ts)) AS last,
        arraySort(groupUniqArrayArray(${u64(MOST_CHANNELS)})(in_channels)) AS listed
      FROM ${taken} WHERE name != '' OR file_id != '' GROUP BY file_id, name, extension)
    ORDER BY last DESC, name, extension, file_id LIMIT ${u64(MOST_FILES)} SETTINGS ${QUERY_SETTINGS}`;
  const rows = await engine.query<FileRow>(statement, bounds(MOST_FILES, search));
  return {
    total: Number(rows[0]?.total ?? 0),
    different: Number(rows[0]?.different ?? 0),
    files: rows.map(({ file_id: id, name, extension, count, last, listed }) => ({
      id,
      name: name === '' ? id : name,
      type: extension,
      channels: listed,
      count: Number(count),
      lastAt: Number(last),
    })),
  };
}

interface FileRow {
  readonly file_id: string;
  readonly name: string;
  readonly extension: string;
  readonly count: string;
  readonly last: string;
  readonly listed: readonly string[];
  readonly total: string;
  readonly different: string;
}

const KINDS = { addresses: 'source.ip', programs: 'user_agent.original', hosts: 'host.name' } as const;

/** Where from, with what and on what the person acts from `from` on, and did since `since`. Throws EngineError. */
export async function whereabouts(engine: EventEngine, search: AroundSearch, since: number, now: () => number): Promise<Whereabouts> {
  const start = sql`fromUnixTimestamp64Milli(${ms(search.from)})`;
  const paired = eventsWhere(actingWhere({ ...search, from: since }, now), (rows, reading) => {
    const pairs = Object.values(KINDS).map(
      (field) => sql`arrayMap(v -> (${str(field)}, v), arrayFilter(v -> v != '', ${fieldTexts(field, reading)}))`,
    );
    return sql`SELECT ts, arrayJoin(arrayDistinct(arrayConcat(${joinSql(pairs, ', ')}))) AS pair FROM ${rows}`;
  });
  const statement = sql`SELECT field, value, earlier, days, here, here > 0 AS is_here,
      count() OVER (PARTITION BY field, here > 0) AS alike, countIf(earlier = 0) OVER (PARTITION BY field, here > 0) AS never_before
    FROM (SELECT pair.1 AS field, pair.2 AS value, countIf(ts < ${start}) AS earlier, uniqExactIf(toDate(ts), ts < ${start}) AS days,
        countIf(ts >= ${start}) AS here
      FROM ${paired} GROUP BY field, value)
    ORDER BY field, is_here, if(is_here AND earlier = 0, 0, 1), days DESC, earlier DESC, here DESC, value
    LIMIT ${u64(MOST_VALUES)} BY field, is_here SETTINGS ${QUERY_SETTINGS}`;
  const rows = await engine.query<ValueRow>(statement, bounds(2 * MOST_VALUES * Object.keys(KINDS).length, search));
  return { addresses: kindOf(rows, KINDS.addresses), programs: kindOf(rows, KINDS.programs), hosts: kindOf(rows, KINDS.hosts) };
}

interface ValueRow {
  readonly field: string;
  readonly value: string;
  readonly earlier: string;
  readonly days: string;
  readonly here: string;
  /** Values of the field that are there in the time in question, or that are not, as this one is. */
  readonly alike: string;
  readonly never_before: string;
}

function kindOf(rows: readonly ValueRow[], field: string): SeenKind {
  const own = rows.filter((row) => row.field === field);
  const here = own.find((row) => Number(row.here) > 0);
  const values = own.map(
    ({ value, earlier, days, here }): SeenValue => ({
      value,
      before: Number(earlier),
      beforeDays: Number(days),
      within: Number(here),
    }),
  );
  return {
    present: values.filter(({ within }) => within > 0),
    presentCount: Number(here?.alike ?? 0),
    newCount: Number(here?.never_before ?? 0),
    usual: values.filter(({ before }) => before > 0).sort((a, b) => b.beforeDays - a.beforeDays || b.before - a.before),
  };
}

/** What each system tells of the person, the most talkative first. Throws EngineError. */
export async function deedsAround(engine: EventEngine, search: AroundSearch, now: () => number): Promise<Deeds[]> {
  const { about } = personCondition(search.names);
  const { from, to } = clampRange(search);
  const condition = conditionOf(search.query, now());
  const told = eventsWhere(
    (reading) => sql`${between(from, to)} AND ${about} AND ${condition(reading)}`,
    (rows, reading) => sql`SELECT ${first('event.dataset', reading)} AS dataset, ${first('event.action', reading)} AS action,
      ${fieldTexts('host.name', reading)} AS on_hosts, ${fieldTexts('process.name', reading)} AS ran FROM ${rows}`,
  );
  const statement = sql`SELECT dataset, action, count() AS count, groupUniqArrayArray(${u64(MOST_HOSTS)})(on_hosts) AS hosts_named,
      groupUniqArrayArray(${u64(MOST_PROCESSES)})(ran) AS processes
    FROM ${told} GROUP BY dataset, action ORDER BY count DESC, dataset, action LIMIT ${u64(MOST_DEEDS)} SETTINGS ${QUERY_SETTINGS}`;
  const rows = await engine.query<DeedRow>(statement, bounds(MOST_DEEDS, search));
  return [...Map.groupBy(rows, ({ dataset }) => dataset)].map(([dataset, own]) => deedsOf(dataset, own)).sort((a, b) => b.count - a.count);
}

interface DeedRow {
  readonly dataset: string;
  readonly action: string;
  readonly count: string;
  readonly hosts_named: readonly string[];
  readonly processes: readonly string[];
}

const deedsOf = (dataset: string, rows: readonly DeedRow[]): Deeds => ({
  dataset,
  count: rows.reduce((sum, { count }) => sum + Number(count), 0),
  actions: rows.slice(0, MOST_ACTIONS).map(({ action, count }) => ({ action, count: Number(count) })),
  hosts: some(
    rows.flatMap(({ hosts_named: hosts }) => hosts),
    MOST_HOSTS,
  ),
  processes: some(
    rows.flatMap(({ processes }) => processes),
    MOST_PROCESSES,
  ),
});

const some = (values: readonly string[], most: number): string[] => [...new Set(values)].sort().slice(0, most);
