import type { Scalar } from 'yaml';
import type { Faults } from './fault.ts';
import { parsePattern } from './pattern.ts';
import { compilePattern } from './pattern-match.ts';
import { textOffset } from './yaml-document.ts';

interface Token {
  readonly text: string;
  /** Place in the condition. */
  readonly at: number;
}

const MAX_LENGTH = 10_000;
const MAX_DEPTH = 100;

/** Thrown inside this file only; becomes a fault with its place. */
class ConditionFault {
  readonly at: number;
  readonly reason: string;

  constructor(at: number, reason: string) {
    this.at = at;
    this.reason = reason;
  }
}

/** What a condition is made into, and what its names stand for. */
export interface Logic<T> {
  /** Such as `search identifier`. */
  readonly noun: string;
  readonly named: ReadonlyMap<string, T>;
  readonly and: (children: readonly T[]) => T;
  readonly or: (children: readonly T[]) => T;
  readonly not: (child: T) => T;
}

/** Reads a condition: `or` binds least, then `and`, `not`, `x of`, parentheses. Keywords in any case. */
export function readCondition<T>(node: Scalar, logic: Logic<T>, faults: Faults): T | undefined {
  const text = String(node.value);
  const offset = textOffset(node);
  try {
    if (text.length > MAX_LENGTH) throw new ConditionFault(0, `the condition is longer than ${MAX_LENGTH} characters`);
    return new Parser(tokens(text), text.length, logic).whole();
  } catch (fault) {
    if (!(fault instanceof ConditionFault)) throw fault;
    return faults.add(offset === undefined ? node : offset + fault.at, `condition: ${fault.reason}`);
  }
}

function tokens(text: string): Token[] {
  const found: Token[] = [];
  for (const match of text.matchAll(/\s+|[()]|[A-Za-z0-9_.*?-]+|./gsu)) {
    const [token] = match;
    if (/^\s/.test(token)) continue;
    if (token === '|') throw new ConditionFault(match.index, 'aggregations with `|` were removed from Sigma: write a correlation rule');
    if (!/^[()A-Za-z0-9_.*?-]/.test(token)) throw new ConditionFault(match.index, `\`${token}\` has no meaning here`);
    found.push({ text: token, at: match.index });
  }
  return found;
}

class Parser<T> {
  readonly #tokens: readonly Token[];
  readonly #end: number;
  readonly #logic: Logic<T>;
  #next = 0;
  #depth = 0;

  constructor(all: readonly Token[], end: number, logic: Logic<T>) {
    this.#tokens = all;
    this.#end = end;
    this.#logic = logic;
  }

  whole(): T {
    const tree = this.#or();
    const extra = this.#tokens[this.#next];
    if (extra) throw new ConditionFault(extra.at, `\`${extra.text}\` comes where \`and\`, \`or\` or the end is expected`);
    return tree;
  }

  #or(): T {
    const parts = [this.#and()];
    while (this.#take('or')) parts.push(this.#and());
    return this.#logic.or(parts);
  }

  #and(): T {
    const parts = [this.#not()];
    while (this.#take('and')) parts.push(this.#not());
    return this.#logic.and(parts);
  }

  #not(): T {
    return this.#take('not') ? this.#logic.not(this.#deeper(() => this.#not())) : this.#operand();
  }

  #operand(): T {
    const token = this.#tokens[this.#next++];
    if (token === undefined) throw new ConditionFault(this.#end, `it ends where a ${this.#logic.noun} is expected`);
    if (token.text === '(') return this.#parenthesis(token);
    if (this.#tokens[this.#next]?.text.toLowerCase() === 'of') return this.#of(token);
    const selection = this.#logic.named.get(token.text);
    if (selection !== undefined) return selection;
    if (token.text.includes('*')) throw new ConditionFault(token.at, `write \`1 of ${token.text}\` or \`all of ${token.text}\``);
    throw new ConditionFault(token.at, `there is no ${this.#logic.noun} \`${token.text}\``);
  }

  #parenthesis(open: Token): T {
    const inner = this.#deeper(() => this.#or());
    const close = this.#tokens[this.#next];
    if (close?.text !== ')') throw new ConditionFault(close?.at ?? open.at, 'a parenthesis is not closed');
    this.#next++;
    return inner;
  }

  #of(count: Token): T {
    const word = count.text.toLowerCase();
    if (word !== '1' && word !== 'any' && word !== 'all') {
      throw new ConditionFault(count.at, `\`${count.text} of\` is not in Sigma 2.1, which has \`1 of\`, \`any of\` and \`all of\``);
    }
    this.#next++;
    const pattern = this.#tokens[this.#next++];
    if (pattern === undefined || !/^[A-Za-z0-9_.*-]+$/.test(pattern.text)) {
      throw new ConditionFault(pattern?.at ?? this.#end, '`of` needs `them` or a pattern such as `selection_*`');
    }
    const chosen = this.#matching(pattern.text);
    if (chosen.length === 0) throw new ConditionFault(pattern.at, `no ${this.#logic.noun} matches \`${pattern.text}\``);
    return word === 'all' ? this.#logic.and(chosen) : this.#logic.or(chosen);
  }

  /** Identifiers that begin with `_` are meant only by patterns that begin with `_` too. */
  #matching(pattern: string): T[] {
    const them = pattern.toLowerCase() === 'them' && !this.#logic.named.has(pattern);
    const wanted = compilePattern(parsePattern(them ? '*' : pattern));
    return [...this.#logic.named]
      .filter(([name]) => (pattern.startsWith('_') || !name.startsWith('_')) && wanted(name))
      .map(([, tree]) => tree);
  }

  #take(word: string): boolean {
    const token = this.#tokens[this.#next];
    if (token === undefined || token.text.toLowerCase() !== word) return false;
    this.#next++;
    return true;
  }

  #deeper(read: () => T): T {
    if (++this.#depth > MAX_DEPTH)
      throw new ConditionFault(this.#tokens[this.#next]?.at ?? this.#end, `it is nested deeper than ${MAX_DEPTH}`);
    const tree = read();
    this.#depth--;
    return tree;
  }
}
