/**
 * The typed columns of the event table: which ECS field each holds, and as what. A field without a column, or whose value its column
 * cannot hold exactly (a string in a number column, an empty string, an explicit null, a non-canonical address), is kept in `attrs`;
 * so columns and `attrs` together rebuild the event exactly, with missing, null and empty told apart.
 *
 * A column's default ('' / 0 / :: / []) means: not here. Look in `attrs`.
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

const column = (field: string, type: ColumnType): Column => ({ field, column: field.replaceAll('.', '_'), type });

export const COLUMNS: readonly Column[] = [
  column('event.dataset', 'word'),
  column('event.module', 'word'),
  column('event.kind', 'word'),
  column('event.category', 'words'),
  column('event.type', 'words'),
  column('event.action', 'word'),
  column('event.outcome', 'word'),
  column('event.code', 'word'),
  column('event.severity', 'u8'),
  column('user.name', 'word'),
  column('user.id', 'text'),
  column('user.email', 'word'),
  column('user.domain', 'word'),
  column('user.target.name', 'word'),
  column('user.target.id', 'text'),
  column('user.effective.name', 'word'),
  column('group.name', 'word'),
  column('source.ip', 'ip'),
  column('source.port', 'u16'),
  column('source.domain', 'word'),
  column('destination.ip', 'ip'),
  column('destination.port', 'u16'),
  column('destination.domain', 'word'),
  column('host.name', 'word'),
  column('observer.vendor', 'word'),
  column('observer.product', 'word'),
  column('url.domain', 'word'),
  column('url.path', 'text'),
  column('http.request.method', 'word'),
  column('http.response.status_code', 'u16'),
  column('user_agent.original', 'word'),
  column('process.name', 'word'),
  column('process.pid', 'u32'),
  column('process.executable', 'word'),
  column('process.command_line', 'text'),
  column('file.path', 'text'),
  column('file.name', 'text'),
  column('log.syslog.appname', 'word'),
  column('log.syslog.severity.code', 'u8'),
  column('log.syslog.facility.code', 'u8'),
  column('message', 'text'),
  column('tags', 'words'),
  column('related.user', 'words'),
  column('related.ip', 'words'),
  column('related.hosts', 'words'),
  // What nearly every event has is cheaper as a column than as an entry of `attrs`, even where nobody searches by it.
  column('log.syslog.priority', 'u8'),
  column('log.syslog.severity.name', 'word'),
  column('log.syslog.facility.name', 'word'),
  column('log.syslog.version', 'word'),
  column('log.syslog.hostname', 'word'),
  column('log.syslog.procid', 'text'),
  column('log.source.address', 'word'),
  column('host.hostname', 'word'),
  column('observer.version', 'word'),
  column('source.address', 'text'),
  column('source.user.name', 'word'),
  column('destination.user.name', 'word'),
  column('cef.name', 'word'),
  column('cef.severity', 'word'),
  column('cef.version', 'word'),
];

/**
 * Columns that every row has, beside {@link COLUMNS}:
 *
 * - `node UInt16`, `seq UInt64`: identity. `ts DateTime64(3)`: `@timestamp`. `ingested DateTime64(3)`: `event.ingested`.
 * - `source LowCardinality(String)`: name of the source in the configuration; shown as `earshot.source`.
 * - `origin LowCardinality(String)`: the peer as JSON, for the hash chain's reader and for evidence.
 * - `retention LowCardinality(String)`: retention class; with the day of `ts` it is the partition.
 * - `rules Array(LowCardinality(String))`: ids of the rules that matched. `hits String`: the {@link RuleHit}s as JSON, '' where none.
 * - `attrs Map(LowCardinality(String), String)`: the other fields, by path. Strings as they are; all else as JSON text.
 * - `shape LowCardinality(String)`: which of `attrs` are JSON text, as a sorted list of paths joined by a line feed.
 * - `raw String`: the bytes as received; full-text index (`splitByNonAlpha` on `lower(raw)`).
 */
export const EVENTS_TABLE = 'earshot.events';
