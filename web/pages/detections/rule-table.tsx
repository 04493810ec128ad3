import { Anchor, Table } from '@mantine/core';
import { Link } from 'react-router';
import type { DetectedRuleJson } from '../../../src/api/contract/detections.ts';
import { LevelBadge } from '../../parts/level-badge.tsx';
import { linkToEvents } from '../../parts/link-to-events.ts';
import { whole } from '../../parts/number-text.ts';
import { TimeText } from '../../parts/time-text.tsx';

export interface RuleTableProps {
  readonly rules: readonly DetectedRuleJson[];
  readonly range: { readonly from: string; readonly to: string };
}

/** Rules by how much they hit, with a bar for the eye; the count leads to the events, the title to the rule. */
export function RuleTable({ rules, range }: RuleTableProps) {
  const most = Math.max(...rules.map(({ count }) => count), 1);
  return (
    // Scrolls, so it must be reachable by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: WCAG 2.1.1, a region that scrolls
    <section className="detected-rules" tabIndex={0} aria-label="Rules by events">
      <Table miw={720}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={120}>Level</Table.Th>
            <Table.Th>Rule</Table.Th>
            <Table.Th w={180}>Events</Table.Th>
            <Table.Th ta="right">Usual</Table.Th>
            <Table.Th ta="right">People</Table.Th>
            <Table.Th>ATT&CK</Table.Th>
            <Table.Th>Last</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rules.map((rule) => (
            <Table.Tr key={rule.id}>
              <Table.Td miw={124}>
                <LevelBadge level={rule.level} />
              </Table.Td>
              <Table.Td miw={160}>
                <Anchor component={Link} to={`/rules/${encodeURIComponent(rule.id)}`}>
                  {rule.title}
                </Anchor>
              </Table.Td>
              <Table.Td>
                <Link to={linkToEvents({ q: rule.q, ...range })} className="rule-bar">
                  <span style={{ width: `${(rule.count / most) * 100}%` }} aria-hidden />
                  <b>{whole(rule.count)}</b>
                </Link>
              </Table.Td>
              <Table.Td ta="right">{usualText(rule.usual)}</Table.Td>
              <Table.Td ta="right">{whole(rule.people)}</Table.Td>
              <Table.Td>{rule.techniques.join(', ')}</Table.Td>
              <Table.Td>
                <TimeText iso={rule.last_at} form="ago" />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

export const usualText = (usual: number): string => (usual === 0 ? 'none' : usual < 1 ? 'below 1' : whole(Math.round(usual)));
