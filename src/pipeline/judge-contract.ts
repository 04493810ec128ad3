import type { ExpectedAct } from '../model/act.ts';
import type { AuditEvent } from '../model/audit.ts';
import type { DetectedBlock } from '../model/detected.ts';
import type { EnrichmentTables } from '../model/enrichment.ts';
import type { LogLine, TelemetryBatch } from '../telemetry/relay.ts';
import type { CountedFrom, ReloadWanted } from './ingest-contract.ts';
import type { PackedBlock } from './packed-block.ts';
import type { FollowedQuery, TailStart } from './tail/tail-contract.ts';

/** What the ingest thread asks of the judge thread. */
export interface JudgeMethods {
  readonly [name: string]: (argument: never) => unknown;
  /** Takes the next block; `released` is told when the store has it, and when alerting has. */
  take(block: PackedBlock): void;
  /** Applies a configuration that was checked before, and these rules, from the next block on. */
  reload(wanted: ReloadWanted): Promise<void>;
  /** Replaces what enrichers look things up in, from the next block on. */
  enrichWith(tables: EnrichmentTables): void;
  /** Looks for the entries of these acts, and no others, from the next event on. */
  awaitActs(expected: readonly ExpectedAct[]): void;
  /** Listens for these phrases and no others, from the next block on. */
  listenFor(phrases: readonly string[]): void;
  status(argument: undefined): { readonly loaded: number; readonly rejected: number };
  /** Follows these queries, and no others. */
  tail(queries: readonly FollowedQuery[]): TailStart;
  /** Ends what waits for an outage; it stays in the raw log. */
  stop(argument: undefined): Promise<void>;
}

/** What the judge thread asks of the ingest thread. */
export interface JudgeHostMethods {
  readonly [name: string]: (argument: never) => unknown;
  commit(block: DetectedBlock): Promise<void>;
  begun(about: { readonly id: number }): Promise<void>;
  released(about: { readonly id: number; readonly by: 'stored' | 'alerted' }): Promise<void>;
  /** Told at the first block after a start or a reload. */
  counting(from: CountedFrom): void;
  audit(event: AuditEvent): void;
  /** A `TailBatch`, packed. */
  tailed(batch: Uint8Array<ArrayBuffer>): void;
  telemetry(batch: TelemetryBatch): void;
  log(line: LogLine): void;
}
