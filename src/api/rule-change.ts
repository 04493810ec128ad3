import { ALL_DATASETS, type Caller } from './caller.ts';
import type { ApiDeps, RunningRule } from './deps.ts';
import { ApiProblem } from './problem.ts';

/** A rule that runs, by id or name. */
export const ruleNamed = ({ rules }: Pick<ApiDeps, 'rules'>, named: string): RunningRule | undefined =>
  rules().rules.find(({ id, name }) => id === named.toLowerCase() || name === named);

/** What is changed about a rule counts for everybody's events: who sees only some could hide what they have never seen. */
export function demandAllDatasets({ datasets }: Caller): void {
  if (ALL_DATASETS.every((each) => datasets.includes(each))) return;
  throw new ApiProblem(403, 'EAR_API_SCOPE', 'Rules are changed for all datasets: only who may see all of them may do that.');
}
