import { Table } from '@mantine/core';
import { Link } from 'react-router';
import { linkToAlerts } from '../../parts/link-to-alerts.ts';
import { whole } from '../../parts/number-text.ts';
import { Empty } from '../../parts/page-state.tsx';

export function People({
  people,
  from,
  to,
}: {
  readonly people: readonly { readonly name: string; readonly count: number }[];
  readonly from: string;
  readonly to: string;
}) {
  if (people.length === 0) return <Empty title="Nobody">No alert of this time names a person.</Empty>;
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Name</Table.Th>
          <Table.Th ta="right">Alerts</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {people.map(({ name, count }) => (
          <Table.Tr key={name}>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>
              <Link to={linkToAlerts({ person: name, from, to })}>{name}</Link>
            </Table.Td>
            <Table.Td ta="right">{whole(count)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
