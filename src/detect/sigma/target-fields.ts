import type { Correlation } from './correlation.ts';
import type { CountingDocument } from './counting-document.ts';
import type { Named, Names, Reference } from './reference.ts';
import type { Rule } from './rule.ts';

/** What is counted, found. */
export type Target = { readonly kind: 'rule'; readonly rule: Rule } | { readonly kind: 'correlation'; readonly correlation: Correlation };

export const idOf = (target: Target): string => (target.kind === 'rule' ? target.rule.id : target.correlation.id);

/** Finds, for each of a document's targets, the paths of the fields it names. */
export class TargetFields<T extends Named> {
  readonly #document: Pick<CountingDocument, 'rules' | 'aliases' | 'faults' | 'taxonomy' | 'logSources'>;
  readonly #targets: readonly Target[];
  readonly #names: Names<T>;
  readonly #aliases: ReadonlyMap<string, readonly (string | undefined)[]>;

  /** `targets`: one for each of the document's rules. */
  constructor(
    document: Pick<CountingDocument, 'rules' | 'aliases' | 'faults' | 'taxonomy' | 'logSources'>,
    targets: readonly Target[],
    names: Names<T>,
  ) {
    this.#document = document;
    this.#targets = targets;
    this.#names = names;
    this.#refuseTwice();
    this.#aliases = this.#readAliases();
  }

  /** For each target, for each name, the paths to try. */
  paths(names: readonly Reference[]): string[][][] {
    return this.#targets.map((target, i) =>
      names.map((name) => [...this.#pathsIn(target, { ...name, text: this.#aliases.get(name.text)?.[i] ?? name.text }, i)]),
    );
  }

  #refuseTwice(): void {
    const { rules, faults } = this.#document;
    const ids = this.#targets.map(idOf);
    ids.forEach((id, i) => {
      if (ids.indexOf(id) < i) faults.add(rules[i]?.node, `\`${rules[i]?.text}\` is there twice, under two names`);
    });
  }

  /** For each alias, for each ref, the field that it stands for. */
  #readAliases(): ReadonlyMap<string, readonly (string | undefined)[]> {
    const { aliases, faults } = this.#document;
    const ids = this.#targets.map(idOf);
    return new Map(
      aliases.map(({ name, node, fields }) => {
        const found = new Map<string, string>();
        for (const { rule, field } of fields) {
          const meant = this.#names.find(rule, faults);
          if (meant === undefined) continue;
          if (ids.includes(meant.id)) found.set(meant.id, field);
          else faults.add(rule.node, `the alias \`${name}\` is for \`${rule.text}\`, which is not in \`rules\``);
        }
        this.#document.rules.forEach(({ text }, i) => {
          if (!found.has(ids[i] ?? '')) faults.add(node, `the alias \`${name}\` does not say which field it stands for in \`${text}\``);
        });
        return [name, ids.map((id) => found.get(id))];
      }),
    );
  }

  /** What another correlation finds has only the fields by which that one groups. */
  #pathsIn(target: Target, { text, node }: Reference, ref: number): readonly string[] {
    const { taxonomy, logSources } = this.#document;
    if (target.kind === 'rule') return logSources.fieldPaths(taxonomy ?? target.rule.taxonomy, target.rule.logsource)(text);
    if (target.correlation.groupNames.includes(text)) return [text];
    const { rules, faults } = this.#document;
    faults.add(node, `the correlation \`${rules[ref]?.text}\` does not group by \`${text}\`, so what it finds has no such field`);
    return [];
  }
}
