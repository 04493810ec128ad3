import { useQuery } from '@tanstack/react-query';
import { listRulesEndpoint, type RuleActivity, type Rules, ruleActivityEndpoint } from '../../../src/api/contract/rules.ts';
import { durationText } from '../../../src/model/duration-text.ts';
import { call } from '../../data/client.ts';
import { whole } from '../../parts/number-text.ts';

export type Rule = Rules['rules'][number];
export type Hits = Extract<RuleActivity['hits'], { ok: true }>['value'][number];
export type RuleAlerts = Extract<RuleActivity['alerts'], { ok: true }>['value']['rules'][number];

const REFRESH_MS = 60_000;

export const useRules = () => useQuery({ queryKey: ['rules'], queryFn: ({ signal }) => call(listRulesEndpoint, { signal }) });

export const useActivity = () =>
  useQuery({
    queryKey: ['rules', 'activity'],
    queryFn: ({ signal }) => call(ruleActivityEndpoint, { signal }),
    refetchInterval: REFRESH_MS,
  });

/** Hits of each rule by its id; undefined where they are not known (yet). */
export const hitsById = (activity: RuleActivity | undefined): ReadonlyMap<string, Hits> | undefined =>
  activity?.hits.ok ? new Map(activity.hits.value.map((each) => [each.rule_id, each])) : undefined;

export const alertsByName = (activity: RuleActivity | undefined): ReadonlyMap<string, RuleAlerts> | undefined =>
  activity?.alerts.ok ? new Map(activity.alerts.value.rules.map((each) => [each.rule_name, each])) : undefined;

/** The search for what a rule matched. Ids are UUIDs. */
export const queryOfRule = (id: string): string => `rule.id:"${id}"`;

/** Since the hub's start, estimated from samples. */
export const costText = ({ cost_secs: seconds }: Pick<Rule, 'cost_secs'>): string => (seconds < 0.001 ? '< 1 ms' : durationText(seconds));

/** Events that cost too much to judge as they came in; undefined where there are none. */
export function deferredText({ deferred, aside }: Pick<Rule, 'deferred' | 'aside'>): string | undefined {
  if (aside) return 'all its events are judged later, as it takes too much time';
  return deferred === 0 ? undefined : `${whole(deferred)} ${deferred === 1 ? 'event was' : 'events were'} judged later`;
}

/** `2 of 5 resolved (40 %)`; undefined where nothing was resolved. */
export function noiseText({ noise, resolved }: RuleAlerts): string | undefined {
  return resolved === 0 ? undefined : `${noise} of ${resolved} (${Math.round((noise / resolved) * 100)} %)`;
}
