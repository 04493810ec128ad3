import { storable } from '../lib/storable-text.ts';
import type { RuleInfo } from '../model/detection.ts';
import type { AlertRow } from '../store/state/state.ts';

export type Opening = Pick<AlertRow, 'id' | 'kind' | 'episode_key' | 'first_at' | 'last_at' | 'opened_at'> & {
  readonly rule: Pick<RuleInfo, 'id' | 'version' | 'name' | 'title' | 'level' | 'tags' | 'nextSteps'>;
  readonly group: Readonly<Record<string, string>>;
};

/** An alert that nobody has looked at, without events as yet. */
export const newAlert = ({ rule, group, ...row }: Opening): AlertRow => ({
  ...row,
  rule_id: rule.id,
  rule_version: rule.version,
  rule_name: storable(rule.name),
  title: storable(rule.title),
  level: rule.level,
  group_values: JSON.stringify(group),
  count: 0,
  late_count: 0,
  told: '[]',
  tags: JSON.stringify(rule.tags),
  next_steps: JSON.stringify(rule.nextSteps),
  state: 'open',
  assignee: null,
  snoozed_until: null,
  snoozed_count: null,
  resolution: null,
  acknowledged_at: null,
  resolved_at: null,
  changed_at: row.opened_at,
  changes: 0,
  details: null,
  first_trigger: null,
  last_trigger: null,
  part_of: null,
  found_by: null,
  former_first: null,
  former_last: null,
});
