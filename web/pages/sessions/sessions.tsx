import { Button, Group, NativeSelect, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useInfiniteQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { listPrivilegedSessionsEndpoint } from '../../../src/api/contract/privileged-sessions.ts';
import { APPROVALS, SESSION_STATES } from '../../../src/model/privileged-session.ts';
import { call } from '../../data/client.ts';
import { PageHead } from '../../parts/page-head.tsx';
import { Empty, Failed, Loading } from '../../parts/page-state.tsx';
import { TimeRange, useTimeRange } from '../../parts/time-range.tsx';
import { SessionTable } from './session-table.tsx';
import { APPROVAL_LOOK, STATE_LOOK } from './session-words.ts';

const WEEK = { from: 'now-7d', to: 'now' } as const;
const TEXTS = ['person', 'target', 'account'] as const;
const LABELS = { person: 'Person', target: 'Machine', account: 'Account' } as const;
const REFRESH_MS = 30_000;

/** Sessions through vaults, the latest first. */
export function Sessions() {
  const { from, to } = useTimeRange(WEEK);
  const { wish, set, clear, isFiltered } = useWish();
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['privileged-sessions', from, to, wish],
    queryFn: ({ pageParam, signal }) =>
      call(listPrivilegedSessionsEndpoint, { query: { ...wish, from, to, limit: '50', cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ cursor }) => cursor,
    refetchInterval: REFRESH_MS,
  });
  const sessions = data?.pages.flatMap((page) => page.sessions) ?? [];
  const stopped = data?.pages.at(-1)?.stopped;
  return (
    <>
      <PageHead title="Sessions" about="Privileged sessions through vaults, made of the events of their beginning and end.">
        <TimeRange standard={WEEK} />
      </PageHead>
      <Group gap="xs" mb="md" align="flex-end" className="session-filters" role="search">
        {TEXTS.map((name) => (
          <Typed key={`${name} ${wish[name] ?? ''}`} label={LABELS[name]} value={wish[name] ?? ''} onChange={(text) => set(name, text)} />
        ))}
        <NativeSelect
          size="xs"
          label="State"
          value={wish.state ?? ''}
          onChange={(event) => set('state', event.currentTarget.value)}
          data={[{ value: '', label: 'Any' }, ...SESSION_STATES.map((value) => ({ value, label: STATE_LOOK[value].word }))]}
        />
        <NativeSelect
          size="xs"
          label="Approval"
          value={wish.approval ?? ''}
          onChange={(event) => set('approval', event.currentTarget.value)}
          data={[{ value: '', label: 'Any' }, ...APPROVALS.map((value) => ({ value, label: APPROVAL_LOOK[value].word }))]}
        />
        {isFiltered && (
          <Button variant="subtle" color="gray" leftSection={<X size={14} aria-hidden />} onClick={clear}>
            No filter
          </Button>
        )}
      </Group>
      {error !== null && <Failed error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Loading what="sessions" />}
      {data !== undefined && sessions.length === 0 && !hasNextPage && (
        <Empty title={isFiltered ? 'No such session in this time' : 'No sessions in this time'}>
          {isFiltered
            ? 'Choose a longer time, or take a filter away.'
            : `Vaults that tell of sessions: ${data.pages[0]?.products.join(', ') ?? ''}. Connect one on the page of sources, or choose a longer time.`}
        </Empty>
      )}
      {sessions.length > 0 && <SessionTable sessions={sessions} />}
      {stopped !== undefined && (
        <Text fz="sm" mt="sm" role="status">
          The search was cut: it took too {stopped === 'timeout' ? 'long' : 'much memory'}. Go on, or choose a shorter time.
        </Text>
      )}
      {hasNextPage && (
        <Group justify="center" mt="sm">
          <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show more
          </Button>
        </Group>
      )}
    </>
  );
}

const NAMES = [...TEXTS, 'state', 'approval'] as const;
type Name = (typeof NAMES)[number];

/** What is asked for: all of it is in the address. */
function useWish() {
  const [search, setSearch] = useSearchParams();
  const text = (name: Name): string | undefined => search.get(name) || undefined;
  const wish = {
    person: text('person'),
    target: text('target'),
    account: text('account'),
    state: SESSION_STATES.find((each) => each === text('state')),
    approval: APPROVALS.find((each) => each === text('approval')),
  };
  const change = (values: Partial<Record<Name, string>>) =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        for (const [name, value] of Object.entries(values)) {
          if (value === '') after.delete(name);
          else after.set(name, value);
        }
        return after;
      },
      { replace: true },
    );
  return {
    wish,
    set: (name: Name, value: string) => change({ [name]: value }),
    clear: () => change({ person: '', target: '', account: '', state: '', approval: '' }),
    isFiltered: Object.values(wish).some((value) => value !== undefined),
  } as const;
}

/** A filter that is typed: it counts when the typing has stopped. */
function Typed({ label, value, onChange }: { readonly label: string; readonly value: string; readonly onChange: (text: string) => void }) {
  const [text, setText] = useState(value);
  const settled = useDebouncedCallback((wanted: string) => onChange(wanted.trim()), 350);
  return (
    <TextInput
      size="xs"
      label={label}
      value={text}
      maxLength={256}
      onChange={({ currentTarget: { value: typed } }) => {
        setText(typed);
        settled(typed);
      }}
    />
  );
}
