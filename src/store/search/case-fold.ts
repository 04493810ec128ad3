/**
 * Upper and lower case, the same way in the engine and here. The engine's `lower()` knows A to Z alone, and is what the text index is
 * built on; so both sides fold A to Z, and the *query* says which forms of its other letters it takes (`ã` and `Ã`).
 */
export const foldAscii = (text: string): string =>
  isAscii(text) ? text.toLowerCase() : text.replace(/[A-Z]+/g, (run) => run.toLowerCase());

// biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range is what is asked for
export const isAscii = (text: string): boolean => /^[\x00-\x7f]*$/.test(text);

/** The forms of one character: itself, its lower and its upper case, as far as they are one character outside ASCII. */
export function caseForms(char: string): readonly string[] {
  if (isAscii(char)) return [char.toLowerCase()];
  const forms = [char, char.toLowerCase(), char.toUpperCase(), char.toUpperCase().toLowerCase(), char.toLowerCase().toUpperCase()];
  return [...new Set(forms)].filter((form) => [...form].length === 1 && !isAscii(form));
}

const MOST_FREE_LETTERS = 3;

/** Forms of a word to look up in the text index: every mixture for up to three letters outside ASCII, else lower, upper and title case. */
export function wordForms(word: string): readonly string[] {
  const letters = [...foldAscii(word)].map(caseForms);
  if (letters.filter((forms) => forms.length > 1).length > MOST_FREE_LETTERS) {
    const title = word
      .toLowerCase()
      .replace(/(^|[^\p{L}\p{N}])(\p{L})/gu, (_, before: string, first: string) => before + first.toUpperCase());
    return [...new Set([word.toLowerCase(), word.toUpperCase(), title, word].map(foldAscii))];
  }
  return letters.reduce<string[]>((words, forms) => words.flatMap((start) => forms.map((form) => start + form)), ['']);
}
