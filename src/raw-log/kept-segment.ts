import type { Block } from './block.ts';
import { formatSegmentName, type SegmentName, segmentStem } from './folder.ts';

/** A segment on disk that is not released yet. */
export class KeptSegment {
  readonly id: number;
  readonly size: number;
  readonly receivedAt: number;
  readonly keys: readonly string[];
  /** It was on disk at the start: handing it out is a replay. */
  readonly replayed: boolean;
  lastSeq: number;
  /** While it waits in memory. */
  block: Block | undefined;
  hash: string | undefined;
  out = false;
  stored: boolean;
  /** Said to be stored in this life: what counts its events has them too. */
  settled = false;
  alerted = false;
  damaged = false;
  readonly #triesBefore: number;
  #fileName: string;
  #tries: number;

  constructor(about: {
    readonly name: SegmentName;
    readonly lastSeq: number;
    readonly size: number;
    readonly receivedAt: number;
    readonly keys: readonly string[];
    readonly replayed: boolean;
  }) {
    this.id = about.name.firstSeq;
    this.lastSeq = about.lastSeq;
    this.size = about.size;
    this.receivedAt = about.receivedAt;
    this.keys = about.keys;
    this.replayed = about.replayed;
    this.stored = about.name.stored;
    this.#tries = about.name.tries;
    this.#triesBefore = about.name.tries;
    this.#fileName = formatSegmentName(about.name);
  }

  /** The name of its file now. */
  get fileName(): string {
    return this.#fileName;
  }

  /** The name that says what is known of it now. */
  get dueName(): string {
    return formatSegmentName({ firstSeq: this.id, tries: this.#tries, stored: this.stored });
  }

  get damagedName(): string {
    return `${segmentStem(this.id)}.damaged`;
  }

  /** How often earlier lives began to judge it in a replay. */
  get attempts(): number {
    return this.#triesBefore;
  }

  renamed(name: string): void {
    this.#fileName = name;
  }

  tryOnce(): void {
    this.#tries = this.#triesBefore + 1;
  }

  /** The life ends in order: the block did not kill it. */
  forgetTry(): void {
    this.#tries = this.#triesBefore;
  }
}
