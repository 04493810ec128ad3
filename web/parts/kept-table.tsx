import { ActionIcon, Badge, Table, Tooltip } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { ColumnHeads } from './column-heads.tsx';
import { tellFailure } from './tell-failure.ts';
import { TimeText } from './time-text.tsx';
import { WideTable } from './wide-table.tsx';

/** What somebody has put there, for a reason, and perhaps for a time. */
interface Kept {
  readonly reason: string;
  readonly author: string;
  readonly created_at: string;
  readonly expires_at?: string | undefined;
  readonly expired: boolean;
}

export interface KeptTableProps<K extends Kept> {
  /** What it lists. */
  readonly label: string;
  readonly minWidth: number;
  readonly rows: readonly K[];
  readonly keyOf: (row: K) => string;
  /** Heads of the columns before the reason. */
  readonly heads: readonly string[];
  /** The cells under them. */
  readonly cells: (row: K) => ReactNode;
  readonly removal: Removal<K>;
}

/** How one is taken away again. */
export interface Removal<K> {
  readonly isAllowed: boolean;
  readonly label: string;
  readonly labelOf: (row: K) => string;
  readonly remove: (row: K) => Promise<unknown>;
  /** Queries whose answers are others then. */
  readonly queries: readonly string[];
}

/** What people keep, with why, by whom and until when. */
export function KeptTable<K extends Kept>({ label, minWidth, rows, keyOf, heads, cells, removal }: KeptTableProps<K>) {
  return (
    <WideTable minWidth={minWidth} label={label}>
      <ColumnHeads names={[...heads, 'Why', 'By', 'Since', 'Until']} withActions={removal.isAllowed} />
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={keyOf(row)}>
            {cells(row)}
            <Table.Td>{row.reason}</Table.Td>
            <Table.Td>{row.author}</Table.Td>
            <Table.Td>
              <TimeText iso={row.created_at} form="ago" />
            </Table.Td>
            <Table.Td>
              {row.expires_at === undefined ? 'for good' : <TimeText iso={row.expires_at} />}{' '}
              {row.expired && <Badge variant="default">expired</Badge>}
            </Table.Td>
            {removal.isAllowed && (
              <Table.Td ta="right">
                <RemoveButton row={row} removal={removal} />
              </Table.Td>
            )}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function RemoveButton<K>({ row, removal: { label, labelOf, remove, queries } }: { readonly row: K; readonly removal: Removal<K> }) {
  const known = useQueryClient();
  const { mutate } = useMutation({
    mutationFn: () => remove(row),
    onSuccess: () => Promise.all(queries.map((key) => known.invalidateQueries({ queryKey: [key] }))),
    onError: tellFailure,
  });
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" aria-label={labelOf(row)} onClick={() => mutate()}>
        <X size={14} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
