import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Block } from './block.ts';
import type { KeyLookup } from './keys.ts';

export interface RawLogOptions {
  readonly dir: string;
  /** This node's number, 0 to 65,535. */
  readonly node: number;
  readonly maxBytes: number;
  /** A segment is sealed at this many events, ... */
  readonly segmentEvents?: number;
  /** ... or this long after its first one, or at 32 MiB. One batch is never split. */
  readonly segmentMs?: number;
  readonly commitMs?: number;
  /** Bounds of what is handed out and not released, beyond which blocks wait on disk. */
  readonly maxBlocks?: number;
  readonly maxMemoryBytes?: number;
  /** The greatest seq that the store or the state database knows of this node: numbering starts behind it, also in an emptied folder. */
  readonly afterSeq?: number;
  readonly now: () => number;
  readonly telemetry: Telemetry;
  /** Receives the blocks in seq order, those of earlier lives first. Must not throw. */
  readonly onBlock: (block: Block) => void;
  /** Looks a key up among the batches that are released. A rejection rejects the append: nobody knows whether it is new. */
  readonly isKeyKnown: KeyLookup;
}

export interface RawLogStatus {
  readonly open: boolean;
  /** Why it is not open: `full` near its bound, `fault` when the disk refuses, `closed`. */
  readonly reason?: 'full' | 'fault' | 'closed';
  /** The disk's answer in a fault. */
  readonly fault?: string;
  readonly bytes: number;
  readonly maxBytes: number;
  /** Receive time of the oldest event that is not released, in milliseconds since the epoch. */
  readonly oldestReceivedAt?: number;
  readonly blocksOut: number;
  readonly blocksWaiting: number;
  /** Files that were set aside as `*.damaged`: events may be missing. */
  readonly damagedFiles: number;
}
