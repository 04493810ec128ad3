import { Alert, Anchor, Button, List, SegmentedControl, SimpleGrid, Table, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Search, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import type { z } from 'zod';
import { listPeopleEndpoint, unknownNamesEndpoint } from '../../../src/api/contract/people.ts';
import { call } from '../../data/client.ts';
import { ColumnHeads } from '../../parts/column-heads.tsx';
import { whole } from '../../parts/number-text.ts';
import { PageHead } from '../../parts/page-head.tsx';
import { Empty, Failed, Loading } from '../../parts/page-state.tsx';
import { Panel } from '../../parts/panel.tsx';
import { linkToName, linkToPerson } from './link-to-person.ts';
import { PersonSigns } from './person-signs.tsx';

type PeopleAnswer = z.output<typeof listPeopleEndpoint.answer>;

const ONLY = [
  { value: '', label: 'All' },
  { value: 'leaving', label: 'Leaving' },
  { value: 'privileged', label: 'Privileged' },
];

/** Everybody whom the directory knows, and the names that it does not. */
export function People() {
  const { q, only, set } = useFilter();
  const [text, setText] = useState(q);
  const search = useDebouncedCallback((wanted: string) => set('q', wanted), 300);
  const people = usePeople(q, only);
  const first = people.data?.pages[0];
  return (
    <>
      <PageHead title="People" about="One person, all names, all systems." />
      <search className="filters">
        <TextInput
          w={280}
          aria-label="Find a person by any name"
          placeholder="Any name, address, title or group"
          leftSection={<Search size={14} aria-hidden />}
          value={text}
          onChange={({ currentTarget: { value } }) => {
            setText(value);
            search(value.trim());
          }}
        />
        <SegmentedControl aria-label="Which persons" data={ONLY} value={only ?? ''} onChange={(value) => set('only', value)} />
      </search>
      {first && <Faults answer={first} />}
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
        <Panel title="In the directory" {...(first && { about: `${whole(first.found)} of ${whole(first.total)} persons` })}>
          {people.isPending && <Loading what="the directory" />}
          {people.error && <Failed error={people.error} retry={() => void people.refetch()} />}
          {people.data && <PeopleTable pages={people.data.pages} q={q} />}
          {people.hasNextPage && (
            <Button variant="default" mt="sm" loading={people.isFetchingNextPage} onClick={() => void people.fetchNextPage()}>
              Show more
            </Button>
          )}
        </Panel>
        <UnknownNames q={q} />
      </SimpleGrid>
    </>
  );
}

function useFilter() {
  const [search, setSearch] = useSearchParams();
  const asked = search.get('only');
  const only = asked === 'leaving' || asked === 'privileged' ? asked : undefined;
  const set = (name: 'q' | 'only', value: string) =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        if (value === '') after.delete(name);
        else after.set(name, value);
        return after;
      },
      { replace: true },
    );
  return { q: search.get('q') ?? '', only, set } as const;
}

const usePeople = (q: string, only: 'leaving' | 'privileged' | undefined) =>
  useInfiniteQuery({
    queryKey: ['people', q, only],
    initialPageParam: '0',
    queryFn: ({ signal, pageParam }) => call(listPeopleEndpoint, { query: { q, cursor: pageParam, ...(only && { only }) }, signal }),
    getNextPageParam: ({ cursor }) => cursor,
  });

function PeopleTable({ pages, q }: { readonly pages: readonly PeopleAnswer[]; readonly q: string }) {
  const people = pages.flatMap((page) => page.people);
  if (people.length === 0 && pages[0]?.total === 0) {
    return (
      <Empty title="The directory is empty">
        Name files of people in the settings (<code>people.files</code>), or let your identity provider fill it over SCIM at{' '}
        <code>/scim/v2</code>. Names on events have their pages all the same.
      </Empty>
    );
  }
  if (people.length === 0) {
    return <Empty title="Nobody is known by this">{q !== '' && <Link to={linkToName(q)}>Look at the name {q} on events</Link>}</Empty>;
  }
  return (
    <Table.ScrollContainer minWidth={480} type="native" tabIndex={0} role="region" aria-label="Table: persons of the directory">
      <Table highlightOnHover>
        <ColumnHeads names={['Name', 'Known as', 'Department']} />
        <Table.Tbody>
          {people.map((person) => (
            <Table.Tr key={person.id}>
              <Table.Th scope="row" fw={600}>
                <Anchor component={Link} to={linkToPerson(person.id)}>
                  {person.display_name}
                </Anchor>
                <PersonSigns {...person} />
              </Table.Th>
              <Table.Td className="mono">{[...new Set([...person.names, ...person.emails])].slice(0, 4).join(', ') || person.id}</Table.Td>
              <Table.Td>
                {person.department}
                {person.title !== undefined && (
                  <Text c="dimmed" fz="xs">
                    {person.title}
                  </Text>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function UnknownNames({ q }: { readonly q: string }) {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['unknown-names', q],
    queryFn: ({ signal }) => call(unknownNamesEndpoint, { query: { q }, signal }),
  });
  return (
    <Panel title="Names that the directory does not know" about="On events of the last seven days, the most frequent first.">
      {isPending && <Loading what="names" />}
      {error && <Failed error={error} retry={() => void refetch()} />}
      {data?.names.length === 0 && <Empty title="None">Every name on events belongs to somebody, or there are no events with names.</Empty>}
      {data && data.names.length > 0 && (
        <Table highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Name</Table.Th>
              <Table.Th scope="col" ta="right">
                Events
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.names.map(({ name, count }) => (
              <Table.Tr key={name}>
                <Table.Th scope="row" fw={400} style={{ overflowWrap: 'anywhere' }}>
                  <Anchor component={Link} to={linkToName(name)}>
                    {name}
                  </Anchor>
                </Table.Th>
                <Table.Td ta="right">{whole(count)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Panel>
  );
}

/** What of the directory does not count, and where to mend it. */
function Faults({ answer: { conflicts, faults } }: { readonly answer: PeopleAnswer }) {
  if (conflicts.length === 0 && faults.length === 0) return null;
  const lines = [
    ...faults.map(({ file, line, message }) => `${file}:${line}: ${message}`),
    ...conflicts.map(({ name, persons }) => `The name ${name} is claimed by ${persons.join(', ')}: it counts for none of them.`),
  ];
  return (
    <Alert mb="md" variant="default" icon={<TriangleAlert size={16} aria-hidden />} title="Something of the directory does not count">
      <List fz="sm">
        {lines.slice(0, 20).map((line) => (
          <List.Item key={line}>{line}</List.Item>
        ))}
      </List>
      {lines.length > 20 && <Text fz="sm">And {lines.length - 20} more.</Text>}
    </Alert>
  );
}
