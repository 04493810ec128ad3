import { Anchor, Button, Table } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { whole } from '../../parts/number-text.ts';
import { Empty } from '../../parts/page-state.tsx';
import { Panel } from '../../parts/panel.tsx';
import { TimeText } from '../../parts/time-text.tsx';

export interface Seen {
  readonly value: string;
  readonly count: number;
  readonly first: string;
  readonly last: string;
}

export interface SeenTableProps {
  readonly title: string;
  readonly about?: string;
  readonly seen: readonly Seen[];
  /** The explorer with the events that have the value. */
  readonly linkOf: (value: string) => string;
  /** What it takes for this to be filled. */
  readonly hint?: string;
}

const FEW = 8;

/** Values with how often, since when and until when they were seen. */
export function SeenTable({ title, about, seen, linkOf, hint }: SeenTableProps) {
  const [all, setAll] = useState(false);
  const shown = all ? seen : seen.slice(0, FEW);
  return (
    <Panel title={title} {...(about !== undefined && { about })}>
      {seen.length === 0 && <Empty title="None">{hint ?? 'No event of this time says.'}</Empty>}
      {seen.length > 0 && (
        <Table.ScrollContainer minWidth={360} type="native" tabIndex={0} role="region" aria-label={`Table: ${title}`}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">Value</Table.Th>
                <Table.Th scope="col" ta="right">
                  Events
                </Table.Th>
                <Table.Th scope="col">First</Table.Th>
                <Table.Th scope="col">Last</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {shown.map(({ value, count, first, last }) => (
                <Table.Tr key={value}>
                  <Table.Th scope="row" fw={400} style={{ overflowWrap: 'anywhere' }}>
                    <Anchor component={Link} to={linkOf(value)}>
                      {value}
                    </Anchor>
                  </Table.Th>
                  <Table.Td ta="right">{whole(count)}</Table.Td>
                  <Table.Td>
                    <TimeText iso={first} form="ago" />
                  </Table.Td>
                  <Table.Td>
                    <TimeText iso={last} form="ago" />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {seen.length > FEW && (
        <Button size="compact-xs" variant="subtle" color="gray" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Fewer' : `All ${seen.length}`}
        </Button>
      )}
    </Panel>
  );
}
