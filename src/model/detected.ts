import type { ActProof } from './act.ts';
import type { RuleHit } from './detection.ts';
import type { Fields } from './event.ts';
import type { Heard } from './heard.ts';
import type { Overheard } from './overheard.ts';

/** One rule on one event, with all that alerting needs of the event. */
export interface DetectedHit {
  readonly eventId: string;
  readonly node: number;
  readonly seq: number;
  readonly timestamp: number;
  readonly receivedAt: number;
  readonly source: string;
  readonly fields: Fields;
  /** The bytes as received, in memory of their own. */
  readonly raw: Uint8Array;
  readonly hit: RuleHit;
  /** The event is older than the late bound (an import, a backfill): judged, and never notified. */
  readonly late: boolean;
}

/** Identity of a batch with the place of its events. */
export interface BatchKey {
  readonly key: string;
  readonly source: string;
  readonly firstSeq: number;
  readonly count: number;
  readonly fingerprint?: string | undefined;
}

/**
 * What one block of events leads to, beyond the store. Blocks are committed in order, each in one transaction of the state database:
 * alerts, outbox, keys, checkpoints and the watermark `lastSeq` change together, so a replay changes nothing.
 */
export interface DetectedBlock {
  readonly node: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly keys: readonly BatchKey[];
  readonly checkpoints: readonly { readonly source: string; readonly checkpoint: string }[];
  /** The block's link of the hash chain: lower-case hex of SHA-256. */
  readonly chain: { readonly previous: string; readonly hash: string; readonly count: number };
  readonly hits: readonly DetectedHit[];
  /** What spoke that is watched for silence; absent where nothing is to be noted. */
  readonly heard?: readonly Heard[];
  /** Entries that acts of Earshot have left in other systems' logs; absent where there are none. */
  readonly proofs?: readonly ActProof[];
  /** What has words that somebody listens for; absent where nothing has. */
  readonly overheard?: readonly Overheard[];
}
