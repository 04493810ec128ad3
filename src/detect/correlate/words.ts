import { durationText } from '../../model/duration-text.ts';
import type { Bound, Correlation, Expression } from '../sigma/correlation.ts';

/** What a correlation looks for, as a person would say it. `titleOf`: of what it counts, by id. */
export function correlationWords(correlation: Correlation, titleOf: (id: string) => string): string {
  const titles = correlation.refs.map(({ id }) => `“${titleOf(id)}”`);
  const within = `within ${durationText(correlation.timespanMs / 1000)}`;
  const { groupNames } = correlation;
  const each = groupNames.length === 0 ? '' : `, for each ${list(groupNames, 'and')}`;
  return `${what(correlation, titles)} ${within}${each}`;
}

/** The condition alone, such as `at least 5`; empty where everything counted must be there. */
export const conditionWords = ({ bounds, expression, refs }: Correlation, titleOf: (id: string) => string): string =>
  expression === undefined ? boundsWords(bounds) : expressionWords(expression, (ref) => `“${titleOf(refs[ref]?.id ?? '')}”`);

/** The fields whose values it counts or reckons with; empty where there are none. */
export const fieldWords = ({ fieldPaths }: Correlation): string =>
  list(
    (fieldPaths[0] ?? []).map(([path = '']) => path),
    'and',
  );

function what(correlation: Correlation, titles: readonly string[]): string {
  const { type, bounds, expression, percentile } = correlation;
  const count = boundsWords(bounds);
  const of = list(titles, 'or');
  const field = fieldWords(correlation);
  switch (type) {
    case 'event_count':
      return `${count} events of ${of}`;
    case 'value_count':
      return `${count} different values of ${field} in ${of}`;
    case 'value_sum':
      return `a sum of ${field} of ${count} in ${of}`;
    case 'value_avg':
      return `a mean of ${field} of ${count} in ${of}`;
    case 'value_median':
      return `a median of ${field} of ${count} in ${of}`;
    case 'value_percentile':
      return `a percentile ${percentile} of ${field} of ${count} in ${of}`;
    case 'temporal':
    case 'temporal_ordered': {
      if (expression !== undefined) return expressionWords(expression, (ref) => titles[ref] ?? '');
      if (bounds.length > 0) return `${count} of ${list(titles, 'and')}${type === 'temporal_ordered' ? ' in this order' : ''}`;
      return type === 'temporal' ? list(titles, 'and') : titles.join(', then ');
    }
  }
}

const BOUNDS: Readonly<Record<Bound['op'], string>> = {
  gt: 'more than',
  gte: 'at least',
  lt: 'less than',
  lte: 'at most',
  eq: 'exactly',
  neq: 'anything but',
};

const boundsWords = (bounds: readonly Bound[]): string => bounds.map(({ op, number }) => `${BOUNDS[op]} ${number}`).join(' and ');

function expressionWords(expression: Expression, nameOf: (ref: number) => string): string {
  if (expression.kind === 'ref') return nameOf(expression.ref);
  if (expression.kind === 'not') return `no ${expressionWords(expression.child, nameOf)}`;
  const parts = expression.children.map((child) =>
    child.kind === 'and' || child.kind === 'or' ? `(${expressionWords(child, nameOf)})` : expressionWords(child, nameOf),
  );
  return parts.join(` ${expression.kind} `);
}

const list = (items: readonly string[], word: 'and' | 'or'): string =>
  items.length <= 2 ? items.join(` ${word} `) : `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`;
