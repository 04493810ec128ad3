import { fold } from '../sigma/fold.ts';

const TABLE_BITS = 13;
const MASK = (1 << TABLE_BITS) - 1;
/** Folds ASCII capitals without making a new text. Other characters are handled by folding the text first. */
const FOLDED = Uint16Array.from({ length: 128 }, (_, code) => (code >= 65 && code <= 90 ? code + 32 : code));

const hash = (a: number, b: number, c: number): number => (Math.imul(a, 0x9e1) ^ Math.imul(b, 0x1f35) ^ Math.imul(c, 0x6d)) & MASK;

interface Needle {
  readonly text: string;
  readonly id: number;
  /** Where in the needle the three characters lie by which it is looked up. */
  readonly offset: number;
}

/**
 * Finds which of many texts are in a text, in one pass: each needle of three characters or more is looked up by the three of it
 * that the fewest needles share. Needles are folded; the text need not be.
 */
export class Needles {
  readonly #short: { readonly text: string; readonly id: number }[] = [];
  readonly #table: (Needle[] | undefined)[] = [];
  readonly #filled = new Uint8Array(1 << TABLE_BITS);
  #long = false;

  constructor(needles: readonly { readonly text: string; readonly id: number }[]) {
    const load = new Map<number, number>();
    for (const { text } of needles) for (const slot of slotsOf(text)) load.set(slot, (load.get(slot) ?? 0) + 1);
    for (const { text, id } of needles) {
      if (text.length < 3) this.#short.push({ text, id });
      else this.#add(text, id, load);
    }
  }

  #add(text: string, id: number, load: ReadonlyMap<number, number>): void {
    const slots = slotsOf(text);
    let offset = 0;
    slots.forEach((slot, i) => {
      if ((load.get(slot) ?? 0) < (load.get(slots[offset] ?? 0) ?? 0)) offset = i;
    });
    const slot = slots[offset] ?? 0;
    const bucket = this.#table[slot] ?? [];
    bucket.push({ text, id, offset });
    this.#table[slot] = bucket;
    this.#filled[slot] = 1;
    this.#long = true;
  }

  /** Calls `found` with the id of each needle in the text; more than once where it is there more than once. */
  search(text: string, found: (id: number) => void): void {
    if (this.#short.length > 0) {
      const folded = fold(text);
      for (const needle of this.#short) if (folded.includes(needle.text)) found(needle.id);
    }
    if (this.#long && text.length >= 3 && !this.#scanAscii(text, found)) this.#scan(fold(text), found);
  }

  /** False, with perhaps some found already, as soon as a character is not ASCII. */
  #scanAscii(text: string, found: (id: number) => void): boolean {
    let a = text.charCodeAt(0);
    let b = text.charCodeAt(1);
    let folded: string | undefined;
    if (a > 127 || b > 127) return false;
    a = FOLDED[a] ?? 0;
    b = FOLDED[b] ?? 0;
    for (let i = 2; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) return false;
      const c = FOLDED[code] ?? 0;
      const slot = hash(a, b, c);
      if (this.#filled[slot] === 1) {
        folded ??= fold(text);
        this.#check(slot, folded, i - 2, found);
      }
      a = b;
      b = c;
    }
    return true;
  }

  #scan(text: string, found: (id: number) => void): void {
    for (let i = 2; i < text.length; i++) {
      const slot = hash(text.charCodeAt(i - 2), text.charCodeAt(i - 1), text.charCodeAt(i));
      if (this.#filled[slot] === 1) this.#check(slot, text, i - 2, found);
    }
  }

  #check(slot: number, text: string, at: number, found: (id: number) => void): void {
    for (const needle of this.#table[slot] ?? []) {
      if (at >= needle.offset && text.startsWith(needle.text, at - needle.offset)) found(needle.id);
    }
  }
}

/** For each place in a needle, where its three characters lie in the table. */
function slotsOf(text: string): number[] {
  const slots: number[] = [];
  for (let i = 2; i < text.length; i++) slots.push(hash(text.charCodeAt(i - 2), text.charCodeAt(i - 1), text.charCodeAt(i)));
  return slots;
}
