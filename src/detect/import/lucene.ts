import { err, ok, type Result } from '../../lib/result.ts';
import { plainField, present, typed } from './elastic-field.ts';
import { ALL, and, type Expression, item, literal, not, or } from './expression.ts';

export interface LuceneFault {
  /** Offset in the query. */
  readonly at: number;
  readonly why: string;
}

export interface LuceneQuery {
  readonly expression: Expression;
  /** What Lucene only ranks by: terms that a result may have beside those that it must have. */
  readonly optional: readonly string[];
}

const MAX_LENGTH = 10_000;
const MAX_DEPTH = 50;

/**
 * Reads a `query_string` of Elasticsearch as its classic parser does: there AND and OR do not bind one closer than the other, but say
 * whether a term must, may or must not be in a document.
 */
export function readLucene(query: string, defaultOperator: 'AND' | 'OR', defaultField?: string): Result<LuceneQuery, LuceneFault> {
  try {
    if (query.length > MAX_LENGTH) throw new Fault(MAX_LENGTH, `longer than ${MAX_LENGTH} characters`);
    const parser = new Parser(query, defaultOperator);
    return ok({ expression: parser.whole(defaultField), optional: parser.optional });
  } catch (fault) {
    if (fault instanceof Fault) return err({ at: fault.at, why: fault.why });
    throw fault;
  }
}

/** Thrown inside this file only. */
class Fault {
  readonly at: number;
  readonly why: string;

  constructor(at: number, why: string) {
    this.at = at;
    this.why = why;
  }
}

interface Clause {
  readonly expression: Expression;
  readonly text: string;
  occurs: 'must' | 'may' | 'not';
}

class Parser {
  readonly optional: string[] = [];
  readonly #text: string;
  readonly #defaultAnd: boolean;
  #at = 0;
  #depth = 0;

  constructor(text: string, defaultOperator: 'AND' | 'OR') {
    this.#text = text;
    this.#defaultAnd = defaultOperator === 'AND';
  }

  whole(field: string | undefined): Expression {
    const expression = this.#clauses(field);
    if (this.#at < this.#text.length) throw new Fault(this.#at, `\`${this.#text.charAt(this.#at)}\` closes nothing`);
    return expression;
  }

  #clauses(field: string | undefined): Expression {
    const clauses: Clause[] = [];
    for (this.#space(); this.#at < this.#text.length && this.#peek() !== ')'; this.#space()) {
      const joint = clauses.length === 0 ? '' : this.#match(/(AND|OR)(?=[\s(])|&&|\|\|/y);
      const both = joint === 'AND' || joint === '&&';
      const either = joint === 'OR' || joint === '||';
      this.#space();
      const prefix = this.#match(/NOT(?=[\s(])|[!+-]/y);
      this.#space();
      const prohibited = prefix !== '' && prefix !== '+';
      const start = this.#at;
      const expression = this.#clause(field);
      const before = clauses.at(-1);
      if (before !== undefined && before.occurs !== 'not') {
        if (both) before.occurs = 'must';
        else if (either && this.#defaultAnd) before.occurs = 'may';
      }
      const required = prefix === '+' || (this.#defaultAnd ? !either : both);
      clauses.push({ expression, text: this.#text.slice(start, this.#at), occurs: prohibited ? 'not' : required ? 'must' : 'may' });
    }
    if (clauses.length === 0) throw new Fault(this.#at, 'a term is missing');
    return this.#joined(clauses);
  }

  #joined(clauses: readonly Clause[]): Expression {
    const of = (occurs: Clause['occurs']): Clause[] => clauses.filter((clause) => clause.occurs === occurs);
    const musts = of('must').map(({ expression }) => expression);
    const mays = of('may');
    if (musts.length > 0) this.optional.push(...mays.map(({ text }) => text));
    else if (mays.length > 0) musts.push(or(mays.map(({ expression }) => expression)));
    return and([...musts, ...of('not').map(({ expression }) => not(expression))]);
  }

  #clause(group: string | undefined): Expression {
    const start = this.#at;
    if (this.#take('(')) return this.#group(group, start);
    const name = this.#match(/(?:\\.|[^\s\\:()"[\]{}/+!&|<>=^~-]|-(?=[\w@]))+:/y);
    const field = name === '' ? group : unescaped(name.slice(0, -1));
    this.#space();
    if (name !== '' && this.#take('(')) return this.#group(field, start);
    if (field === '_exists_') return present(this.#word(start));
    return this.#value(field, start);
  }

  #group(field: string | undefined, start: number): Expression {
    if (++this.#depth > MAX_DEPTH) throw new Fault(start, `nested deeper than ${MAX_DEPTH}`);
    const expression = this.#clauses(field);
    if (!this.#take(')')) throw new Fault(start, 'the parenthesis is not closed');
    this.#boost();
    this.#depth--;
    return expression;
  }

  #value(field: string | undefined, start: number): Expression {
    const char = this.#peek();
    if (char === '[' || char === '{') return this.#range(field, start);
    if (char === '/') return this.#regex(field, start);
    const compare = field === undefined ? '' : this.#match(/[<>]=?/y);
    if (compare !== '')
      return limit(need(field, start), compare.startsWith('<') ? 'lt' : 'gt', compare.endsWith('='), this.#word(start), start);
    if (char === '"') {
      const phrase = this.#match(/"(?:\\.|[^"\\])*"/sy);
      if (phrase === '') throw new Fault(start, 'the quote is not closed');
      this.#boost();
      return asked(field, literal(unescaped(phrase.slice(1, -1))));
    }
    const word = this.#word(start);
    if (word === '*') return field === undefined || field === '*' ? ALL : present(field);
    this.#boost();
    return asked(field, pattern(word));
  }

  #word(start: number): string {
    const word = this.#match(/(?:\\.|[^\s\\()"[\]{}^~])+/y);
    if (/^(|AND|OR|NOT|&&|\|\|)$/.test(word)) throw new Fault(start, 'a term is missing');
    return word;
  }

  /** `[1 TO 5]`, `{1 TO *}`. */
  #range(field: string | undefined, start: number): Expression {
    const match = /([[{])\s*(\S+)\s+TO\s+([^\s\]}]+)\s*([\]}])/y;
    match.lastIndex = this.#at;
    const found = match.exec(this.#text);
    if (found === null) throw new Fault(start, 'a range is written [1 TO 5]');
    this.#at = match.lastIndex;
    const [, open, from = '*', to = '*', close] = found;
    const name = need(field, start);
    const limits = [
      ...(from === '*' ? [] : [limit(name, 'gt', open === '[', from, start)]),
      ...(to === '*' ? [] : [limit(name, 'lt', close === ']', to, start)]),
    ];
    return limits.length === 0 ? present(name) : and(limits);
  }

  #regex(field: string | undefined, start: number): Expression {
    const source = this.#match(/\/(?:\\.|[^/\\])*\//sy);
    if (source === '') throw new Fault(start, 'the regular expression is not closed by /');
    const translated = wholeRegex(source.slice(1, -1).replaceAll('\\/', '/'));
    if (!translated.ok) throw new Fault(start, translated.error);
    return item(`${plainField(need(field, start))}|re`, translated.value);
  }

  /** `^2` only ranks; `~` finds what is similar, which no rule of ours does. */
  #boost(): void {
    this.#match(/\^[\d.]+/y);
    if (this.#peek() === '~') throw new Fault(this.#at, 'similar words (`~`) cannot be asked for');
  }

  #space(): void {
    this.#match(/\s+/y);
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #match(expression: RegExp): string {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }
}

function need(field: string | undefined, at: number): string {
  if (field === undefined) throw new Fault(at, 'a range or regular expression needs a field');
  return field;
}

const asked = (field: string | undefined, value: string): Expression => (field === undefined ? item('', value) : typed(field, value));

function limit(field: string, side: 'lt' | 'gt', inclusive: boolean, value: string, at: number): Expression {
  const number = value.replace(/^"(.*)"$/, '$1');
  if (!/^-?\d+(\.\d+)?$/.test(number)) throw new Fault(at, `\`${value}\` is not a number: dates and texts have no range in rules`);
  return item(`${plainField(field)}|${side}${inclusive ? 'e' : ''}`, Number(number));
}

const unescaped = (text: string): string => text.replace(/\\(.)/gs, '$1');

/** Wildcards stay, what is escaped does not become one. */
const pattern = (word: string): string => word.replace(/\\(.)|\\$/gs, (_, char: string | undefined) => literal(char ?? '\\'));

/** A regular expression of Lucene, which must match the whole value, for RE2. Its own operators have no equal. */
export function wholeRegex(source: string): Result<string, string> {
  const bare = source.replace(/\\./gs, '').replace(/\[[^\]]*\]/g, '');
  const own = /[~&@#<>"]/.exec(bare)?.[0];
  if (own !== undefined) return err(`the operator \`${own}\` of Lucene's regular expressions has no equal`);
  return ok(`^(?:${source})$`);
}
