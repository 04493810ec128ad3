import type { Rule } from '../../detect/sigma/rule.ts';
import type { Backtest } from '../../model/backtest.ts';

/** What is known of lists in the past. */
export interface PastLists {
  /** What a rule asks of lists, and since when. */
  since(rule: Rule): Backtest['listsOfToday'];
  /** The rule as it is to be asked about events of the past. */
  forThePast(rule: Rule): Rule;
}

/** By when events came in, which is not before they happened but for wrong clocks. */
export function listsOfToday(lists: PastLists, rules: readonly Rule[], searchedFrom: number): Backtest['listsOfToday'] {
  const asked = new Map(rules.flatMap((rule) => lists.since(rule)).map((question) => [question.name, question]));
  return [...asked.values()].filter(({ since }) => since === undefined || since > searchedFrom);
}
