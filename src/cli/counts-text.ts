import type { LoadedRules } from '../detect/sigma/load.ts';

type Counted = Pick<LoadedRules, 'rules' | 'correlations' | 'baselines' | 'silences'>;

/** What was loaded, such as `12 rules`, `3 correlations`: of each kind that there is. */
export const countTexts = ({ rules, correlations, baselines, silences }: Counted): string[] => [
  countText(rules.length, 'rule'),
  ...[countText(correlations.length, 'correlation'), countText(baselines.length, 'baseline'), countText(silences.length, 'silence')].filter(
    (text) => !text.startsWith('0 '),
  ),
];

export const countText = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
