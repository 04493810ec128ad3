import { fold } from '../sigma/fold.ts';

const TABLE_BITS = 15;
const MASK = (1 << TABLE_BITS) - 1;

/**
 * The next place in the table: five bits a character, so that the last three decide. Setting one bit folds ASCII capitals without
 * making a new text; it also folds some signs together, which only costs a second look.
 */
const roll = (slot: number, code: number): number => ((slot << 5) ^ (code | 0x20)) & MASK;

/** Hears which needle was found; of one needle perhaps more than once. */
export interface Finder {
  found(id: number): void;
}

interface Needle {
  readonly text: string;
  readonly id: number;
  /** From the start of the needle to the first of the three characters by which it is looked up. */
  readonly offset: number;
}

/**
 * Finds which of many texts are in a text, in one pass: each needle is looked up by the three of its characters that the fewest
 * needles share. Needles are folded and have two characters or more; the text need not be folded.
 */
export class Needles {
  readonly #table: (Needle[] | undefined)[] = [];
  readonly #filled = new Uint8Array(1 << TABLE_BITS);
  readonly #shortest: number;

  constructor(needles: readonly { readonly text: string; readonly id: number }[]) {
    this.#shortest = needles.reduce((least, { text }) => Math.min(least, text.length), Number.POSITIVE_INFINITY);
    const load = new Map<number, number>();
    for (const { text } of needles) for (const slot of slotsOf(text)) load.set(slot, (load.get(slot) ?? 0) + 1);
    for (const { text, id } of needles) {
      if (text.length < 3) this.#addPair(text, id);
      else this.#add(text, id, load);
    }
  }

  #add(text: string, id: number, load: ReadonlyMap<number, number>): void {
    const slots = slotsOf(text);
    let offset = 0;
    slots.forEach((slot, i) => {
      if ((load.get(slot) ?? 0) < (load.get(slots[offset] ?? 0) ?? 0)) offset = i;
    });
    this.#put(slots[offset] ?? 0, { text, id, offset });
  }

  /** Two characters decide ten of the fifteen bits: they may be at any of the places with these. */
  #addPair(text: string, id: number): void {
    const low = roll(roll(0, text.charCodeAt(0)), text.charCodeAt(1)) & 0x3ff;
    for (let high = 0; high < 32; high++) this.#put((high << 10) | low, { text, id, offset: -1 });
  }

  #put(slot: number, needle: Needle): void {
    const bucket = this.#table[slot] ?? [];
    bucket.push(needle);
    this.#table[slot] = bucket;
    this.#filled[slot] = 1;
  }

  /** Tells the finder of each needle in the text. `folding` may remember what it has folded. */
  search(text: string, finder: Finder, folding: (text: string) => string = fold): void {
    // The one character that folding makes longer is this capital.
    if (text.length < this.#shortest && !text.includes('İ')) return;
    if (!this.#scanAscii(text, finder, folding)) this.searchAsIs(folding(text), finder);
  }

  /** For a text that is in the form of the needles already. */
  searchAsIs(text: string, finder: Finder): void {
    let slot = 0;
    for (let i = 0; i < text.length; i++) {
      slot = roll(slot, text.charCodeAt(i));
      if (this.#filled[slot] === 1) this.#check(slot, text, i - 2, finder);
    }
  }

  /** False, with perhaps some found already, when a character is not ASCII. */
  #scanAscii(text: string, finder: Finder, folding: (text: string) => string): boolean {
    const filled = this.#filled;
    let folded: string | undefined;
    let slot = 0;
    let seen = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      seen |= code;
      slot = roll(slot, code);
      if (filled[slot] === 0) continue;
      folded ??= folding(text);
      this.#check(slot, folded, i - 2, finder);
    }
    return seen < 128;
  }

  #check(slot: number, text: string, at: number, finder: Finder): void {
    for (const needle of this.#table[slot] ?? []) {
      if (at >= needle.offset && text.startsWith(needle.text, at - needle.offset)) finder.found(needle.id);
    }
  }
}

/** For each place in a needle, where its three characters lie in the table. */
function slotsOf(text: string): number[] {
  const slots: number[] = [];
  let slot = 0;
  for (let i = 0; i < text.length; i++) {
    slot = roll(slot, text.charCodeAt(i));
    if (i >= 2) slots.push(slot);
  }
  return slots;
}
