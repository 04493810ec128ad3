import { foldAscii } from '../store/search/case-fold.ts';

/** Bytes outside ASCII belong to words, as in the store's text index. */
const BETWEEN_WORDS = /[^a-z\d\u0080-\u{10ffff}]+/u;
const MOST_WORDS = 8;
const MOST_CHARACTERS = 100;

export type PhraseFault = 'empty' | 'too_long' | 'too_many_words' | 'too_short';

/**
 * What somebody listens for in its one form: its words in lower case, a blank between them. Two that are the same are heard in the same
 * events; `prod-db` and `Prod DB` are. A fault is a word for why it cannot be listened for.
 */
export function phraseOf(text: string): { readonly phrase: string } | { readonly fault: PhraseFault } {
  if ([...text].length > MOST_CHARACTERS) return { fault: 'too_long' };
  const words = wordsIn(text.normalize('NFC').toLowerCase());
  if (words.length === 0) return { fault: 'empty' };
  if (words.length > MOST_WORDS) return { fault: 'too_many_words' };
  // A single letter is in every second event.
  if (words.every((word) => word.length < 2)) return { fault: 'too_short' };
  return { phrase: words.join(' ') };
}

export const PHRASE_FAULTS: Readonly<Record<PhraseFault, string>> = {
  empty: 'there is no letter and no digit in it',
  too_long: `it is longer than ${MOST_CHARACTERS} characters`,
  too_many_words: `it has more than ${MOST_WORDS} words`,
  too_short: 'it has single letters alone: they are nearly everywhere',
};

/** The words of a text whose letters A to Z are folded: runs of letters, digits and characters outside ASCII. */
export const wordsIn = (text: string): string[] =>
  foldAscii(text)
    .split(BETWEEN_WORDS)
    .filter((word) => word !== '');
