import { Table } from '@mantine/core';
import { deleteEntryEndpoint } from '../../../src/api/contract/lists.ts';
import { call } from '../../data/client.ts';
import { KeptTable } from '../../parts/kept-table.tsx';
import type { ListAnswer } from './list.tsx';

export interface EntryTableProps {
  readonly list: string;
  readonly entries: ListAnswer['page'];
  readonly mayChange: boolean;
}

export function EntryTable({ list, entries, mayChange }: EntryTableProps) {
  return (
    <KeptTable
      label="Table: entries"
      minWidth={620}
      rows={entries}
      keyOf={({ value }) => value}
      heads={['Value']}
      cells={({ value }) => (
        <Table.Th scope="row" fw={400} className="mono">
          {value}
        </Table.Th>
      )}
      removal={{
        isAllowed: mayChange,
        label: 'Take it off the list',
        labelOf: ({ value }) => `Take ${value} off the list`,
        remove: ({ value }) => call(deleteEntryEndpoint, { params: { name: list }, query: { value } }),
        queries: ['list', 'lists'],
      }}
    />
  );
}
