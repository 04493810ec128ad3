import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

const SIZE = 48;

/**
 * Remembers across a crash which event was being judged. It is written and not synced: what a process wrote outlives its death, and a
 * power cut is no event's doing.
 */
export class LastEvent {
  readonly #file: number | undefined;
  /** The event that an earlier life ended at, and how many lives in a row did. */
  readonly #before: { readonly seq: number; readonly ends: number };

  private constructor(file: number | undefined, before: { seq: number; ends: number }) {
    this.#file = file;
    this.#before = before;
    if (before.seq === 0) this.leave();
  }

  /** Where the file cannot be had, nothing is remembered. */
  static open(path: string): LastEvent {
    try {
      // Neither truncated nor appended to: it is read, and written over in place.
      const file = openSync(path, 'a+', 0o600);
      closeSync(file);
      const [seq = '', ends = ''] = readFileSync(path, 'latin1').trim().split(' ');
      return new LastEvent(openSync(path, 'r+'), { seq: Number(seq) || 0, ends: Number(ends) || 0 });
    } catch {
      return new LastEvent(undefined, { seq: 0, ends: 0 });
    }
  }

  /** Says that this event is about to be judged; answers how many lives in a row ended at it. */
  enter(seq: number): number {
    const ends = seq === this.#before.seq ? this.#before.ends : 0;
    this.#write(`${seq} ${ends + 1}`);
    return ends;
  }

  /** Says that no event is being judged. */
  leave(): void {
    this.#write('0 0');
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }

  #write(text: string): void {
    try {
      // Always as long, so that a full disk has room for it.
      if (this.#file !== undefined) writeSync(this.#file, text.padEnd(SIZE), 0, 'latin1');
    } catch {
      // What cannot be remembered costs a replay more, at most.
    }
  }
}
