import type { Faults } from './fault.ts';
import { isNode, isScalar, isSeq, type Node, scalarText } from './yaml-document.ts';

/** A text in a list, with its place. */
export interface Reference {
  readonly text: string;
  readonly node: Node;
}

/** A list of texts, or one text. Undefined, with a fault, for anything else, for an empty list and for a text that is there twice. */
export function readReferences(node: Node, what: string, faults: Faults): readonly Reference[] | undefined {
  const items = isSeq(node) ? node.items : [node];
  const found: Reference[] = [];
  for (const item of items) {
    const text = isScalar(item) ? scalarText(item) : undefined;
    const place = isNode(item) ? item : node;
    if (text === undefined || text === '') return faults.add(place, `${what} must be text, or a list of texts`);
    if (found.some((other) => other.text === text)) return faults.add(place, `${what} has \`${text}\` twice`);
    found.push({ text, node: place });
  }
  return found.length > 0 ? found : faults.add(node, `${what} is empty`);
}

/** What a reference may mean. */
export interface Named {
  readonly id: string;
  /** Earshot's name: that of the file. */
  readonly name: string;
  /** Sigma's name. */
  readonly sigmaName: string | undefined;
  readonly file: string;
}

/** Finds what an id or a name stands for: an id first, then Sigma's `name`, then the name of a file. */
export class Names<T extends Named> {
  readonly #ids: ReadonlyMap<string, T>;
  readonly #sigmaNames = new Map<string, T[]>();
  readonly #names: ReadonlyMap<string, T>;
  /** Ids and names of documents that were rejected. */
  readonly #rejected: ReadonlySet<string>;

  /** Ids and names of what may not be meant, and what each is. */
  readonly #others: ReadonlyMap<string, string>;

  constructor(all: readonly T[], rejected: Iterable<string>, others: ReadonlyMap<string, string> = new Map()) {
    this.#others = others;
    this.#ids = new Map(all.map((each) => [each.id, each]));
    this.#names = new Map(all.map((each) => [each.name, each]));
    this.#rejected = new Set(rejected);
    for (const each of all) {
      if (each.sigmaName !== undefined) this.#sigmaNames.set(each.sigmaName, [...(this.#sigmaNames.get(each.sigmaName) ?? []), each]);
    }
  }

  /** Where several have the name, that of the same file is meant. Undefined, with a fault, where there is none or it is not clear which. */
  find({ text, node }: Reference, faults: Faults): T | undefined {
    const called = this.#sigmaNames.get(text) ?? [];
    const near = called.filter(({ file }) => file === faults.file);
    const [only, other] = near.length > 0 ? near : called;
    if (other !== undefined && only !== undefined && !this.#ids.has(text.toLowerCase()))
      return faults.add(
        node,
        `\`${text}\` is the name of several rules (${only.file}, ${other.file}): write the id of the one that is meant`,
      );
    const found = this.#ids.get(text.toLowerCase()) ?? only ?? this.#names.get(text);
    if (found !== undefined) return found;
    const what = this.#others.get(text) ?? this.#others.get(text.toLowerCase());
    if (what !== undefined) return faults.add(node, `\`${text}\` is ${what}, not a rule`);
    const why = this.#rejected.has(text) || this.#rejected.has(text.toLowerCase()) ? 'was rejected' : 'is not there';
    return faults.add(node, `the rule \`${text}\` ${why}`);
  }
}
