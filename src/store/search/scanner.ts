import type { Pattern, Piece, SyntaxFault } from './node.ts';
import { patternOf } from './node.ts';

/** Thrown inside the parser alone; `parseQuery` returns it as a value. */
export class Fault extends Error {
  readonly fault: SyntaxFault;

  constructor(code: SyntaxFault['code'], message: string, at: number, length: number) {
    super(message);
    this.fault = { code, message, at, length: Math.max(length, 1) };
  }
}

/** Where a word ends: a field name or free text at `:`, `<`, `>`; a range's end at its bracket; a value at neither. */
export type WordKind = 'term' | 'value' | 'bound';

/** A word or a quoted text, and where it stands. */
export interface Word {
  readonly pattern: Pattern;
  readonly quoted: boolean;
  readonly at: number;
  readonly length: number;
}

/**
 * What a backslash takes its meaning from. Before any other character it stands for itself, so that `CORP\alice` means what it says.
 */
const ESCAPABLE = /^[\\*?:()[\]{}"<>!+\-&|/\s]$/;

/** Reads a query from left to right. It knows characters and words, not grammar. */
export class Scanner {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  skipSpace(): void {
    while (!this.done && isSpace(this.text.charAt(this.at))) this.at += 1;
  }

  peek(ahead = 0): string {
    return this.text.charAt(this.at + ahead);
  }

  looksAt(text: string): boolean {
    return this.text.startsWith(text, this.at);
  }

  take(text: string): boolean {
    if (!this.looksAt(text)) return false;
    this.at += text.length;
    return true;
  }

  /** Is the next word this one, with nothing attached? */
  looksAtWord(word: string): boolean {
    const after = this.text.charAt(this.at + word.length);
    return this.looksAt(word) && (after === '' || isSpace(after) || after === '(' || after === ')' || after === '"');
  }

  takeWord(word: string): boolean {
    return this.looksAtWord(word) && this.take(word);
  }

  /** Reads `"…"`: `\"` is a quote, `\\` a backslash, any other backslash itself; wildcards are plain characters. */
  quoted(): Word {
    const start = this.at;
    let value = '';
    for (this.at += 1; !this.done; this.at += 1) {
      const char = this.peek();
      if (char === '"') {
        this.at += 1;
        return { pattern: patternOf([value]), quoted: true, at: start, length: this.at - start };
      }
      if (char === '\\' && (this.peek(1) === '"' || this.peek(1) === '\\')) this.at += 1;
      value += this.peek();
    }
    throw new Fault('unclosed_quote', 'This quote is not closed: add " at its end, or write \\" for a quote that is meant.', start, 1);
  }

  /** Reads a bare word; it may be empty. */
  word(kind: WordKind): Word {
    const start = this.at;
    const pieces: Piece[] = [];
    while (!this.done && !this.#ends(kind, this.at === start)) {
      const char = this.peek();
      if (char === '\\' && ESCAPABLE.test(this.peek(1))) {
        pieces.push(this.peek(1));
        this.at += 2;
        continue;
      }
      pieces.push(char === '*' || char === '?' ? { wild: char } : char);
      this.at += 1;
    }
    return { pattern: patternOf(pieces), quoted: false, at: start, length: this.at - start };
  }

  #ends(kind: WordKind, first: boolean): boolean {
    const char = this.peek();
    if (isSpace(char) || char === '(' || char === ')' || char === '"') return true;
    if (kind === 'bound') return char === ']' || char === '}' || (first && (char === '[' || char === '{'));
    if (this.looksAt('&&') || this.looksAt('||')) return true;
    if (kind === 'term' && (char === ':' || char === '<' || char === '>')) return true;
    return first && '[]{}<>!'.includes(char);
  }
}

const isSpace = (char: string): boolean => /\s/.test(char);
