import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patternOf } from '../store/search/node.ts';
import { rawText, textSearch } from '../store/search/text-search.ts';
import { phraseOf } from './phrase.ts';
import { WordIndex } from './word-index.ts';

/** Few words, so that texts and phrases often meet, and what is awkward about them. */
const WORDS = ['prod', 'db', 'Prod', 'prodb', 'João', 'JOÃO', 'straße', 'ß', 'İ', 'x1', '4625', 'a', 'é', '名前', '\u212A', 'ﬀ'];
const BETWEEN = [' ', '-', '_', '.', '\n', '  ', '\u0000', '@', '\\', '', '=', '"', '/'];
const text = fc
  .array(fc.tuple(fc.constantFrom(...WORDS), fc.constantFrom(...BETWEEN)), { maxLength: 12 })
  .map((pairs) => pairs.flat().join(''));
const phrase = fc
  .array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 3 })
  .map((words) => phraseOf(words.join(' ')))
  .filter((read) => 'phrase' in read)
  .map(({ phrase: found }) => found);

const foundIn = (index: WordIndex, ...texts: readonly string[]): string[] => {
  index.begin();
  for (const each of texts) index.lookThrough(each);
  return index.found.map((number) => index.phrases[number] ?? '').sort();
};

describe('the index over what people listen for', () => {
  it('finds what a search for each phrase by itself finds', () => {
    fc.assert(
      fc.property(fc.uniqueArray(phrase, { maxLength: 40 }), fc.array(text, { maxLength: 4 }), (phrases, texts) => {
        const naive = phrases.filter((each) => {
          const search = textSearch(patternOf([each]));
          return texts.some((one) => search.test(rawText(Buffer.from(one))));
        });
        const index = new WordIndex(phrases);
        expect(foundIn(index, ...texts)).toEqual(naive.sort());
        // The same again: nothing is left of the question before.
        expect(foundIn(index, ...texts)).toEqual(naive.sort());
      }),
      { numRuns: 2_000 },
    );
  });

  it('finds words in bytes that are no text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), phrase, (bytes, wanted) => {
        const raw = Buffer.concat([bytes, Buffer.from(` ${wanted} `), bytes]);
        const index = new WordIndex([wanted]);
        index.begin();
        index.lookThroughBytes(raw.toString('latin1'));
        expect(index.found.length > 0).toBe(textSearch(patternOf([wanted])).test(rawText(raw)));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['prod db', 'on PROD-DB: opened', true],
    ['prod db', 'prod.db', true],
    ['prod db', 'prod db1', false],
    ['prod db', 'xprod db', false],
    ['prod db', 'prod x db', false],
    ['prod db', 'db prod prod db', true],
    ['db', 'prod_db', true],
    ['joão', 'JOÃO entrou', true],
    ['joão', 'joao entrou', false],
    ['db', 'db名', false],
    ['db é', 'db Ã©', false],
    ['db é', 'db É', true],
    ['a b a b c', 'a b a b a b c', true],
  ])('%s in %s: %s', (wanted, heard, is) => {
    expect(foundIn(new WordIndex([wanted]), heard)).toEqual(is ? [wanted] : []);
  });

  it('tells thousands apart', () => {
    const phrases = Array.from({ length: 10_000 }, (_, i) => `host ${i}`);
    expect(foundIn(new WordIndex(phrases), 'login on host-4711 from host.12 and hosts-13')).toEqual(['host 12', 'host 4711']);
  });
});

describe('a phrase', () => {
  it.each([
    ['Prod-DB', 'prod db'],
    ['  break   glass! ', 'break glass'],
    ['JOÃO', 'joão'],
    ['Rene\u0301', 'rené'],
  ])('%s is %s', (typed, wanted) => {
    expect(phraseOf(typed)).toEqual({ phrase: wanted });
  });

  it.each([
    ['', 'empty'],
    ['--- !', 'empty'],
    ['a', 'too_short'],
    ['a b c', 'too_short'],
    ['x'.repeat(101), 'too_long'],
    ['aa bb cc dd ee ff gg hh ii', 'too_many_words'],
  ])('%s is none: %s', (typed, fault) => {
    expect(phraseOf(typed)).toEqual({ fault });
  });
});
