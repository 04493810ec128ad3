import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Search, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import type { z } from 'zod';
import { deleteListEndpoint, oneListEndpoint } from '../../../src/api/contract/lists.ts';
import { call } from '../../data/client.ts';
import { may, useSession } from '../../data/session.ts';
import { linkToEvents } from '../../parts/link-to-events.ts';
import { whole } from '../../parts/number-text.ts';
import { PageHead } from '../../parts/page-head.tsx';
import { Empty, Failed, Loading } from '../../parts/page-state.tsx';
import { Panel } from '../../parts/panel.tsx';
import { AddEntries } from './add-entries.tsx';
import { EntryTable } from './entry-table.tsx';
import { KINDS, listQuery } from './kinds.ts';

export type ListAnswer = z.output<typeof oneListEndpoint.answer>;

/** One list with its entries. */
export function OneList() {
  const { name = '' } = useParams();
  const [text, setText] = useState('');
  const [q] = useDebouncedValue(text.trim(), 250);
  const session = useSession();
  const list = useInfiniteQuery({
    queryKey: ['list', name, q],
    initialPageParam: '0',
    placeholderData: keepPreviousData,
    queryFn: ({ signal, pageParam }) => call(oneListEndpoint, { params: { name }, query: { q, cursor: pageParam }, signal }),
    getNextPageParam: ({ cursor }) => cursor,
  });
  const about = list.data?.pages[0];
  if (list.isPending) return <Loading what="the list" />;
  if (list.error || about === undefined) {
    return list.error && <Failed error={list.error} retry={() => void list.refetch()} />;
  }
  const isOurs = about.file === undefined && may(session, 'lists:write');
  const entries = list.data.pages.flatMap(({ page }) => page);
  return (
    <>
      <PageHead title={about.name} about={about.reason}>
        <Button component={Link} to={linkToEvents({ q: listQuery(name) })} variant="default" leftSection={<Search size={14} aria-hidden />}>
          Events on it
        </Button>
        {isOurs && <DeleteList list={about} />}
      </PageHead>
      <Stack gap="md">
        <Text fz="sm">
          {KINDS[about.kind].name}
          {about.fields.length > 0 && ` in ${about.fields.join(', ')}`}, by {about.author}.
          {about.file !== undefined && ` It is read from ${about.file}: change it there.`}
        </Text>
        {isOurs && <AddEntries list={about} />}
        <Panel title="Entries" about={`${whole(about.found)} of ${whole(about.entries)}`}>
          <TextInput
            w={280}
            mb="sm"
            aria-label="Find an entry"
            placeholder="Value, reason or author"
            leftSection={<Search size={14} aria-hidden />}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          {entries.length === 0 && (
            <Empty title="No entries">{q === '' ? 'The list is empty: nothing matches it.' : 'None has this text.'}</Empty>
          )}
          {entries.length > 0 && <EntryTable list={about.name} entries={entries} mayChange={isOurs} />}
          {list.hasNextPage && (
            <Button variant="default" mt="sm" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              Show more
            </Button>
          )}
        </Panel>
      </Stack>
    </>
  );
}

function DeleteList({ list: { name, entries } }: { readonly list: ListAnswer }) {
  const [asking, setAsking] = useState(false);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => call(deleteListEndpoint, { params: { name } }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['lists'] });
      await navigate('/lists');
    },
  });
  return (
    <>
      <Button variant="default" leftSection={<Trash2 size={14} aria-hidden />} onClick={() => setAsking(true)}>
        Delete
      </Button>
      <Modal opened={asking} onClose={() => setAsking(false)} title={`Delete ${name}`}>
        <Stack gap="sm">
          {error && <Failed error={error} />}
          <Text>
            The list goes with {whole(entries)} entries. Rules that ask for it match nothing any more; events keep what was added to them.
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setAsking(false)}>
              Keep it
            </Button>
            <Button color="red" loading={isPending} onClick={() => mutate()}>
              Delete the list
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
