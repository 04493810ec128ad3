import { err, ok, type Result } from '../../lib/result.ts';
import type { QueryNode, SyntaxFault } from './node.ts';
import { parseLeaf } from './parse-leaf.ts';
import { Fault, Scanner } from './scanner.ts';

export const MAX_QUERY_LENGTH = 2000;
const MAX_DEPTH = 32;
const MAX_TERMS = 100;

/**
 * Reads a query in the manner of Lucene and KQL: `user.name:svc-* AND NOT source.ip:10.0.0.0/8 "failed login"`. NOT binds closer than AND,
 * AND (also unwritten, between terms) closer than OR. Never throws; a fault names the place and the mend.
 */
export function parseQuery(text: string): Result<QueryNode, SyntaxFault> {
  try {
    if (text.length > MAX_QUERY_LENGTH) {
      const message = `The query has ${text.length} characters; ${MAX_QUERY_LENGTH} is the most. Shorten it.`;
      throw new Fault('too_long', message, MAX_QUERY_LENGTH, text.length - MAX_QUERY_LENGTH);
    }
    return ok(new Parser(text.toWellFormed()).parse());
  } catch (fault) {
    if (fault instanceof Fault) return err(fault.fault);
    throw fault;
  }
}

class Parser {
  readonly #scan: Scanner;
  #depth = 0;
  #terms = 0;

  constructor(text: string) {
    this.#scan = new Scanner(text);
  }

  parse(): QueryNode {
    this.#scan.skipSpace();
    if (this.#scan.done) return { type: 'all' };
    const node = this.#or(undefined);
    if (!this.#scan.done) this.#unexpected();
    return node;
  }

  /** `field` is the field of the group we are in: `field:(a OR b)`. */
  #or(field: string | undefined): QueryNode {
    const nodes = [this.#and(field)];
    while (this.#scan.takeWord('OR') || this.#scan.take('||')) nodes.push(this.#and(field));
    return join('or', nodes);
  }

  #and(field: string | undefined): QueryNode {
    const nodes = [this.#not(field)];
    for (;;) {
      if (this.#scan.takeWord('AND') || this.#scan.take('&&')) nodes.push(this.#not(field));
      else if (this.#scan.done || this.#scan.peek() === ')' || this.#scan.looksAtWord('OR') || this.#scan.looksAt('||')) break;
      else nodes.push(this.#not(field));
    }
    return join('and', nodes);
  }

  #not(field: string | undefined): QueryNode {
    this.#scan.skipSpace();
    const start = this.#scan.at;
    const node = this.#prefixed(field, start);
    this.#scan.skipSpace();
    return node;
  }

  #prefixed(field: string | undefined, start: number): QueryNode {
    const attached = !/^\s?$/.test(this.#scan.peek(1));
    if (this.#scan.takeWord('NOT') || this.#scan.take('!') || (attached && this.#scan.take('-'))) {
      return this.#deeper(start, () => ({ type: 'not', node: this.#not(field) }));
    }
    if (attached && this.#scan.take('+')) return this.#deeper(start, () => this.#not(field));
    if (this.#scan.take('(')) return this.#deeper(start, () => this.#group(field, start));
    return this.#term(field);
  }

  #group(field: string | undefined, start: number): QueryNode {
    const node = this.#or(field);
    if (!this.#scan.take(')')) {
      if (!this.#scan.done) this.#unexpected();
      throw new Fault('unclosed_group', 'This parenthesis is not closed: add ) where the group ends.', start, 1);
    }
    return node;
  }

  #term(group: string | undefined): QueryNode {
    const scan = this.#scan;
    this.#refuseOperator();
    this.#terms += 1;
    if (this.#terms > MAX_TERMS) {
      throw new Fault('too_many_terms', `More than ${MAX_TERMS} terms: split the query, or use wildcards, ranges or networks.`, scan.at, 1);
    }
    const leaf = parseLeaf(scan, group);
    if (leaf.type !== 'group') return leaf;
    return this.#deeper(leaf.at, () => {
      scan.skipSpace();
      if (scan.peek() === ')' || scan.done) {
        throw new Fault('missing_value', `${leaf.field}:( ) holds nothing: write values, such as ${leaf.field}:(a OR b).`, leaf.at, 1);
      }
      return this.#group(leaf.field, leaf.at);
    });
  }

  #refuseOperator(): void {
    const scan = this.#scan;
    for (const word of ['AND', 'OR', '&&', '||']) {
      if (scan.looksAtWord(word)) throw new Fault('missing_term', `A term is missing before ${word}.`, scan.at, word.length);
    }
    for (const word of ['and', 'or', 'not']) {
      if (!scan.looksAtWord(word)) continue;
      const mend = `Write ${word.toUpperCase()} for the operator, or "${word}" for the word.`;
      throw new Fault('lower_case_operator', mend, scan.at, word.length);
    }
    if (scan.done) throw new Fault('missing_term', 'The query ends where a term is expected.', Math.max(scan.at - 1, 0), 1);
    if (scan.peek() === ')') throw new Fault('unexpected', 'There is nothing to close here: remove ), or quote it.', scan.at, 1);
  }

  #deeper(at: number, read: () => QueryNode): QueryNode {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH)
      throw new Fault('too_deep', `More than ${MAX_DEPTH} groups inside one another: simplify the query.`, at, 1);
    const node = read();
    this.#depth -= 1;
    return node;
  }

  #unexpected(): never {
    const char = this.#scan.peek();
    throw new Fault('unexpected', `${char} is not expected here: remove it, or put the text in quotes.`, this.#scan.at, 1);
  }
}

/** Nested groups of the same operator are one: `(a AND b) AND c` is `a AND b AND c`. */
function join(type: 'and' | 'or', nodes: readonly QueryNode[]): QueryNode {
  const flat = nodes.flatMap((node) => (node.type === type ? node.nodes : [node]));
  const [only] = flat;
  return flat.length === 1 && only !== undefined ? only : { type, nodes: flat };
}
