import type { Overview } from '../../../src/api/contract/overview.ts';
import { Donut } from '../../parts/donut.tsx';
import { linkToAlerts } from '../../parts/link-to-alerts.ts';
import { Empty } from '../../parts/page-state.tsx';

type Value = Extract<Overview['alerts'], { ok: true }>['value'];

export function AlertTypes({
  alerts: { rules, other_rules: others },
  from,
  to,
}: {
  readonly alerts: Value;
  readonly from: string;
  readonly to: string;
}) {
  if (rules.length === 0) return <Empty title="No alerts">In this time no rule found anything to tell of.</Empty>;
  const titles = new Map(rules.map(({ rule_id: id, title }) => [id, title]));
  return (
    <Donut
      label="Alerts by rule"
      values={rules.map(({ rule_id: value, count }) => ({ value, count }))}
      others={others}
      nameOf={(id) => titles.get(id) ?? id}
      linkOf={(rule) => linkToAlerts({ rule, from, to })}
    />
  );
}
