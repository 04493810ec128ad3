import { Text } from '@mantine/core';
import { Link } from 'react-router';
import type { RuleActivity, Rules } from '../../../src/api/contract/rules.ts';
import { linkToEvents } from '../../parts/link-to-events.ts';
import { whole } from '../../parts/number-text.ts';
import { Empty } from '../../parts/page-state.tsx';
import { hitsById, queryOfRule } from './use-rules.ts';
import './rules.css';

/** Tactics as columns, techniques below them. A technique leads to the events that its rules matched. */
export function Coverage({
  coverage,
  rules,
  activity,
}: {
  readonly coverage: Rules['coverage'];
  readonly rules: Rules['rules'];
  readonly activity: RuleActivity | undefined;
}) {
  const hits = hitsById(activity);
  const titles = new Map(rules.map(({ id, title }) => [id, title]));
  if (coverage.length === 0) return <Empty title="No rule names a tactic">Tags such as attack.credential-access in a rule do.</Empty>;
  return (
    <div className="coverage">
      {coverage.map(({ tactic, name, techniques }) => (
        <section key={tactic} aria-label={name}>
          <Text fw={600} fz="sm" component="h3" m={0}>
            {name}
          </Text>
          <Text fz="xs" c="dimmed" mb={6}>
            {techniques.length} {techniques.length === 1 ? 'technique' : 'techniques'}
          </Text>
          {techniques.map(({ id, name: called, rules: members }) => {
            const count = hits && members.reduce((sum, rule) => sum + (hits.get(rule)?.month ?? 0), 0);
            const q = members.map(queryOfRule).join(' OR ');
            return (
              <Link
                key={id}
                className="technique"
                data-hits={count !== undefined && count > 0}
                to={linkToEvents({ q, from: 'now-30d', to: 'now' })}
                title={members.map((rule) => titles.get(rule) ?? rule).join('\n')}
              >
                <span>
                  <b>{id}</b> {called ?? ''}
                </span>
                <span>
                  {members.length} {members.length === 1 ? 'rule' : 'rules'}
                  {count === undefined ? '' : `, ${whole(count)} ${count === 1 ? 'hit' : 'hits'}`}
                </span>
              </Link>
            );
          })}
        </section>
      ))}
    </div>
  );
}
