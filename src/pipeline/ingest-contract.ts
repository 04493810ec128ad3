import type { ExpectedAct } from '../model/act.ts';
import type { DetectedBlock } from '../model/detected.ts';
import type { EnrichmentTables } from '../model/enrichment.ts';
import type { RawBatch, Receipt } from '../model/record.ts';
import type { Polling, Refusal } from '../sources/source.ts';
import type { LogLine, TelemetryBatch } from '../telemetry/relay.ts';
import type { FollowedQuery, TailStart } from './tail/tail-contract.ts';

/** A configuration that was checked before, and the rules that it names. */
export interface ReloadWanted {
  readonly document: unknown;
  /** As they were read, packed: every thread has the same ones. */
  readonly rules: Uint8Array<SharedArrayBuffer>;
}

/** What the hub's main thread asks of the ingest thread. */
export interface IngestMethods {
  readonly [name: string]: (argument: never) => unknown;
  /** Takes messages in; answered when they are on disk. */
  append(batch: RawBatch): Promise<Receipt>;
  /** Resolves when everything taken in so far is searchable and alerted. */
  drain(argument: undefined): Promise<void>;
  /** Applies a configuration that was checked before: sources, rules, bounds. Answers what it could not apply without a restart. */
  reload(wanted: ReloadWanted): Promise<readonly string[]>;
  /** Replaces what enrichers look things up in; answered when every event taken in from now on is enriched by it. */
  enrichWith(tables: EnrichmentTables): Promise<void>;
  /** Looks for the entries of these acts, and no others; answered when every event taken in from now on is looked at. */
  awaitActs(expected: readonly ExpectedAct[]): Promise<void>;
  /** Listens for these phrases and no others; answered when every event taken in from now on is asked for them. */
  listenFor(phrases: readonly string[]): Promise<void>;
  /** Follows these queries, and no others. */
  tail(queries: readonly FollowedQuery[]): Promise<TailStart>;
  /** A sign of life, with what health and metrics show. */
  status(argument: undefined): IngestStatus | Promise<IngestStatus>;
  head(argument: undefined): StoreHead;
  /** Below the disk's watermark nothing more is taken in. */
  disk(state: { readonly takesIn: boolean }): void;
  /** Stops listening, keeps what is under way in the raw log, closes. */
  stop(argument: undefined): Promise<void>;
}

/** What the ingest thread asks of the main thread. */
export interface HubMethods {
  readonly [name: string]: (argument: never) => unknown;
  commit(block: DetectedBlock): Promise<void>;
  lookupKey(key: string): Promise<Receipt | undefined>;
  /** The newest checkpoint of a source: the state database's, or the one that waits in the raw log. */
  checkpoint(asked: AskedCheckpoint): Promise<string | undefined>;
  /** Other counters than before have rows from here on. */
  counting(from: CountedFrom): void;
  /** A `TailBatch`, packed. */
  tailed(batch: Uint8Array<ArrayBuffer>): void;
  telemetry(batch: TelemetryBatch): void;
  log(line: LogLine): void;
  /** The raw log opened or closed to new messages; `why` while it is closed. */
  intake(state: { readonly open: boolean; readonly why?: string }): void;
}

/** `waiting`: what the raw log has. The state database has that or a newer one once it has passed `seq`. */
export interface AskedCheckpoint {
  readonly source: string;
  readonly waiting: { readonly seq: number; readonly checkpoint: string } | undefined;
}

/** How far the store is. */
export interface StoreHead {
  readonly node: number;
  /** Every event of the node up to here is in the store, and so are its hits. After a restart it may be less than it was. */
  readonly seq: number;
  /** All that was received before, in milliseconds since the epoch, is in the store. */
  readonly receivedAt: number;
  /** Nothing waits between receipt and store, and everything is taken in: then that is now. */
  readonly idle: boolean;
}

/** Events of the node from this seq on have rows of these counters from the moment they are judged. */
export interface CountedFrom {
  readonly node: number;
  readonly seq: number;
  readonly identities: readonly string[];
}

export interface IngestStatus {
  readonly rawLog: {
    readonly open: boolean;
    readonly reason?: string;
    readonly bytes: number;
    readonly maxBytes: number;
    readonly oldestReceivedAt?: number;
  };
  readonly sources: readonly {
    readonly name: string;
    readonly type: string;
    readonly listening: readonly string[];
    readonly fault?: string;
    readonly polling?: Polling;
    /** Peers that were not let in, the latest first. */
    readonly refusals: readonly Refusal[];
  }[];
  readonly rules: { readonly loaded: number; readonly rejected: number };
}
