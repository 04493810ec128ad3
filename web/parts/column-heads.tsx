import { Table } from '@mantine/core';

/** What the columns of a table hold; `withActions`: and one of buttons, which needs no name. */
export function ColumnHeads({ names, withActions = false }: { readonly names: readonly string[]; readonly withActions?: boolean }) {
  return (
    <Table.Thead>
      <Table.Tr>
        {names.map((name) => (
          <Table.Th key={name} scope="col">
            {name}
          </Table.Th>
        ))}
        {withActions && <Table.Td />}
      </Table.Tr>
    </Table.Thead>
  );
}
