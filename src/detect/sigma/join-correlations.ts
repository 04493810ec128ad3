import type { Correlation } from './correlation.ts';
import { canBeMet, isTemporal, readExpression } from './correlation-condition.ts';
import type { CorrelationDocument } from './correlation-document.ts';
import type { Names, Reference } from './reference.ts';
import type { Rule } from './rule.ts';
import { fieldPaths } from './taxonomy.ts';

/** What a correlation may count. */
export type Countable =
  | { readonly kind: 'rule'; readonly rule: Rule }
  | { readonly kind: 'correlation'; readonly document: CorrelationDocument };

type Target = { readonly kind: 'rule'; readonly rule: Rule } | { readonly kind: 'correlation'; readonly correlation: Correlation };

/** Joins correlations with what they refer to. Each comes after those it counts; what cannot be joined is a fault of its file. */
export function joinCorrelations(documents: readonly CorrelationDocument[], names: Names<Countable & NamedCountable>): Correlation[] {
  const joined = new Map<CorrelationDocument, Correlation | undefined>();
  const path: CorrelationDocument[] = [];
  const visit = (document: CorrelationDocument): Correlation | undefined => {
    if (joined.has(document)) return joined.get(document);
    path.push(document);
    const targets = document.rules.map((reference) => targetOf(document, reference));
    path.pop();
    const sound = targets.every((target) => target !== undefined);
    const correlation = sound ? new Joining(document, targets, names).correlation() : undefined;
    joined.set(document, correlation);
    return correlation;
  };
  const targetOf = (document: CorrelationDocument, reference: Reference): Target | undefined => {
    const found = names.find(reference, document.faults);
    if (found === undefined || found.kind === 'rule') return found;
    const at = path.indexOf(found.document);
    if (at >= 0) {
      const round = [...path.slice(at), found.document].map(({ name }) => name);
      return document.faults.add(reference.node, `a correlation cannot count itself: ${round.join(' counts ')}`);
    }
    const correlation = visit(found.document);
    if (correlation !== undefined) return { kind: 'correlation', correlation };
    return document.faults.add(reference.node, `the correlation \`${reference.text}\`, which this one counts, was rejected`);
  };
  for (const document of documents) visit(document);
  return [...joined.values()].filter((each) => each !== undefined);
}

type NamedCountable = { readonly id: string; readonly name: string; readonly sigmaName: string | undefined; readonly file: string };

const idOf = (target: Target): string => (target.kind === 'rule' ? target.rule.id : target.correlation.id);

/** One correlation with what it counts. */
class Joining {
  readonly #document: CorrelationDocument;
  readonly #targets: readonly Target[];
  readonly #names: Names<Countable & NamedCountable>;

  constructor(document: CorrelationDocument, targets: readonly Target[], names: Names<Countable & NamedCountable>) {
    this.#document = document;
    this.#targets = targets;
    this.#names = names;
  }

  correlation(): Correlation | undefined {
    const { faults, text, groups, fields, bounds, type, rules, node } = this.#document;
    const before = faults.found.length;
    this.#refuseTwice();
    const aliases = this.#aliases();
    const groupPaths = this.#paths(groups, aliases);
    const valuePaths = this.#paths(fields, aliases);
    if (isTemporal(type) && bounds.length > 0 && !canBeMet(bounds, rules.length))
      faults.add(node, `the condition counts different rules, and there are ${rules.length}: it is never true`);
    const expression = text === undefined ? undefined : readExpression(text, this.#calledBy(), faults);
    if (faults.found.length > before) return undefined;
    const { id, version, name, title, level, description, tags, falsepositives, nextSteps, groupBy } = this.#document;
    const { file, line, timespanMs, percentile, generate } = this.#document;
    const info = { id, version, name, title, level, description, tags, falsepositives, nextSteps, groupBy };
    const refs = this.#targets.map((target) => ({ id: idOf(target), kind: target.kind }));
    const counted = { type, refs, groupNames: groupBy, groupPaths, fieldPaths: valuePaths };
    return { ...info, file, line, ...counted, timespanMs, bounds, percentile, expression, generate };
  }

  #refuseTwice(): void {
    const { rules, faults } = this.#document;
    const ids = this.#targets.map(idOf);
    ids.forEach((id, i) => {
      if (ids.indexOf(id) < i) faults.add(rules[i]?.node, `\`${rules[i]?.text}\` is there twice, under two names`);
    });
  }

  /** What a condition in words may call each ref. */
  #calledBy(): string[][] {
    return this.#targets.map((target, i) => {
      const { id, name } = target.kind === 'rule' ? target.rule : target.correlation;
      return [...new Set([this.#document.rules[i]?.text ?? id, id, name])];
    });
  }

  /** For each alias, for each ref, the field that it stands for. */
  #aliases(): ReadonlyMap<string, readonly (string | undefined)[]> {
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

  #paths(names: readonly Reference[], aliases: ReadonlyMap<string, readonly (string | undefined)[]>): string[][][] {
    return this.#targets.map((target, i) =>
      names.map((name) => [...this.#pathsIn(target, { ...name, text: aliases.get(name.text)?.[i] ?? name.text }, i)]),
    );
  }

  /** What another correlation finds has only the fields by which that one groups. */
  #pathsIn(target: Target, { text, node }: Reference, ref: number): readonly string[] {
    if (target.kind === 'rule') return fieldPaths(this.#document.taxonomy ?? target.rule.taxonomy, target.rule.logsource)(text);
    if (target.correlation.groupNames.includes(text)) return [text];
    const { rules, faults } = this.#document;
    faults.add(node, `the correlation \`${rules[ref]?.text}\` does not group by \`${text}\`, so what it finds has no such field`);
    return [];
  }
}
