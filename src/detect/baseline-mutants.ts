import type { Baseline } from './sigma/baseline.ts';

/** A baseline with one thing in it wrong, as an author could have written it. */
export interface BaselineMutant {
  readonly what: string;
  readonly baseline: Baseline;
}

/** What is told a little sooner and later, each rule, field and other word left out, and the learning. */
export function baselineMutants(baseline: Baseline): BaselineMutant[] {
  const { refs, groupNames, fieldNames, measure, weekdays, since, historyDays, leastDays } = baseline;
  const mutant = (what: string, change: Partial<Baseline>): BaselineMutant => ({ what, baseline: { ...baseline, ...change } });
  return [
    ...(measure === 'new' ? [] : otherNumbers(baseline).map(([what, change]) => mutant(what, change))),
    ...(groupNames.length > 0 ? [mutant('left out: group-by', { groupNames: [], groupPaths: refs.map(() => []) })] : []),
    ...(fieldNames.length > 1 ? fieldNames.map((name, i) => mutant(`left out: ${name}`, withoutField(baseline, i))) : []),
    ...(refs.length > 1 ? refs.map(({ id }, i) => mutant(`left out: ${id}`, withoutRef(baseline, i))) : []),
    ...(weekdays === 'any' ? [] : [mutant('left out: weekdays', { weekdays: 'any' })]),
    ...(since === 'own' ? [] : [mutant('left out: since', { since: 'own' })]),
    ...(leastDays > 1 ? [mutant('least_history: 1d', { leastDays: 1 })] : []),
    ...(historyDays > leastDays && leastDays >= 1 ? [mutant(`history: ${leastDays}d`, { historyDays: leastDays })] : []),
  ];
}

/** Of sums, which go by other steps, half and double. */
function otherNumbers({ measure, factor, margin, against, orEqual, least, leastNorm }: Baseline): [string, Partial<Baseline>][] {
  const steps: [string, Partial<Baseline>][] =
    measure === 'sum'
      ? [factor / 2, factor * 2].map((each) => [`factor: ${each}`, { factor: each }])
      : [margin - 1, margin + 1].map((each) => [`margin: ${each}`, { margin: each }]);
  const without: [string, Partial<Baseline>][] = factor === 1 ? [] : [['left out: factor', { factor: 1 }]];
  const mean: [string, Partial<Baseline>] = ['against: mean', { against: { kind: 'mean', sigmas: 0 } }];
  const max: [string, Partial<Baseline>] = ['against: max', { against: { kind: 'max' } }];
  if (orEqual) without.push(['left out: or_equal', { orEqual: false }]);
  if (least > 0) without.push(['left out: least', { least: 0 }]);
  if (leastNorm > 0) without.push(['left out: least_norm', { leastNorm: 0 }]);
  return [...steps, ...without, ...(against.kind === 'max' ? [mean] : [max])];
}

const withoutRef = ({ refs, groupPaths, fieldPaths }: Baseline, i: number): Partial<Baseline> => ({
  refs: refs.toSpliced(i, 1),
  groupPaths: groupPaths.toSpliced(i, 1),
  fieldPaths: fieldPaths.toSpliced(i, 1),
});

const withoutField = ({ fieldNames, fieldPaths }: Baseline, i: number): Partial<Baseline> => ({
  fieldNames: fieldNames.toSpliced(i, 1),
  fieldPaths: fieldPaths.map((paths) => paths.toSpliced(i, 1)),
});
