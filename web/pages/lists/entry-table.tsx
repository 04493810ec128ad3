import { ActionIcon, Badge, Table, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { deleteEntryEndpoint } from '../../../src/api/contract/lists.ts';
import { call } from '../../data/client.ts';
import { TimeText } from '../../parts/time-text.tsx';
import { WideTable } from '../../parts/wide-table.tsx';
import type { ListAnswer } from './list.tsx';

export interface EntryTableProps {
  readonly list: string;
  readonly entries: ListAnswer['page'];
  readonly mayChange: boolean;
}

export function EntryTable({ list, entries, mayChange }: EntryTableProps) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: (value: string) => call(deleteEntryEndpoint, { params: { name: list }, query: { value } }),
    onSuccess: () => Promise.all(['list', 'lists'].map((key) => queries.invalidateQueries({ queryKey: [key] }))),
    onError: (error) => notifications.show({ color: 'red', title: 'This did not work', message: error.message }),
  });
  return (
    <WideTable minWidth={620} label="Table: entries">
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">Value</Table.Th>
          <Table.Th scope="col">Why</Table.Th>
          <Table.Th scope="col">By</Table.Th>
          <Table.Th scope="col">Since</Table.Th>
          <Table.Th scope="col">Until</Table.Th>
          {mayChange && <Table.Td />}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {entries.map(({ value, reason, author, created_at, expires_at, expired }) => (
          <Table.Tr key={value}>
            <Table.Th scope="row" fw={400} className="mono">
              {value}
            </Table.Th>
            <Table.Td>{reason}</Table.Td>
            <Table.Td>{author}</Table.Td>
            <Table.Td>
              <TimeText iso={created_at} form="ago" />
            </Table.Td>
            <Table.Td>
              {expires_at === undefined ? 'for good' : <TimeText iso={expires_at} />} {expired && <Badge variant="default">expired</Badge>}
            </Table.Td>
            {mayChange && (
              <Table.Td ta="right">
                <Tooltip label="Take it off the list">
                  <ActionIcon variant="subtle" color="gray" aria-label={`Take ${value} off the list`} onClick={() => remove.mutate(value)}>
                    <X size={14} aria-hidden />
                  </ActionIcon>
                </Tooltip>
              </Table.Td>
            )}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}
