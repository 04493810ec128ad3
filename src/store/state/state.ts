import type { Kysely, Transaction } from 'kysely';
import type { AlertKind } from '../../model/alert.ts';
import type { AlertChange, AlertState, Resolution } from '../../model/alert-life.ts';
import type { DetectedBlock } from '../../model/detected.ts';
import type { Receipt } from '../../model/record.ts';
import type { Level } from '../../model/severity.ts';
import type { KnownAddressRow, SessionRow, SessionStore, SetupLinkRow, SetupLinks, UserRow, UserStore } from './accounts.ts';
import type { ActRow, ActStore } from './acts.ts';
import type { AskRow, AskStore } from './asks.ts';
import type { ClickRow, ClickStore } from './clicks.ts';
import type { CounterRow } from './counters.ts';
import type { DigestRow } from './digests.ts';
import type { ListProbeRow } from './list-probes.ts';
import type { ListenerRow, ListeningGrantRow, ListeningStore } from './listening.ts';
import type { MuteRow, MuteStore } from './mutes.ts';
import type { ListeningAccountRow, OverheardRow } from './overheard.ts';
import type { ListStore, LookUpVersions, PeopleTables, ScimStore } from './people-tables.ts';
import type { RuleCareStore, RuleExceptionRow, RuleMaturityRow } from './rule-care.ts';
import type { SavedSearchRow, SavedSearchStore } from './saved-searches.ts';
import type { SilenceClockRow, SilenceDeafRow, SilenceKeyRow } from './silence-keys.ts';
import type { TrustLookRow } from './trust-looks.ts';

/**
 * The tables of the state database. SQLite and PostgreSQL hold the same: text, whole numbers and JSON as text, nothing else. Times are
 * milliseconds since the epoch, yes and no are 1 and 0.
 */
export interface Tables extends PeopleTables {
  alerts: AlertRow;
  alert_events: AlertEventRow;
  alert_changes: AlertChangeRow;
  alert_subjects: AlertSubjectRow;
  outbox: OutboxRow;
  messages: MessageRow;
  clicks: ClickRow;
  acts: ActRow;
  asks: AskRow;
  listeners: ListenerRow;
  listening_grants: ListeningGrantRow;
  listening_accounts: ListeningAccountRow;
  overheard: OverheardRow;
  whispers: WhisperRow;
  mutes: MuteRow;
  digests: DigestRow;
  trust_looks: TrustLookRow;
  watermarks: WatermarkRow;
  ingest_keys: IngestKeyRow;
  checkpoints: CheckpointRow;
  chain_links: ChainLinkRow;
  tokens: TokenRow;
  users: UserRow;
  sessions: SessionRow;
  setup_links: SetupLinkRow;
  known_addresses: KnownAddressRow;
  saved_searches: SavedSearchRow;
  correlation_cursors: CorrelationCursorRow;
  correlation_runs: CorrelationRunRow;
  silence_keys: SilenceKeyRow;
  silence_clocks: SilenceClockRow;
  silence_deaf: SilenceDeafRow;
  rule_exceptions: RuleExceptionRow;
  rule_maturity: RuleMaturityRow;
  counters: CounterRow;
  list_probes: ListProbeRow;
  leases: LeaseRow;
  locks: LockRow;
}

export interface AlertRow {
  id: string;
  rule_id: string;
  rule_version: string;
  rule_name: string;
  title: string;
  level: Level;
  /** SHA-256 over rule, version and group: hits that may share an alert share this. */
  episode_key: string;
  group_values: string;
  count: number;
  /** How many of `count` came too late to be told. */
  late_count: number;
  first_at: number;
  last_at: number;
  /** Names of the notifiers that the alert was routed to, as a JSON array. */
  told: string;
  tags: string;
  next_steps: string;
  state: AlertState;
  assignee: string | null;
  snoozed_until: number | null;
  /** How many events that were not late it had when it was snoozed. */
  snoozed_count: number | null;
  resolution: Resolution | null;
  opened_at: number;
  acknowledged_at: number | null;
  resolved_at: number | null;
  changed_at: number;
  /** How many rows of `alert_changes` there are: the next one's position. */
  changes: number;
  kind: AlertKind;
  /** An `AlertDetails` as JSON; null for hits of a rule. */
  details: string | null;
  /** The first and the last moment at which it held, by the time of the events; null for hits of a rule. */
  first_trigger: number | null;
  last_trigger: number | null;
  /** The alert that has taken this one's events: they were found to belong together. */
  part_of: string | null;
  /**
   * The identity of what finds it; null for hits of a rule, for alerts that are older than this column, and where a former version of the
   * definition found it and the present one does not.
   */
  found_by: string | null;
  /** The first and the last moment of what a former version found of it, which no later look takes away; null where none did. */
  former_first: number | null;
  former_last: number | null;
}

export interface AlertEventRow {
  alert_id: string;
  position: number;
  event_id: string;
  /** An `Evidence` as JSON. */
  evidence: string;
}

export interface AlertChangeRow {
  alert_id: string;
  position: number;
  at: number;
  change: AlertChange['change'];
  /** Who did it; `earshot` where nobody did. */
  actor: string;
  note: string;
  /** The alert's count at that moment. */
  count: number;
  /** More of it, as a JSON object of texts. */
  about: string;
}

/** Whom and what an alert's evidence names, in lower case: for looking alerts up, and for who may see them. */
export interface AlertSubjectRow {
  alert_id: string;
  kind: 'person' | 'host' | 'address' | 'dataset' | 'product';
  value: string;
}

export interface OutboxRow {
  /** Identity of what is told: alert, kind, step, notifier. */
  key: string;
  notifier: string;
  alert_id: string;
  /** `context`: what is known around the alert, for who has been told of it. `said`: what somebody who was asked has answered, for the same. */
  kind: 'opened' | 'grew' | 'context' | 'said';
  /** `sending` is written before the call: a row found so after a crash may or may not have been told. */
  state: 'pending' | 'sending' | 'delivered' | 'dead';
  /** Rows told in one message share the message's key; null while they are free to join one. */
  batch: string | null;
  /** 1: goes out in a message of its own, because a message it was in was refused. */
  alone: number;
  attempts: number;
  possible_repeat: number;
  due_at: number;
  created_at: number;
  changed_at: number;
  why: string | null;
  ref: string | null;
  /** When the first attempt began whose outcome is not known. */
  tried_at: number | null;
  /** As JSON: who is new in the alert; of `said`, the id of the ask. Null where it is only its number that grew. */
  joined: string | null;
}

/** A message in a place where messages can be changed. Rows of `outbox` with its key as their batch say which alerts it tells of. */
export interface MessageRow {
  key: string;
  notifier: string;
  /** The target's own name of it. */
  ref: string;
  /** `fixed`: the target takes no more changes of it. `gone`: somebody has removed it. */
  state: 'live' | 'fixed' | 'gone';
  /** Sums of `changes` and of `count` of its alerts, when it was last written: by them we see that it is out of date. */
  shown_changes: number;
  shown_count: number;
  posted_at: number;
  edited_at: number;
}

/** Something for one place of a target: its fields are those of `outbox`. */
export interface WhisperRow {
  key: string;
  notifier: string;
  /** The target's own name of a person or channel; null: where the notifier tells alerts. */
  place: string | null;
  /** Who listens. */
  listener: string;
  /** An `Answer` as JSON. */
  answer: string;
  /** A `Chart` as JSON; null where there is none. */
  chart: string | null;
  state: OutboxRow['state'];
  attempts: number;
  possible_repeat: number;
  due_at: number;
  created_at: number;
  changed_at: number;
  tried_at: number | null;
  why: string | null;
}

interface WatermarkRow {
  node: number;
  last_seq: number;
}

interface IngestKeyRow {
  key: string;
  source: string;
  node: number;
  first_seq: number;
  count: number;
  created_at: number;
  fingerprint: string | null;
}

interface CheckpointRow {
  source: string;
  checkpoint: string;
  changed_at: number;
}

interface ChainLinkRow {
  node: number;
  first_seq: number;
  last_seq: number;
  count: number;
  previous: string;
  hash: string;
}

interface TokenRow {
  id: string;
  name: string;
  /** SHA-256 of the token, lower-case hex. */
  hash: string;
  /** JSON array. */
  scopes: string;
  /** JSON array; null: all of them. */
  datasets: string | null;
  created_at: number;
  last_used_at: number | null;
}

interface CorrelationCursorRow {
  /** Which pass over the hits. */
  pass: string;
  /** By node, the last `seq` that was looked at, as a JSON object. */
  seqs: string;
  /** The time of the events up to which all is decided. */
  watermark: number;
  changed_at: number;
}

/** Ticks in a row that left nothing out between them. */
export interface CorrelationRunRow {
  pass: string;
  position: number;
  /** A hash of what was counted. */
  counters: string;
  from_seqs: string;
  to_seqs: string;
  from_watermark: number;
  to_watermark: number;
  ticks: number;
  slowest_ms: number;
  /** How many ticks were cut, and went on in the next. */
  cut: number;
  began_at: number;
  ended_at: number;
}

interface LeaseRow {
  name: string;
  holder: string;
  token: number;
  expires_at: number;
}

interface LockRow {
  name: string;
  taken: number;
}

export type StateDb = Kysely<Tables>;
export type StateTransaction = Transaction<Tables>;

/** The state database, embedded (SQLite) or a server (PostgreSQL). Outages are thrown as `EarshotError` `EAR_STATE_DOWN`. */
export interface State {
  /** Reads outside of a transaction. Never inside one: SQLite has one connection, and waits for itself. */
  read<T>(work: (db: StateDb) => Promise<T>): Promise<T>;
  /** All of it or nothing. Runs again, from its start, where the database asks for that (a deadlock): `work` has no other effects. */
  transaction<T>(work: (tx: StateTransaction) => Promise<T>): Promise<T>;
  /** As {@link State.transaction}, and only while the lease is held: a holder that was overtaken gets `undefined` and changes nothing. */
  fenced<T>(lease: Lease, work: (tx: StateTransaction) => Promise<T>): Promise<T | undefined>;
  readonly leases: Leases;
  readonly tokens: TokenStore;
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly setupLinks: SetupLinks;
  readonly ingestKeys: IngestKeys;
  readonly positions: Positions;
  readonly lists: ListStore;
  readonly scim: ScimStore;
  readonly savedSearches: SavedSearchStore;
  readonly ruleCare: RuleCareStore;
  readonly clicks: ClickStore;
  readonly acts: ActStore;
  readonly asks: AskStore;
  readonly listening: ListeningStore;
  readonly mutes: MuteStore;
  lookUpVersions(): Promise<LookUpVersions>;
  close(): Promise<void>;
}

export interface Lease {
  readonly name: string;
  readonly holder: string;
  /** Grows with every change of hands: the fencing token. */
  readonly token: number;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** What must run once runs under a lease. A holder's name is unique in the cluster and the same after a restart (the node's name). */
export interface Leases {
  /** The lease, or undefined while another holds it. A holder that comes back gets its own at once, under a new token. */
  acquire(name: string, holder: string, ttlMs: number): Promise<Lease | undefined>;
  /** The lease with a later end, or undefined when it was lost. */
  renew(lease: Lease, ttlMs: number): Promise<Lease | undefined>;
  /** Frees it for others at once. Without effect when it was lost. */
  release(lease: Lease): Promise<void>;
}

export interface TokenIdentity {
  readonly name: string;
  readonly scopes: readonly string[];
  /** The datasets whose events it may see, with `*` as a wildcard. Absent: all. */
  readonly datasets?: readonly string[];
}

export interface TokenInfo extends TokenIdentity {
  readonly id: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | undefined;
}

export interface TokenStore {
  /** A new token. Its text is given here once and kept nowhere. Undefined when the name is taken. */
  create(token: TokenIdentity): Promise<{ readonly id: string; readonly token: string } | undefined>;
  verify(token: string): Promise<TokenIdentity | undefined>;
  list(): Promise<TokenInfo[]>;
  /** False when there is none of that name. */
  revoke(name: string): Promise<boolean>;
}

/** A batch's identity with the place of its events: what `Idempotency-Key` and imports are compared with. */
export interface IngestKey {
  readonly key: string;
  readonly source: string;
  readonly firstSeq: number;
  readonly count: number;
}

export interface IngestKeys {
  /** Where the batch of that key is, as a duplicate's receipt. */
  lookup(key: string): Promise<Receipt | undefined>;
  /** Keys that begin so, in byte order, at most `limit` after the key `after`. */
  withPrefix(prefix: string, page?: { readonly after?: string; readonly limit?: number }): Promise<IngestKey[]>;
  /** Forgets keys older than that. Those of imports (`import:`) stay: a file may come again years later. Returns how many went. */
  prune(olderThan: number): Promise<number>;
}

export interface ChainLink {
  readonly node: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly count: number;
  readonly previous: string;
  readonly hash: string;
}

export interface Positions {
  /**
   * Moves the node's watermark to the end of the block and writes its keys, checkpoints and link of the hash chain. Gives where the
   * watermark was, or undefined, with nothing written, when it has passed the block already. Blocks of one node wait for one another here.
   */
  pass(tx: StateTransaction, block: Omit<DetectedBlock, 'hits'>): Promise<number | undefined>;
  /** The last `seq` that alerting has passed, 0 when none. */
  watermark(node: number): Promise<number>;
  checkpoint(source: string): Promise<string | undefined>;
  /** Links of the hash chain in order, from the first whose last event is at or after `fromSeq`. */
  chainLinks(node: number, page?: { readonly fromSeq?: number; readonly limit?: number }): Promise<ChainLink[]>;
  lastChainLink(node: number): Promise<ChainLink | undefined>;
}
