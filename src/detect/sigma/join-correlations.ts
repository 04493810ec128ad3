import type { Correlation } from './correlation.ts';
import { canBeMet, isTemporal, readExpression } from './correlation-condition.ts';
import type { CorrelationDocument } from './correlation-document.ts';
import type { Named, Names, Reference } from './reference.ts';
import type { Rule } from './rule.ts';
import { idOf, type Target, TargetFields } from './target-fields.ts';

/** What a correlation may count. */
export type Countable =
  | { readonly kind: 'rule'; readonly rule: Rule }
  | { readonly kind: 'correlation'; readonly document: CorrelationDocument };

/** Joins correlations with what they refer to. Each comes after those it counts; what cannot be joined is a fault of its file. */
export function joinCorrelations(documents: readonly CorrelationDocument[], names: Names<Countable & Named>): Correlation[] {
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

/** One correlation with what it counts. */
class Joining {
  readonly #document: CorrelationDocument;
  readonly #targets: readonly Target[];
  readonly #names: Names<Countable & Named>;

  constructor(document: CorrelationDocument, targets: readonly Target[], names: Names<Countable & Named>) {
    this.#document = document;
    this.#targets = targets;
    this.#names = names;
  }

  correlation(): Correlation | undefined {
    const { faults, text, groups, fields, bounds, type, rules, node } = this.#document;
    const before = faults.found.length;
    const target = new TargetFields(this.#document, this.#targets, this.#names);
    const groupPaths = target.paths(groups);
    const valuePaths = target.paths(fields);
    if (isTemporal(type) && bounds.length > 0 && !canBeMet(bounds, rules.length))
      faults.add(node, `the condition counts different rules, and there are ${rules.length}: it is never true`);
    const expression = text === undefined ? undefined : readExpression(text, this.#calledBy(), faults);
    if (faults.found.length > before) return undefined;
    const { id, version, name, title, level, description, tags, falsepositives, nextSteps, staged, groupBy } = this.#document;
    const { file, line, status, author, timespanMs, percentile, generate } = this.#document;
    const info = { id, version, name, title, level, description, tags, falsepositives, nextSteps, ...(staged && { staged }), groupBy };
    const refs = this.#targets.map((target) => ({ id: idOf(target), kind: target.kind }));
    const counted = { type, refs, groupNames: groupBy, groupPaths, fieldPaths: valuePaths };
    return { ...info, file, line, status, author, ...counted, timespanMs, bounds, percentile, expression, generate };
  }

  /** What a condition in words may call each ref. */
  #calledBy(): string[][] {
    return this.#targets.map((target, i) => {
      const { id, name } = target.kind === 'rule' ? target.rule : target.correlation;
      return [...new Set([this.#document.rules[i]?.text ?? id, id, name])];
    });
  }
}
