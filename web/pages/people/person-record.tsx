import { Anchor, Group, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { z } from 'zod';
import type { onePersonEndpoint } from '../../../src/api/contract/people.ts';
import { Panel } from '../../parts/panel.tsx';
import { linkToPerson } from './link-to-person.ts';

type PersonAnswer = z.output<typeof onePersonEndpoint.answer>;

/** What the directory says, and under which names their events are looked for. */
export function PersonRecord({ about: { person, names, manager, reports } }: { readonly about: PersonAnswer }) {
  const rows: (readonly [string, ReactNode])[] = [
    [
      'Known as',
      <span className="mono" key="names">
        {names.join(', ')}
      </span>,
    ],
    ['Mail', person?.emails.join(', ')],
    ['Manager', manager ? <Person key={manager.id} {...manager} /> : person?.manager],
    [
      'Reports',
      reports.length > 0 && (
        <Group gap="xs">
          {reports.map((each) => (
            <Person key={each.id} {...each} />
          ))}
        </Group>
      ),
    ],
    ['Groups', person?.groups.join(', ')],
    ['From', person?.sources.join(', ')],
  ];
  return (
    <Panel title="Directory">
      {person === undefined && (
        <Text fz="sm" mb="xs">
          No person of the directory has this name. All events with it are here all the same.
        </Text>
      )}
      <Table variant="vertical" layout="fixed" withRowBorders={false}>
        <Table.Tbody>
          {rows
            .filter(([, value]) => Boolean(value))
            .map(([label, value]) => (
              <Table.Tr key={label}>
                <Table.Th scope="row" w={100}>
                  {label}
                </Table.Th>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>{value}</Table.Td>
              </Table.Tr>
            ))}
        </Table.Tbody>
      </Table>
    </Panel>
  );
}

const Person = ({ id, display_name }: { readonly id: string; readonly display_name: string }) => (
  <Anchor component={Link} to={linkToPerson(id)}>
    {display_name}
  </Anchor>
);
