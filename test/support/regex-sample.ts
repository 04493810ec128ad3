import type { Random } from './events-for-rules.ts';

/**
 * A text in which an expression is found, as far as it can be read: groups, classes, alternatives and repetitions. What is not understood is
 * taken as it stands, and then the text may be no match: the tests count how often it is.
 */
export function regexSample(source: string, random: Random): string {
  const reader = new Reader(source, random);
  return reader.alternatives();
}

const CLASSES: Readonly<Record<string, string>> = {
  d: '0123456789',
  w: 'azAZ09_',
  s: ' ',
  D: 'x',
  W: '-',
  S: 'x',
  n: '\n',
  t: '\t',
  r: '\r',
};

class Reader {
  readonly #source: string;
  readonly #random: Random;
  #at = 0;

  constructor(source: string, random: Random) {
    this.#source = source;
    this.#random = random;
  }

  alternatives(): string {
    const found = [this.#sequence()];
    while (this.#peek() === '|') {
      this.#at++;
      found.push(this.#sequence());
    }
    return this.#pick(found);
  }

  #sequence(): string {
    let text = '';
    while (this.#at < this.#source.length && this.#peek() !== '|' && this.#peek() !== ')') {
      const start = this.#at;
      const unit = this.#unit();
      const end = this.#at;
      for (let left = this.#times(); left > 0; left--) {
        const after = this.#at;
        this.#at = start;
        text += left === 1 ? unit : this.#unit();
        this.#at = after;
      }
      if (this.#at < end) this.#at = end;
    }
    return text;
  }

  #unit(): string {
    const char = this.#source.charAt(this.#at++);
    if (char === '(') return this.#group();
    if (char === '[') return this.#class();
    if (char === '^' || char === '$') return '';
    if (char === '.') return this.#pick(['x', '7', 'é']);
    if (char !== '\\') return char;
    const next = this.#source.charAt(this.#at++);
    if (next === 'b' || next === 'B' || next === 'A' || next === 'z') return '';
    if (next === 'x') {
      const hex = this.#source.slice(this.#at, this.#at + 2);
      this.#at += 2;
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    const chars = CLASSES[next];
    return chars === undefined ? next : this.#pick([...chars]);
  }

  #group(): string {
    const flags = /^\?(?:P?<\w+>|[imsU-]*:|[imsU-]+(?=\)))/.exec(this.#source.slice(this.#at));
    if (flags) this.#at += flags[0].length;
    const text = this.alternatives();
    this.#at++;
    return text;
  }

  #class(): string {
    const negated = this.#peek() === '^';
    if (negated) this.#at++;
    const chars: string[] = [];
    for (let first = true; this.#at < this.#source.length && (first || this.#peek() !== ']'); first = false) {
      const posix = /^\[:(\w+):\]/.exec(this.#source.slice(this.#at));
      if (posix) {
        chars.push(...(posix[1] === 'digit' ? '09' : posix[1] === 'space' ? ' ' : 'az'));
        this.#at += posix[0].length;
      } else chars.push(...this.#unitOfClass());
    }
    this.#at++;
    return negated ? this.#pick([...'x7-~é '].filter((char) => !chars.includes(char))) : this.#pick(chars);
  }

  #unitOfClass(): string[] {
    const char = this.#source.charAt(this.#at++);
    if (char === '\\') {
      const next = this.#source.charAt(this.#at++);
      return [...(CLASSES[next] ?? next)];
    }
    if (this.#peek() === '-' && this.#source.charAt(this.#at + 1) !== ']') {
      const last = this.#source.charAt(this.#at + 1);
      this.#at += 2;
      return [char, last];
    }
    return [char];
  }

  #times(): number {
    const found = /^(?:[*+?]|\{(\d*)(,?)(\d*)\})\??/.exec(this.#source.slice(this.#at));
    if (!found) return 1;
    this.#at += found[0].length;
    const [mark] = found[0];
    if (mark === '*') return this.#random(3);
    if (mark === '+') return 1 + this.#random(2);
    if (mark === '?') return this.#random(2);
    const least = Number(found[1] || 0);
    return found[2] === '' ? least : least + this.#random(found[3] === '' ? 2 : Math.min(Number(found[3]) - least, 3) + 1);
  }

  #peek(): string {
    return this.#source.charAt(this.#at);
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#random(Math.max(list.length, 1))] as T;
  }
}
