import { mapped } from '../../lib/steps.ts';
import { COLUMNS } from '../columns.ts';
import { joinSql, Param, type Sql, sql, u64 } from '../sql.ts';
import type { EventEngine, QueryBounds } from '../store.ts';
import { attr } from './attr-sql.ts';
import { boundsWithin, madeOfRows } from './bounds.ts';
import { columnTexts } from './column-sql.ts';
import { QUERY_SETTINGS } from './compile-sql.ts';
import type { Condition } from './find-events.ts';
import { between } from './position.ts';
import { eventsWhere, type Reading } from './reading.ts';
import { clampRange, type Window } from './windows.ts';

/** Events with certain actions, of a stretch of time. */
export interface WantedEvents extends Window {
  readonly datasets: readonly string[];
  /** Values of `event.action`. */
  readonly actions: readonly string[];
  /** What of them counts. */
  readonly only: Condition;
  /** What is read of each. */
  readonly fields: readonly string[];
}

export interface ReadingBounds {
  readonly limit: number;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
  readonly lane?: QueryBounds['lane'] | undefined;
}

/** An event with the texts of the fields that were asked for: the first of each, '' without one. */
export interface ActionEvent {
  readonly node: number;
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly dataset: string;
  readonly action: string;
  /** Its kind is but a guess, or nothing shows who sent it. */
  readonly guessed: boolean;
  readonly texts: Readonly<Record<string, string>>;
}

interface Row {
  readonly kind: string;
  readonly node: number;
  readonly seq: string;
  readonly at: string;
  readonly dataset: string;
  readonly action: string;
  readonly guessed: number;
  readonly texts: readonly string[];
}

/** Tags of events whose kind is but a guess, and of those of which nothing shows who sent them. */
const GUESSED = new Param('Array(String)', "['low_confidence','unproven_sender']");

/** All that is wanted, in no order. Throws EngineError. */
export async function eventsOfActions(
  engine: EventEngine,
  wanted: readonly WantedEvents[],
  bounds: ReadingBounds,
  now: () => number,
): Promise<ActionEvent[]> {
  const where = (each: WantedEvents, reading: Reading): Sql => {
    const { from, to } = clampRange(each);
    return sql`${between(from, to)} AND ${kindsSql(each, reading)}`;
  };
  return wanted.length === 0 ? [] : read(engine, wanted, where, bounds, now);
}

type WantedKinds = Omit<WantedEvents, 'from' | 'to'>;

/** One of them by its place; undefined where there is none, or where it does not count. Throws EngineError. */
export async function eventOfActions(
  engine: EventEngine,
  { node, seq }: { readonly node: number; readonly seq: number },
  wanted: readonly WantedKinds[],
  bounds: Omit<ReadingBounds, 'limit'>,
  now: () => number,
): Promise<ActionEvent | undefined> {
  const where = (each: WantedKinds, reading: Reading): Sql => sql`node = ${u64(node)} AND seq = ${u64(seq)} AND ${kindsSql(each, reading)}`;
  return (await read(engine, wanted, where, { ...bounds, limit: 1 }, now))[0];
}

/** By the values as our mappings write them, so that the table's sort key is of use. */
const kindsSql = ({ datasets, actions, only }: WantedKinds, reading: Reading): Sql =>
  sql`event_dataset IN ${strings(datasets)} AND event_action IN ${strings(actions)} AND ${only(reading)}`;

const strings = (values: readonly string[]): Param =>
  new Param('Array(String)', `[${values.map((value) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`).join(',')}]`);

/** Each kind of events by itself: what is read of few must not be read of all. */
async function read<Wanted extends WantedKinds>(
  engine: EventEngine,
  wanted: readonly Wanted[],
  where: (each: Wanted, reading: Reading) => Sql,
  { limit, deadline, signal, lane }: ReadingBounds,
  now: () => number,
): Promise<ActionEvent[]> {
  const parts = wanted.map((each, kind) => {
    const rows = eventsWhere(
      (reading) => where(each, reading),
      (from, reading) => {
        const texts = joinSql(
          each.fields.map((field) => textSql(field, reading)),
          ', ',
        );
        return sql`SELECT node, seq, ts, event_dataset AS dataset, event_action AS action, hasAny(tags, ${GUESSED}) AS guessed, [${texts}] AS texts FROM ${from}`;
      },
    );
    return sql`SELECT ${u64(kind)} AS kind, * FROM ${rows}`;
  });
  const statement = sql`SELECT kind, node, seq, toUnixTimestamp64Milli(ts) AS at, dataset, action, guessed, texts
    FROM (${joinSql(parts, ' UNION ALL ')}) LIMIT ${u64(limit)} SETTINGS ${QUERY_SETTINGS}`;
  const found = await engine.query<Row>(statement, { ...boundsWithin(deadline, now(), limit, signal), ...(lane && { lane }) });
  return madeOfRows(
    mapped(found, (row) => eventOf(row, wanted[Number(row.kind)]?.fields ?? [])),
    signal,
  );
}

const eventOf = ({ node, seq, at, dataset, action, guessed, texts }: Row, fields: readonly string[]): ActionEvent => ({
  node: Number(node),
  seq: Number(seq),
  at: Number(at),
  dataset,
  action,
  guessed: Number(guessed) === 1,
  texts: Object.fromEntries(fields.map((field, i) => [field, texts[i] ?? ''])),
});

/** A field's text. These fields are texts wherever mappings write them: no statement has to be ready for JSON, which it is long in getting to be. */
function textSql(field: string, reading: Reading): Sql {
  const column = COLUMNS.find((each) => each.field === field);
  if (column === undefined) return attr(field);
  const texts = columnTexts(column);
  return reading === 'columns' ? sql`arrayElement(${texts}, 1)` : sql`arrayElement(arrayConcat(${texts}, [${attr(field)}]), 1)`;
}
