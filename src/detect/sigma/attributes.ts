import type { Faults } from './fault.ts';
import { derivedId, isUuid } from './identity.ts';
import type { Logsource } from './logsource.ts';
import { TAXONOMY_NAMES, type TaxonomyName } from './taxonomy.ts';
import { attribute, entries, isMap, isScalar, type Node, scalarText, textList, type YAMLMap } from './yaml-document.ts';

/** Reads the attributes that rules, filters and correlations have in common. */
export class Attributes {
  readonly #map: YAMLMap;
  readonly #faults: Faults;

  constructor(map: YAMLMap, faults: Faults) {
    this.#map = map;
    this.#faults = faults;
  }

  text(key: string, required: boolean): string {
    const node = attribute(this.#map, key);
    const text = scalarText(node);
    if (text === undefined && (required || isMap(node))) this.#faults.add(node ?? this.#map, `\`${key}\` is missing, or not text`);
    return text ?? '';
  }

  list(key: string): string[] {
    const node = attribute(this.#map, key);
    if (node === undefined || (isScalar(node) && node.value === null)) return [];
    return textList(node, this.#faults, `\`${key}\``) ?? [];
  }

  oneOf<T extends string>(key: string, allowed: readonly T[]): T | undefined {
    const node = attribute(this.#map, key);
    if (node === undefined) return undefined;
    const text = scalarText(node);
    const found = allowed.find((each) => each === text);
    return found ?? this.#faults.add(node, `\`${key}\` is one of ${allowed.join(', ')}`);
  }

  /** Undefined: there is none. `mapping`: `none` takes names of fields as they are, whatever the document says. */
  taxonomy(mapping: 'none' | undefined): TaxonomyName | undefined {
    const said = this.oneOf('taxonomy', TAXONOMY_NAMES);
    return mapping === 'none' ? 'ecs' : said;
  }

  /** `name`: what an id is made of where there is none. */
  id(name: string): string {
    const node = attribute(this.#map, 'id');
    if (node === undefined) {
      const id = derivedId(name);
      this.#faults.lint(
        this.#map,
        `there is no \`id\`: ${id} is used, which was made of the name \`${name}\` and changes with it; write it down`,
      );
      return id;
    }
    const text = scalarText(node) ?? '';
    if (!isUuid(text)) this.#faults.add(node, '`id` is not a UUID: alerts are kept by it, so it must never change');
    return text.toLowerCase();
  }

  logsource(): Logsource | undefined {
    const node = attribute(this.#map, 'logsource');
    if (!isMap(node)) return this.#faults.add(node ?? this.#map, '`logsource` is missing, or not a map');
    const found: Partial<Record<'product' | 'category' | 'service', string>> = {};
    for (const { key, keyNode, value } of entries(node, this.#faults)) {
      if (key !== 'product' && key !== 'category' && key !== 'service') continue;
      const text = scalarText(value);
      if (text === undefined) this.#faults.add(value ?? keyNode, `\`${key}\` must be text`);
      else found[key] = text.toLowerCase();
    }
    if (Object.keys(found).length === 0) return this.#faults.add(node, '`logsource` needs a product, a category or a service');
    return found;
  }

  /** The part that only Earshot reads: each key with its value. Keys that are not `known` are faults. */
  earshot<K extends string>(known: readonly K[]): Partial<Record<K, Node>> {
    const found: Partial<Record<K, Node>> = {};
    const node = attribute(this.#map, 'earshot');
    const there = known.map((key) => `\`${key}\``).join(' and ');
    if (node === undefined) return found;
    if (!isMap(node)) {
      this.#faults.add(node, `\`earshot\` is a map with ${there}`);
      return found;
    }
    for (const { key, keyNode, value } of entries(node, this.#faults)) {
      const name = known.find((each) => each === key);
      if (name === undefined) this.#faults.add(keyNode, `\`earshot.${key}\` is not known: there are ${there}`);
      else found[name] = value ?? keyNode;
    }
    return found;
  }
}
