import type { DetectedBlock } from '../model/detected.ts';
import type { RawRecord } from '../model/record.ts';

/** A closed segment on its way to the store and to alerting. A replay gives the same block again, with the same id. */
export interface Block {
  /** The first seq: the deduplication token of the store is made of it. */
  readonly id: number;
  readonly node: number;
  /** The last seq that belongs to the block, also where it has no record (a checkpoint alone uses up a seq). */
  readonly lastSeq: number;
  readonly records: readonly RawRecord[];
  readonly keys: DetectedBlock['keys'];
  /** In the order they were appended: of one source's, the last one holds. */
  readonly checkpoints: DetectedBlock['checkpoints'];
  readonly chain: DetectedBlock['chain'];
  /** The store has it from an earlier life: only alerting is missing. */
  readonly alreadyStored: boolean;
  /** It was received in an earlier life, which may have got as far as anywhere with it. */
  readonly replayed: boolean;
  /**
   * How often a replay began with this block and the process then died. One or more smell of a block that kills: go carefully.
   * The life that received the block is not counted, and neither is an orderly close.
   */
  readonly attempts: number;
}
