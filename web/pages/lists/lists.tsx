import { Anchor, Badge, Button, List, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { ListPlus } from 'lucide-react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import type { z } from 'zod';
import { listListsEndpoint } from '../../../src/api/contract/lists.ts';
import { call } from '../../data/client.ts';
import { may, useSession } from '../../data/session.ts';
import { linkToEvents } from '../../parts/link-to-events.ts';
import { whole } from '../../parts/number-text.ts';
import { PageHead } from '../../parts/page-head.tsx';
import { Empty, Failed, Loading } from '../../parts/page-state.tsx';
import { Panel } from '../../parts/panel.tsx';
import { WideTable } from '../../parts/wide-table.tsx';
import { KINDS, listQuery } from './kinds.ts';
import { NewList } from './new-list.tsx';
import { TrustedElsewhere } from './trusted-elsewhere.tsx';

type ListsAnswer = z.output<typeof listListsEndpoint.answer>;

/** Named lists: what rules and searches ask for by name. */
export function Lists() {
  const [making, setMaking] = useState(false);
  const mayWrite = may(useSession(), 'lists:write');
  const navigate = useNavigate();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['lists'],
    queryFn: ({ signal }) => call(listListsEndpoint, { signal }),
  });
  return (
    <>
      <PageHead title="Lists" about="Networks, programs, accounts and texts by name, for rules and searches: earshot.lists.">
        {mayWrite && (
          <Button leftSection={<ListPlus size={14} aria-hidden />} onClick={() => setMaking(true)}>
            New list
          </Button>
        )}
      </PageHead>
      {isPending && <Loading what="the lists" />}
      {error && <Failed error={error} retry={() => void refetch()} />}
      {data && <Faults faults={data.faults} />}
      {data?.lists.length === 0 && (
        <Empty title="No lists yet">
          Keep the addresses of your offices and VPN here, default accounts, or programs that nobody should use. Lists can also be YAML
          files: name their folder in the settings (<code>lists.folders</code>).
        </Empty>
      )}
      {data && data.lists.length > 0 && <ListTable lists={data.lists} />}
      <TrustedElsewhere />
      {making && <NewList close={() => setMaking(false)} made={(name) => void navigate(`/lists/${name}`)} />}
    </>
  );
}

function ListTable({ lists }: { readonly lists: ListsAnswer['lists'] }) {
  return (
    <WideTable minWidth={640} label="All lists">
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">Name</Table.Th>
          <Table.Th scope="col">Kind</Table.Th>
          <Table.Th scope="col">Why</Table.Th>
          <Table.Th scope="col" ta="right">
            Entries
          </Table.Th>
          <Table.Th scope="col">By</Table.Th>
          <Table.Td />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {lists.map((list) => (
          <Table.Tr key={list.name}>
            <Table.Th scope="row" fw={600}>
              <Anchor component={Link} to={`/lists/${list.name}`}>
                {list.name}
              </Anchor>{' '}
              {list.file !== undefined && <Badge variant="default">from a file</Badge>}
            </Table.Th>
            <Table.Td>{KINDS[list.kind].name}</Table.Td>
            <Table.Td>{list.reason}</Table.Td>
            <Table.Td ta="right">
              {whole(list.entries)}
              {list.expired > 0 && (
                <Text c="dimmed" fz="xs">
                  {whole(list.expired)} expired
                </Text>
              )}
            </Table.Td>
            <Table.Td>{list.author}</Table.Td>
            <Table.Td ta="right">
              <Anchor component={Link} to={linkToEvents({ q: listQuery(list.name) })} fz="sm" aria-label={`Events on ${list.name}`}>
                Events
              </Anchor>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function Faults({ faults }: Pick<ListsAnswer, 'faults'>) {
  if (faults.length === 0) return null;
  return (
    <Panel title="Files that do not count as they are" about="What they held when they were sound still counts.">
      <List fz="sm">
        {faults.slice(0, 20).map(({ file, line, message }) => (
          <List.Item key={`${file} ${line} ${message}`} className="mono">
            {file}:{line}: {message}
          </List.Item>
        ))}
      </List>
    </Panel>
  );
}
