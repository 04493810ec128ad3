/** A place in a text that moves forward: what the hand-written readers share. Nothing here goes back over what it has passed. */
export class Scan {
  readonly text: string;
  at: number;

  constructor(text: string, at = 0) {
    this.text = text;
    this.at = at;
  }

  /** Code of the character `ahead` of here; NaN behind the end. */
  peek(ahead = 0): number {
    return this.text.charCodeAt(this.at + ahead);
  }

  get ended(): boolean {
    return this.at >= this.text.length;
  }

  /** Passes the character if it is this one. */
  take(code: number): boolean {
    if (this.text.charCodeAt(this.at) !== code) return false;
    this.at += 1;
    return true;
  }

  /** Passes blanks (space and tab); says how many. */
  blanks(): number {
    const from = this.at;
    while (isBlank(this.text.charCodeAt(this.at))) this.at += 1;
    return this.at - from;
  }

  /** Reads `least` to `most` digits; -1 (and does not move) where there are fewer. Reads no further than `most`. */
  number(least: number, most: number): number {
    let value = 0;
    let count = 0;
    while (count < most) {
      const digit = this.text.charCodeAt(this.at + count) - 48;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
      count += 1;
    }
    if (count < least) return -1;
    this.at += count;
    return value;
  }

  /** Reads up to the next blank, control character or the end. */
  word(): string {
    const from = this.at;
    const { text } = this;
    let at = from;
    while (text.charCodeAt(at) > 32) at += 1;
    this.at = at;
    return text.slice(from, at);
  }

  rest(): string {
    return this.text.slice(this.at);
  }
}

export const isBlank = (code: number): boolean => code === 32 || code === 9;
export const isDigit = (code: number): boolean => code >= 48 && code <= 57;
export const isLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 65 && code <= 90);

/** Cuts what is at or below the blank (space, tab, line ends, NUL) off both ends. */
export function trimmed(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && text.charCodeAt(from) <= 32) from += 1;
  while (to > from && text.charCodeAt(to - 1) <= 32) to -= 1;
  return from === 0 && to === text.length ? text : text.slice(from, to);
}

/** Sets an own property whatever its name: `__proto__` on a plain object would set its prototype instead. */
export function setOwn<T>(target: Record<string, T>, key: string, value: T): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}
