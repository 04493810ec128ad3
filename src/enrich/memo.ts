/** Longer texts are not looked up: nothing that a table holds is as long. */
export const LONGEST_TEXT = 1_024;

/** What was found out of a text, kept within bounds: texts repeat, and a sender who makes them up must not fill the memory. */
export class Memo<T> {
  readonly #known = new Map<string, T>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get(text: string): T | undefined {
    return this.#known.get(text);
  }

  keep(text: string, found: T): T {
    if (this.#known.size >= this.#max) this.#known.clear();
    this.#known.set(text, found);
    return found;
  }
}
