import { wordForms } from '../store/search/case-fold.ts';
import { wordsIn } from './phrase.ts';

/** Words one after the other, as bytes that are written as Latin-1: one of the forms of a phrase. */
interface Form {
  /** Number of the phrase. */
  readonly phrase: number;
  readonly words: readonly string[];
  /** Which of the words it is found by: the one that the fewest other forms have. */
  readonly anchor: number;
}

/** For each byte: 0 between words; else the byte with A to Z folded. */
const FOLDED = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x41 && byte <= 0x5a) return byte + 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x7a) || byte >= 0x80 ? byte : 0;
});

/** FNV-1a, 32 bits. */
const SEED = 0x811c9dc5;
const PRIME = 0x01000193;
/** Bits of the first look for each word in the index: one word of sixty that are in none of the phrases is looked up for nothing. */
const BITS_A_WORD = 64;
const LEAST_BITS = 1 << 12;

/**
 * Finds which of many phrases a text has: all at once, in one walk over its bytes. Words, and the case of letters, are those of the store's
 * text index. Each word of the text is hashed on the way; only one that may be some phrase's is looked at again.
 */
export class WordIndex {
  readonly phrases: readonly string[];
  readonly #byAnchor = new Map<string, Form[]>();
  readonly #mayBe: Uint8Array;
  readonly #mask: number;
  /** By phrase, the number of the question in which it was found last. */
  readonly #foundAt: Uint32Array;
  #question = 0;
  #found: number[] = [];

  /** `phrases`: different ones, as `phraseOf` writes them. */
  constructor(phrases: readonly string[]) {
    this.phrases = phrases;
    this.#foundAt = new Uint32Array(phrases.length);
    for (const form of anchored(phrases.flatMap(formsOf))) {
      const anchor = form.words[form.anchor] ?? '';
      const forms = this.#byAnchor.get(anchor);
      if (forms === undefined) this.#byAnchor.set(anchor, [form]);
      else forms.push(form);
    }
    const bits = Math.max(LEAST_BITS, 2 ** Math.ceil(Math.log2(this.#byAnchor.size * BITS_A_WORD + 1)));
    this.#mayBe = new Uint8Array(bits >> 3);
    this.#mask = bits - 1;
    for (const word of this.#byAnchor.keys()) {
      const bit = hashOf(word) & this.#mask;
      this.#mayBe[bit >> 3] = (this.#mayBe[bit >> 3] ?? 0) | (1 << (bit & 7));
    }
  }

  /** Begins with another event. */
  begin(): void {
    this.#question += 1;
    if (this.#question === 0xffff_ffff) {
      this.#foundAt.fill(0);
      this.#question = 1;
    }
    if (this.#found.length > 0) this.#found = [];
  }

  /** Numbers of the phrases found since {@link begin}, each once. */
  get found(): readonly number[] {
    return this.#found;
  }

  /** Looks through a text whose characters are bytes. */
  lookThroughBytes(bytes: string): void {
    this.#walk(bytes, 0xff);
  }

  /** Looks through a text as it is. */
  lookThrough(text: string): void {
    const before = this.#found.length;
    if (this.#walk(text, 0x7f)) return;
    for (const phrase of this.#found.splice(before)) this.#foundAt[phrase] = 0;
    this.#walk(Buffer.from(text, 'utf8').toString('latin1'), 0xff);
  }

  /** False when a character is beyond `most`, so that these are not bytes: then what was found in it may not be. */
  #walk(bytes: string, most: number): boolean {
    const mayBe = this.#mayBe;
    const mask = this.#mask;
    const end = bytes.length;
    let start = 0;
    let hash = SEED;
    for (let i = 0; i < end; i++) {
      const code = bytes.charCodeAt(i);
      if (code > most) return false;
      const byte = FOLDED[code] as number;
      if (byte !== 0) {
        hash = Math.imul(hash ^ byte, PRIME);
        continue;
      }
      if (i > start) {
        const bit = hash & mask;
        if (((mayBe[bit >> 3] as number) & (1 << (bit & 7))) !== 0) this.#lookAt(bytes, start, i);
        hash = SEED;
      }
      start = i + 1;
    }
    const bit = hash & mask;
    if (end > start && ((mayBe[bit >> 3] as number) & (1 << (bit & 7))) !== 0) this.#lookAt(bytes, start, end);
    return true;
  }

  #lookAt(bytes: string, start: number, end: number): void {
    const forms = this.#byAnchor.get(foldedSlice(bytes, start, end));
    if (forms === undefined) return;
    for (const form of forms) {
      if (this.#foundAt[form.phrase] === this.#question || !surrounds(form, bytes, start, end)) continue;
      this.#foundAt[form.phrase] = this.#question;
      this.#found.push(form.phrase);
    }
  }
}

function formsOf(phrase: string, number: number): Omit<Form, 'anchor'>[] {
  return wordForms(phrase).map((form) => ({
    phrase: number,
    words: wordsIn(form).map((word) => Buffer.from(word, 'utf8').toString('latin1')),
  }));
}

/** A word that many have would have all of them looked at in each event that has it. */
function anchored(forms: readonly Omit<Form, 'anchor'>[]): Form[] {
  const haveIt = new Map<string, number>();
  for (const word of forms.flatMap(({ words }) => words)) haveIt.set(word, (haveIt.get(word) ?? 0) + 1);
  return forms.map((form) => {
    const rarity = form.words.map((word) => haveIt.get(word) ?? 0);
    const rarest = rarity.reduce((least, each) => Math.min(least, each));
    return { ...form, anchor: rarity.indexOf(rarest) };
  });
}

function hashOf(word: string): number {
  let hash = SEED;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), PRIME);
  return hash;
}

function foldedSlice(bytes: string, start: number, end: number): string {
  let folded = '';
  for (let i = start; i < end; i++) folded += String.fromCharCode(FOLDED[bytes.charCodeAt(i)] ?? 0);
  return folded;
}

/** Whether the other words stand before and behind the one that was found. */
function surrounds({ words, anchor }: Form, bytes: string, start: number, end: number): boolean {
  let at = start;
  for (let word = anchor - 1; word >= 0; word--) {
    at = wordBefore(bytes, at, words[word] ?? '');
    if (at < 0) return false;
  }
  at = end;
  for (let word = anchor + 1; word < words.length; word++) {
    at = wordBehind(bytes, at, words[word] ?? '');
    if (at < 0) return false;
  }
  return true;
}

const foldedAt = (bytes: string, i: number): number => (i < 0 || i >= bytes.length ? 0 : (FOLDED[bytes.charCodeAt(i)] ?? 0));

/** Where the word begins that is the last before this place; -1 where that is another word. */
function wordBefore(bytes: string, place: number, word: string): number {
  let i = place - 1;
  while (i >= 0 && foldedAt(bytes, i) === 0) i--;
  for (let k = word.length - 1; k >= 0; k--, i--) if (foldedAt(bytes, i) !== word.charCodeAt(k)) return -1;
  return foldedAt(bytes, i) === 0 ? i + 1 : -1;
}

/** Where the word ends that is the first behind this place; -1 where that is another word. */
function wordBehind(bytes: string, place: number, word: string): number {
  let i = place;
  while (i < bytes.length && foldedAt(bytes, i) === 0) i++;
  for (let k = 0; k < word.length; k++, i++) if (foldedAt(bytes, i) !== word.charCodeAt(k)) return -1;
  return foldedAt(bytes, i) === 0 ? i : -1;
}
