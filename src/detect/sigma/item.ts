import type { Result } from '../../lib/result.ts';
import { parseNetwork } from './cidr.ts';
import type { Faults } from './fault.ts';
import { type Modifiers, readModifiers } from './modifiers.ts';
import { literalPattern, openEnd, openStart } from './pattern.ts';
import { compileRegex } from './regex.ts';
import { hasPlaceholder, listAlone, type Placeholders, textPatterns } from './text-values.ts';
import { and, type Leaf, not, or, RECEIVED, type Relation, type Test, type Tree } from './tree.ts';
import { isScalar, isSeq, type Node, scalarText } from './yaml-document.ts';

/**
 * What a list that stands alone, `field|expand: '%list%'`, is to a rule. `asked`: a question that every event is asked when it comes in.
 * Otherwise its texts, for those who have nobody to ask.
 */
export type ListTests = 'asked';

/** What the reading of a rule's detection needs to know of its surroundings. */
export interface DetectionContext {
  readonly faults: Faults;
  readonly placeholders: Placeholders;
  readonly lists?: ListTests | undefined;
  /** Sigma's name of a field to the paths it has in Earshot's events. */
  readonly fieldPaths: (field: string) => readonly string[];
}

/** Reads one item of a map, `field|modifiers: value or values`. A key without a field (`|all`) holds keywords. */
export function readItem(
  key: string,
  at: { key: Node; value: Node | null },
  selection: string,
  context: DetectionContext,
): Tree | undefined {
  const [field = '', ...names] = key.split('|');
  const modifiers = readModifiers(names);
  if (!modifiers.ok) return context.faults.add(at.key, modifiers.error);
  if (field === '' && !['text', 'regex'].includes(modifiers.value.what.kind)) {
    return context.faults.add(at.key, `\`|${names.join('|')}\` needs the name of a field before it`);
  }
  const item = new Item(key, selection, modifiers.value, context);
  return item.read(field === '' ? undefined : context.fieldPaths(field), at.value ?? at.key, at.value === null);
}

/** A keyword: a text that is searched in the whole event. */
export function readKeyword(node: Node, selection: string, context: DetectionContext): Tree | undefined {
  const item = new Item('', selection, PLAIN, context);
  return item.read(undefined, node, false);
}

const NO_FLAGS = { ignoreCase: false, multiline: false, dotAll: false };
const PLAIN: Modifiers = { what: { kind: 'text' }, transforms: [], all: false, negated: false, cased: false, flags: NO_FLAGS };

const TEXTS_OF_LOAD =
  "the entries of the list are filled in when rules are read, and count for events of the past too: only `field|expand: '%list%'`, with nothing else, asks the list as it was when the event came in";

/** Not all that a rule can ask of an event is there when lists are looked at. */
const isAskable = (path: string): boolean => !['@timestamp', 'event.original', 'earshot.source', RECEIVED].includes(path);

class Item {
  readonly #key: string;
  readonly #selection: string;
  readonly #modifiers: Modifiers;
  readonly #context: DetectionContext;

  constructor(key: string, selection: string, modifiers: Modifiers, context: DetectionContext) {
    this.#key = key;
    this.#selection = selection;
    this.#modifiers = modifiers;
    this.#context = context;
  }

  read(fields: readonly string[] | undefined, value: Node, missing: boolean): Tree | undefined {
    const { faults } = this.#context;
    const nodes: readonly unknown[] = isSeq(value) ? value.items : [value];
    if (nodes.length === 0) return faults.add(value, 'a list without values matches nothing');
    const trees: Tree[] = [];
    for (const node of nodes) {
      if (!missing && !isScalar(node)) return faults.add(value, 'a value must be text, a number, true, false or null, or a list of those');
      const tests = missing ? this.#nullTest(value, nodes.length) : this.#tests(node as Node, nodes.length, fields);
      if (tests === undefined) return undefined;
      const label = this.#label(isScalar(node) && !missing ? (scalarText(node) ?? 'null') : 'null');
      trees.push(or(tests.map((test): Leaf => ({ kind: 'leaf', fields, test, label }))));
    }
    const joined = this.#modifiers.all ? and(trees) : or(trees);
    return this.#modifiers.negated ? not(joined) : joined;
  }

  #label(value: string): string {
    const shown = value === '' ? "''" : value;
    return this.#key === '' ? `${this.#selection}: ${shown}` : `${this.#selection}: ${this.#key}: ${shown}`;
  }

  /** The questions one value stands for, one of which must be true; undefined, with a fault, where it stands for none. */
  #tests(node: Node, count: number, fields: readonly string[] | undefined): readonly Test[] | undefined {
    const keyword = fields === undefined;
    const text = scalarText(node);
    if (text === undefined) return keyword ? this.#context.faults.add(node, 'a keyword must be text') : this.#nullTest(node, count);
    const { what } = this.#modifiers;
    switch (what.kind) {
      case 'text':
        return this.#listTests(text, fields) ?? this.#textTests(text, node, keyword);
      case 'regex': {
        const compiled = compileRegex(text, this.#modifiers.flags);
        if (!compiled.ok) return this.#context.faults.add(node, compiled.error);
        return [{ kind: 'regex', source: text, flags: this.#modifiers.flags }];
      }
      case 'cidr':
        return this.#networks(text, node);
      case 'exists': {
        const exists = isScalar(node) && typeof node.value === 'boolean' ? node.value : undefined;
        if (exists === undefined || count > 1) return this.#context.faults.add(node, 'the value of `exists` is true or false');
        return [{ kind: 'exists', exists }];
      }
      case 'field':
        return [{ kind: 'field', other: this.#context.fieldPaths(text), relation: this.#relation(), cased: this.#modifiers.cased }];
      default: {
        const number = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
        if (!Number.isFinite(number))
          return this.#context.faults.add(node, `\`${text}\` is not a number, and \`${this.#key}\` compares numbers`);
        return [{ ...what, number }];
      }
    }
  }

  #nullTest(node: Node, count: number): readonly Test[] | undefined {
    const { what, transforms } = this.#modifiers;
    if (count > 1)
      return this.#context.faults.add(node, 'null cannot stand in a list: write a second selection (Sigma 2.1, "Special Field Values")');
    if (what.kind !== 'text' || transforms.length > 0) return this.#context.faults.add(node, `\`${this.#key}\` needs a value`);
    return [{ kind: 'null' }];
  }

  /** Undefined: the value is no list that stands alone. */
  #listTests(text: string, fields: readonly string[] | undefined): readonly Test[] | undefined {
    const { transforms, cased } = this.#modifiers;
    const { placeholders, lists } = this.#context;
    const list = listAlone(text);
    if (list === undefined || cased || transforms.join() !== 'expand' || !fields?.every(isAskable) || !placeholders.has(list))
      return undefined;
    if (lists === 'asked') return [{ kind: 'list', list }];
    return placeholders.get(list)?.map((value) => ({ kind: 'text', pattern: literalPattern(value), cased }));
  }

  #textTests(text: string, node: Node, keyword: boolean): readonly Test[] | undefined {
    const { transforms, cased } = this.#modifiers;
    if (keyword && (text === '' || transforms.includes('startswith') || transforms.includes('endswith'))) {
      return this.#context.faults.add(node, 'a keyword is searched anywhere in the event: it has no start and no end, and is not empty');
    }
    const patterns = textPatterns(text, transforms, this.#context.placeholders);
    if (!patterns.ok) return this.#context.faults.add(node, patterns.error);
    if (transforms.includes('expand') && hasPlaceholder(text)) this.#context.faults.lint(node, TEXTS_OF_LOAD);
    if (patterns.value.length === 0)
      return this.#context.faults.add(node, 'the list behind the placeholder is empty: the item matches nothing');
    return patterns.value.map((pattern) => ({ kind: 'text', pattern: keyword ? openStart(openEnd(pattern)) : pattern, cased }));
  }

  #networks(text: string, node: Node): readonly Test[] | undefined {
    const texts = this.#modifiers.transforms.includes('expand') ? this.#expanded(text) : { ok: true as const, value: [text] };
    if (!texts.ok) return this.#context.faults.add(node, texts.error);
    if (hasPlaceholder(text) && this.#modifiers.transforms.includes('expand')) this.#context.faults.lint(node, TEXTS_OF_LOAD);
    const tests: Test[] = [];
    for (const each of texts.value) {
      const network = parseNetwork(each);
      if (!network.ok) return this.#context.faults.add(node, network.error);
      tests.push({ kind: 'cidr', network: network.value });
    }
    return tests;
  }

  #expanded(text: string): Result<readonly string[], string> {
    const patterns = textPatterns(text, ['expand'], this.#context.placeholders);
    return patterns.ok
      ? { ok: true, value: patterns.value.map((pattern) => pattern.filter((part) => typeof part === 'string').join('')) }
      : patterns;
  }

  #relation(): Relation {
    const relation = this.#modifiers.transforms.find((name) => name === 'contains' || name === 'startswith' || name === 'endswith');
    return relation === 'contains' || relation === 'startswith' || relation === 'endswith' ? relation : 'equals';
  }
}
