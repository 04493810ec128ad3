import { Table, Text } from '@mantine/core';
import type { Rules } from '../../../src/api/contract/rules.ts';
import { Empty } from '../../parts/page-state.tsx';
import { WideTable } from '../../parts/wide-table.tsx';

export function Rejected({ rejected }: { readonly rejected: Rules['rejected'] }) {
  if (rejected.length === 0) return <Empty title="None">Every rule that was found runs.</Empty>;
  return (
    <WideTable minWidth={520} label="Rules that were rejected">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Place</Table.Th>
          <Table.Th>Why</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rejected.map(({ file, line, column, reason }) => (
          <Table.Tr key={`${file}:${line}:${column}:${reason}`}>
            <Table.Td>
              <Text className="mono">
                {file}:{line}:{column}
              </Text>
            </Table.Td>
            <Table.Td>{reason}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}
