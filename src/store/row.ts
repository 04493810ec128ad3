import type { RuleHit } from '../model/detection.ts';
import type { Event, Fields, Value } from '../model/event.ts';
import { readAttrs } from './attrs.ts';
import { COLUMNS } from './columns.ts';
import { ipText } from './ip-address.ts';
import type { Sql } from './sql.ts';

/** A row as the engine gives it for {@link EVENT_SELECT}. */
export type EventRow = Readonly<Record<string, unknown>>;

/**
 * What to select so that {@link rowToEvent} can read the row. Times are under names of their own (`ts_ms`, `ingested_ms`) and not under
 * their columns', because ClickHouse would use such an alias in WHERE and ORDER BY too.
 */
export const EVENT_SELECT: Sql = {
  text: [
    'node',
    'seq',
    'toUnixTimestamp64Milli(ts) AS ts_ms',
    'toUnixTimestamp64Milli(ingested) AS ingested_ms',
    'source',
    'origin',
    ...COLUMNS.map(({ column }) => column),
    'hits',
    'deferred',
    'attrs',
    'shape',
    'zeros',
    'base64Encode(raw) AS raw_base64',
  ].join(', '),
  params: {},
};

/** The exact event that was encoded: missing, null and empty told apart, numbers as numbers, the received bytes as they were. */
export function rowToEvent(row: EventRow): Event {
  const fields: Fields = {};
  for (const { field, column, type } of COLUMNS) {
    const value = row[column];
    if (isDefault(value) || (type === 'ip' && value === '::')) continue;
    fields[field] = type === 'ip' ? ipText(value as string) : (value as Value);
  }
  for (const field of text(row.zeros).split('\n')) if (field !== '') fields[field] = 0;
  readAttrs((row.attrs ?? {}) as Record<string, string>, text(row.shape), fields);
  const hits = text(row.hits);
  return {
    node: Number(row.node),
    seq: Number(row.seq),
    receivedAt: Number(row.ingested_ms),
    timestamp: Number(row.ts_ms),
    source: text(row.source),
    fields,
    raw: Buffer.from(text(row.raw_base64), 'base64'),
    hits: hits === '' ? [] : (JSON.parse(hits) as RuleHit[]),
  };
}

/** The peer of the event, as the JSON it was stored with; '' where it was not kept. */
export const originOfRow = (row: EventRow): string => text(row.origin);

/** Ids of the rules that left the event open when it came in. */
export const leftOpenBy = (row: EventRow): readonly string[] => (Array.isArray(row.deferred) ? (row.deferred as string[]) : []);

export const isLeftOpen = (row: EventRow): boolean => leftOpenBy(row).length > 0;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const isDefault = (value: unknown): boolean =>
  value === undefined || value === '' || value === 0 || (Array.isArray(value) && value.length === 0);
