import type { Bound, Correlation, Expression } from './sigma/correlation.ts';

/** A correlation with one thing in it wrong, as an author could have written it. */
export interface CorrelationMutant {
  readonly what: string;
  readonly correlation: Correlation;
}

/** Each number one more and one less, the time a tenth and ten times, each rule left out, the groups, the order, and each part of a written condition. */
export function correlationMutants(correlation: Correlation): CorrelationMutant[] {
  const { bounds, timespanMs, refs, groupNames, expression, type } = correlation;
  const mutant = (what: string, change: Partial<Correlation>): CorrelationMutant => ({ what, correlation: { ...correlation, ...change } });
  return [
    ...bounds.flatMap((bound, i) =>
      otherNumbers(correlation, bound).map((number) => mutant(`${bound.op}: ${number}`, { bounds: bounds.with(i, { ...bound, number }) })),
    ),
    mutant('a tenth of the time', { timespanMs: timespanMs / 10 }),
    mutant('ten times the time', { timespanMs: timespanMs * 10 }),
    ...(refs.length > 1 && expression === undefined ? refs.map(({ id }, i) => mutant(`left out: ${id}`, withoutRef(correlation, i))) : []),
    ...(groupNames.length > 0 ? [mutant('left out: group-by', { groupNames: [], groupPaths: refs.map(() => []) })] : []),
    ...(type === 'temporal_ordered' ? [mutant('in any order', { type: 'temporal' })] : []),
    ...(expression === undefined
      ? []
      : otherExpressions(expression).map(({ what, expression: other }) => mutant(what, { expression: other }))),
  ];
}

/** One more or less of what is counted; of sums and the like, which go by other steps, half and double. */
function otherNumbers({ type }: Correlation, { number }: Bound): number[] {
  const counts = type === 'event_count' || type === 'value_count' || type === 'temporal' || type === 'temporal_ordered';
  return counts ? [number - 1, number + 1] : [number / 2, number * 2];
}

const withoutRef = ({ refs, groupPaths, fieldPaths }: Correlation, i: number): Partial<Correlation> => ({
  refs: refs.toSpliced(i, 1),
  groupPaths: groupPaths.toSpliced(i, 1),
  fieldPaths: fieldPaths.toSpliced(i, 1),
});

type Other = { readonly what: string; readonly expression: Expression };

/** Each part of an AND or OR left out, and each negation. */
function otherExpressions(expression: Expression, wrap: (inner: Expression) => Expression = (inner) => inner): Other[] {
  if (expression.kind === 'ref') return [];
  if (expression.kind === 'not')
    return [
      { what: 'left out: not', expression: wrap(expression.child) },
      ...otherExpressions(expression.child, (child) => wrap({ kind: 'not', child })),
    ];
  const { kind, children } = expression;
  return children.flatMap((child, i) => {
    const rest = children.toSpliced(i, 1);
    const [only] = rest;
    const left = rest.length === 1 && only !== undefined ? only : { kind, children: rest };
    return [
      { what: `left out: part ${i + 1} of ${kind}`, expression: wrap(left) },
      ...otherExpressions(child, (changed) => wrap({ kind, children: children.with(i, changed) })),
    ];
  });
}
