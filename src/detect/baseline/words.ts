import { durationText } from '../../model/duration-text.ts';
import type { Against, Baseline, Every } from '../sigma/baseline.ts';

/** What a baseline looks for, as a person would say it. `titleOf`: of what it counts, by id. */
export function baselineWords(baseline: Baseline, titleOf: (id: string) => string): string {
  const { refs, groupNames, measure, fieldNames, historyDays, leastDays } = baseline;
  const of = list(
    refs.map(({ id }) => `“${titleOf(id)}”`),
    'or',
  );
  const each = groupNames.length === 0 ? 'by anybody' : `for each ${list(groupNames, 'and')}`;
  const once = leastDays < 1 ? durationText(leastDays * 86_400) : `${leastDays}`;
  const history = `in ${historyDays} days, once there are ${once}`;
  if (measure === 'new') return `a ${fieldNames.join(' with ')} that was not there before in ${of}, ${each}, ${history}`;
  return `more ${measureWords(baseline)} of ${of} than ${againstWords(baseline)}, ${each}, ${history}`;
}

/** What is compared, such as `events a day`. */
export function measureWords({ measure, fieldNames, every }: Baseline): string {
  const fields = list(fieldNames, 'and');
  switch (measure) {
    case 'events':
      return `events ${a(every)}`;
    case 'distinct':
      return `different ${fields} ${a(every)}`;
    case 'sum':
      return `of ${fields} ${a(every)}`;
    case 'new':
      return `new ${fields}`;
  }
}

/** What is usual, such as `the most on a day`. */
export function usualWords({ measure, against, every, weekdays }: Baseline): string {
  if (measure === 'new') return 'what was there before';
  if (against.kind === 'previous') return `what the ${spanOf(every)} before had`;
  return `${normWords(against)} ${on(every)}${WEEKDAYS[weekdays]}`;
}

/** What it is measured against: what is usual, and how much more than that it takes. */
function againstWords(baseline: Baseline): string {
  const { measure, factor, margin, orEqual, least, leastNorm } = baseline;
  const norm = usualWords(baseline);
  if (measure === 'new') return norm;
  const more = [
    ...(factor === 1 ? [] : [`${factor} times as many`]),
    ...(margin === 0 ? [] : [`${margin} more`]),
    ...(orEqual ? ['just so many, too'] : []),
    ...(least === 0 ? [] : [`at least ${least}`]),
    ...(leastNorm === 0 ? [] : [`at least ${leastNorm} before`]),
  ];
  return more.length === 0 ? norm : `${norm} (and ${more.join(' and ')})`;
}

const a = (every: Every): string => (typeof every === 'number' ? `in ${spanOf(every)}` : A[every]);
const on = (every: Every): string => (typeof every === 'number' ? `in ${spanOf(every)}` : ON[every]);
const spanOf = (every: Every): string => (typeof every === 'number' ? durationText(every / 1_000) : every);
const A = { hour: 'an hour', day: 'a day', week: 'a week' } as const;
const ON = { hour: 'in an hour', day: 'on a day', week: 'in a week' } as const;
const WEEKDAYS = { any: '', same: ' like this one', workdays: ' of its kind, workday or weekend' } as const;

function normWords(against: Exclude<Against, { kind: 'previous' }>): string {
  if (against.kind === 'max') return 'the most';
  if (against.kind === 'quantile') return `what ${Math.round(against.q * 10_000) / 100} % do not exceed`;
  return against.sigmas === 0 ? 'the mean' : `the mean and ${against.sigmas} standard deviations`;
}

const list = (items: readonly string[], word: 'and' | 'or'): string =>
  items.length <= 2 ? items.join(` ${word} `) : `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`;
