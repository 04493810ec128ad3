import { COMMON_FIELDS, type CommonField } from '../model/field-set.ts';

/**
 * The typed columns of the event table: which ECS field each holds, and as what. A field without a column, or whose value its column
 * cannot hold exactly (a string in a number column, an empty string, an explicit null, a non-canonical address), is kept in `attrs`;
 * so columns and `attrs` together rebuild the event exactly, with missing, null and empty told apart.
 *
 * A column's default ('' / 0 / :: / []) means: not here. Look in `attrs`; a number that is really 0 is named in `zeros`.
 */
export type ColumnType =
  /** LowCardinality(String) */
  | 'word'
  /** String */
  | 'text'
  /** Array(LowCardinality(String)) */
  | 'words'
  /** IPv6; IPv4 as ::ffff:a.b.c.d */
  | 'ip'
  | 'u8'
  | 'u16'
  | 'u32';

export interface Column {
  readonly field: string;
  readonly column: string;
  readonly type: ColumnType;
}

const TYPES: Readonly<Record<CommonField, ColumnType>> = {
  'event.dataset': 'word',
  'event.module': 'word',
  'event.kind': 'word',
  'event.category': 'words',
  'event.type': 'words',
  'event.action': 'word',
  'event.outcome': 'word',
  'event.code': 'word',
  'event.severity': 'u8',
  'user.name': 'word',
  'user.id': 'text',
  'user.email': 'word',
  'user.domain': 'word',
  'user.target.name': 'word',
  'user.target.id': 'text',
  'user.effective.name': 'word',
  'group.name': 'word',
  'source.ip': 'ip',
  'source.port': 'u16',
  'source.domain': 'word',
  'destination.ip': 'ip',
  'destination.port': 'u16',
  'destination.domain': 'word',
  'host.name': 'word',
  'observer.vendor': 'word',
  'observer.product': 'word',
  'url.domain': 'word',
  'url.path': 'text',
  'http.request.method': 'word',
  'http.response.status_code': 'u16',
  'user_agent.original': 'word',
  'process.name': 'word',
  'process.pid': 'u32',
  'process.executable': 'word',
  'process.command_line': 'text',
  'file.path': 'text',
  'file.name': 'text',
  'log.syslog.appname': 'word',
  'log.syslog.severity.code': 'u8',
  'log.syslog.facility.code': 'u8',
  message: 'text',
  tags: 'words',
  'related.user': 'words',
  'related.ip': 'words',
  'related.hosts': 'words',
  'log.syslog.priority': 'u8',
  'log.syslog.severity.name': 'word',
  'log.syslog.facility.name': 'word',
  'log.syslog.version': 'word',
  'log.syslog.hostname': 'word',
  'log.syslog.procid': 'text',
  'log.source.address': 'word',
  'host.hostname': 'word',
  'observer.version': 'word',
  'source.address': 'text',
  'source.user.name': 'word',
  'destination.user.name': 'word',
  'cef.name': 'word',
  'cef.severity': 'word',
  'cef.version': 'word',
  'rule.id': 'word',
  'rule.name': 'word',
  'rule.level': 'word',
};

/** In the order of {@link COMMON_FIELDS}: a column's place is its field's slot. */
export const COLUMNS: readonly Column[] = COMMON_FIELDS.map((field) => ({ field, column: field.replaceAll('.', '_'), type: TYPES[field] }));

/**
 * Columns that every row has, beside {@link COLUMNS}:
 *
 * - `node UInt16`, `seq UInt64`: identity. `ts DateTime64(3)`: `@timestamp`. `ingested DateTime64(3)`: `event.ingested`.
 * - `source LowCardinality(String)`: name of the source in the configuration; shown as `earshot.source`.
 * - `origin LowCardinality(String)`: the peer as JSON, for the hash chain's reader and for evidence.
 * - `retention LowCardinality(String)`: retention class; with the day of `ts` it is the partition.
 * - `rules Array(LowCardinality(String))`: ids of the rules that matched. `hits String`: the {@link RuleHit}s as JSON, '' where none.
 * - `hit_rules LowCardinality(String)`: of each hit the rule's id, level and title, as a JSON array of arrays; '' where none. Few events have hits, and few
 *   sets of rules hit: a word for each is read and grouped in a fraction of the time that `hits` takes.
 * - `deferred Array(LowCardinality(String))`: ids of the rules that cost too much on this event when it came in; the side lane judges them.
 * - `zeros LowCardinality(String)`: which number columns hold a real 0 (syslog severity 0 is an emergency), as paths joined by a line feed.
 * - `columns_whole UInt8`: how many of {@link COLUMNS} the event was written with, when they hold all that it has of their fields: then nothing of
 *   these is in `attrs`, which costs several times as much to read. 0 where `attrs` has some of it.
 * - `attrs Map(LowCardinality(String), String)`: the other fields, by path. Strings as they are; all else as JSON text.
 * - `shape LowCardinality(String)`: which of `attrs` are JSON text, as a sorted list of paths joined by a line feed.
 * - `raw String`: the bytes as received; full-text index (`splitByNonAlpha` on `lower(raw)`).
 */
export const EVENTS_TABLE = 'earshot.events';
