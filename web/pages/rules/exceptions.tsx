import { ActionIcon, Anchor, Badge, Table, Text, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { Link } from 'react-router';
import { deleteExceptionEndpoint, type ExceptionJson, listExceptionsEndpoint } from '../../../src/api/contract/exceptions.ts';
import { call } from '../../data/client.ts';
import { may, useSession } from '../../data/session.ts';
import { Empty, Failed, Loading } from '../../parts/page-state.tsx';
import { TimeText } from '../../parts/time-text.tsx';
import { WideTable } from '../../parts/wide-table.tsx';

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
  const queries = useQueryClient();
  const mayChange = may(useSession(), 'rules:write');
  const remove = useMutation({
    mutationFn: (id: string) => call(deleteExceptionEndpoint, { params: { id }, body: {} }),
    onSuccess: () => Promise.all(['exceptions', 'rules'].map((key) => queries.invalidateQueries({ queryKey: [key] }))),
    onError: (error) => notifications.show({ color: 'red', title: 'This did not work', message: error.message }),
  });
  return (
    <WideTable minWidth={760} label="Table: exceptions">
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">From</Table.Th>
          <Table.Th scope="col">What</Table.Th>
          <Table.Th scope="col">Why</Table.Th>
          <Table.Th scope="col">By</Table.Th>
          <Table.Th scope="col">Since</Table.Th>
          <Table.Th scope="col">Until</Table.Th>
          {mayChange && <Table.Td />}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {exceptions.map((each) => (
          <Table.Tr key={each.id}>
            <Table.Th scope="row" fw={400}>
              <Narrowed exception={each} />
            </Table.Th>
            <Table.Td>
              <pre className="exception-text">{each.selection}</pre>
              {each.fault !== undefined && <Text fz="sm">It does not hold: {each.fault}</Text>}
            </Table.Td>
            <Table.Td>{each.reason}</Table.Td>
            <Table.Td>{each.author}</Table.Td>
            <Table.Td>
              <TimeText iso={each.created_at} form="ago" />
            </Table.Td>
            <Table.Td>
              {each.expires_at === undefined ? 'for good' : <TimeText iso={each.expires_at} />}{' '}
              {each.expired && <Badge variant="default">expired</Badge>}
            </Table.Td>
            {mayChange && (
              <Table.Td ta="right">
                <Tooltip label="End the exception">
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={`End the exception: ${each.reason}`}
                    onClick={() => remove.mutate(each.id)}
                  >
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

function Narrowed({ exception: { rules, narrowed } }: { readonly exception: ExceptionJson }) {
  if (rules === 'any') return <>every rule</>;
  if (narrowed.length === 0) return <Text c="dimmed">{rules.join(', ')}</Text>;
  return narrowed.map(({ id, name }) => (
    <Anchor key={id} component={Link} to={`/rules/${encodeURIComponent(id)}`} fz="sm" display="block">
      {name}
    </Anchor>
  ));
}
