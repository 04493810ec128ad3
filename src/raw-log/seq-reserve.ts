import { crc32 } from 'node:zlib';
import type { Folder } from './folder.ts';

const FILE = 'next-seq';
export const SEQ_STRIDE = 1_000_000;

/**
 * The file `next-seq` names a seq that no event has reached. It is moved ahead in strides, so that a seq is never given twice,
 * also when every segment is gone; a crash leaves a gap of at most a stride.
 */
export class SeqReserve {
  readonly #folder: Folder;
  #reserved: number;
  #growing: Promise<void> | undefined;

  /** `next` is the first seq this life may give. Nothing is written yet: a raw log on a full disk has to open, or it could never be emptied. */
  constructor(folder: Folder, next: number) {
    this.#folder = folder;
    this.#reserved = next;
  }

  /** Resolves when every seq below `next` is reserved. Starts to reserve more before it is needed. */
  async cover(next: number): Promise<void> {
    if (next + SEQ_STRIDE / 2 <= this.#reserved) return;
    this.#growing ??= this.#grow(next).finally(() => {
      this.#growing = undefined;
    });
    if (next > this.#reserved) return this.#growing;
    // There is room left: a failure now is tried again by the next call.
    this.#growing.catch(() => undefined);
  }

  /** Gives back what was reserved and not used: an orderly close leaves no gap. */
  async settle(next: number): Promise<void> {
    await this.#growing?.catch(() => undefined);
    await this.#write(next);
  }

  async #grow(next: number): Promise<void> {
    const reserved = next + SEQ_STRIDE;
    await this.#write(reserved);
    this.#reserved = reserved;
  }

  async #write(next: number): Promise<void> {
    await this.#folder.replace(FILE, `${next} ${crc32(`${next}`)}\n`);
  }
}

/** The seq in `next-seq`: `missing` when there is no such file, `damaged` when it cannot be believed. */
export async function readNextSeq(folder: Folder): Promise<number | 'missing' | 'damaged'> {
  const text = await folder.read(FILE);
  if (text === undefined) return 'missing';
  const [digits = '', check] = text.trimEnd().split(' ');
  const next = Number(digits);
  return Number.isSafeInteger(next) && next > 0 && check === `${crc32(digits)}` ? next : 'damaged';
}
