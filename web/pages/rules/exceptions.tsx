import { Anchor, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { deleteExceptionEndpoint, type ExceptionJson, listExceptionsEndpoint } from '../../../src/api/contract/exceptions.ts';
import { call } from '../../data/client.ts';
import { may, useSession } from '../../data/session.ts';
import { KeptTable } from '../../parts/kept-table.tsx';
import { Empty, Failed, Loading } from '../../parts/page-state.tsx';

export const useExceptions = () =>
  useQuery({ queryKey: ['exceptions'], queryFn: ({ signal }) => call(listExceptionsEndpoint, { signal }) });

/** What people have excepted from rules, with why, by whom and until when. */
export function Exceptions() {
  const { data, error, isPending, refetch } = useExceptions();
  if (isPending) return <Loading what="the exceptions" />;
  if (error !== null) return <Failed error={error} retry={() => void refetch()} />;
  if (data.exceptions.length === 0)
    return <Empty title="Nothing is excepted">An alert has a button “Except this”, for what is known and harmless.</Empty>;
  return <ExceptionTable exceptions={data.exceptions} />;
}

function ExceptionTable({ exceptions }: { readonly exceptions: readonly ExceptionJson[] }) {
  const mayChange = may(useSession(), 'rules:write');
  return (
    <KeptTable
      label="Table: exceptions"
      minWidth={760}
      rows={exceptions}
      keyOf={({ id }) => id}
      heads={['From', 'What']}
      cells={(exception) => (
        <>
          <Table.Th scope="row" fw={400}>
            <Narrowed exception={exception} />
          </Table.Th>
          <Table.Td>
            <pre className="exception-text">{exception.selection}</pre>
            {exception.fault !== undefined && <Text fz="sm">It does not hold: {exception.fault}</Text>}
          </Table.Td>
        </>
      )}
      removal={{
        isAllowed: mayChange,
        label: 'End the exception',
        labelOf: ({ reason }) => `End the exception: ${reason}`,
        remove: ({ id }) => call(deleteExceptionEndpoint, { params: { id }, body: {} }),
        queries: ['exceptions', 'rules'],
      }}
    />
  );
}

function Narrowed({ exception: { rules, narrowed } }: { readonly exception: ExceptionJson }) {
  if (rules === 'any') return <>every rule</>;
  if (narrowed.length === 0) return <Text c="dimmed">{rules.join(', ')}</Text>;
  return narrowed.map(({ id, name }) => (
    <Anchor key={id} component={Link} to={`/rules/${encodeURIComponent(id)}`} fz="sm" display="block">
      {name}
    </Anchor>
  ));
}
