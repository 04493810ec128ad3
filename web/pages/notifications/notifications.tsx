import { Alert, Button, Group, Stack, Tabs, Text } from '@mantine/core';
import { notifications as notices } from '@mantine/notifications';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { listOutboxEndpoint, type OutboxEntry, retryOutboxEndpoint } from '../../../src/api/contract/outbox.ts';
import { call } from '../../data/client.ts';
import { may, useSession } from '../../data/session.ts';
import { whole } from '../../parts/number-text.ts';
import { PageHead } from '../../parts/page-head.tsx';
import { Empty, Failed, Loading } from '../../parts/page-state.tsx';
import { Panel } from '../../parts/panel.tsx';
import { tellFailure } from '../../parts/tell-failure.ts';
import { TimeText } from '../../parts/time-text.tsx';
import { NotificationTable } from './notification-table.tsx';
import { UnsaidTable } from './unsaid-table.tsx';

const REFRESH_MS = 10_000;

/** What is told of notifications in each state, under the name that it has in the address. */
const VIEWS = {
  dead: { states: 'dead', word: 'Given up', about: 'Nobody was told of these. Mend what the reason says, then try again. Oldest first.' },
  waiting: { states: 'pending,sending', word: 'Waiting', about: 'They are on their way, or are tried again by themselves. Oldest first.' },
} as const;
type View = keyof typeof VIEWS;
const isView = (text: string | null): text is View => text !== null && Object.hasOwn(VIEWS, text);

const NOTHING: Readonly<Record<View, { readonly title: string; readonly words: string }>> = {
  dead: { title: 'None was given up', words: 'Whoever was to hear of an alert did, or will.' },
  waiting: { title: 'None waits', words: 'Whatever was to be told was told.' },
};

/** What people were to be told of alerts: what waits, and what was given up. */
export function Notifications() {
  const [search, setSearch] = useSearchParams();
  const asked = search.get('show');
  const shown = isView(asked) ? asked : 'dead';
  const outbox = { dead: useOutbox('dead'), waiting: useOutbox('waiting') };
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = outbox[shown];
  const entries = data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <>
      <PageHead title="Notifications" about="What people were not told yet, and why. What they were told is on the page of each alert." />
      <LinesDown lines={data?.pages[0]?.lines ?? []} />
      <Tabs value={shown} onChange={(value) => setSearch(value === null || value === 'dead' ? {} : { show: value }, { replace: true })}>
        <Tabs.List mb="md">
          {(['dead', 'waiting'] as const).map((view) => {
            const total = outbox[view].data?.pages[0]?.total;
            return (
              <Tabs.Tab key={view} value={view}>
                {VIEWS[view].word} <strong>{total === undefined ? '' : whole(total)}</strong>
              </Tabs.Tab>
            );
          })}
        </Tabs.List>
        <Tabs.Panel value={shown}>
          {error !== null && <Failed error={error} retry={() => void refetch()} />}
          {data === undefined && error === null && <Loading what="notifications" />}
          {data !== undefined && entries.length === 0 && <Empty title={NOTHING[shown].title}>{NOTHING[shown].words}</Empty>}
          {entries.length > 0 && (
            <Panel title={VIEWS[shown].word} about={VIEWS[shown].about}>
              <Entries entries={entries} />
              {hasNextPage && (
                <Group justify="center" mt="sm">
                  <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                    Show more
                  </Button>
                </Group>
              )}
            </Panel>
          )}
        </Tabs.Panel>
      </Tabs>
      <UnsaidTable all={data?.pages[0]?.unsaid ?? []} />
    </>
  );
}

type LineDown = { readonly notifier: string; readonly why: string; readonly since: string };

/** While a line is down, buttons in messages do nothing: whoever looks here must see it. */
function LinesDown({ lines }: { readonly lines: readonly LineDown[] }) {
  return lines.map(({ notifier, why, since }) => (
    <Alert key={notifier} color="red" mb="md" title={`${notifier}: clicks and commands do not come through`}>
      {why}, since <TimeText iso={since} />. It is tried again by itself.
    </Alert>
  ));
}

const PAGE = 100;

const useOutbox = (view: View) =>
  useInfiniteQuery({
    queryKey: ['outbox', view],
    queryFn: ({ pageParam, signal }) =>
      call(listOutboxEndpoint, { query: { states: VIEWS[view].states, limit: `${PAGE}`, after: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ entries }) => (entries.length < PAGE ? undefined : entries.at(-1)?.id),
    refetchInterval: REFRESH_MS,
  });

function Entries({ entries }: { readonly entries: readonly OutboxEntry[] }) {
  const mayWrite = may(useSession(), 'alerts:write');
  const queries = useQueryClient();
  const { mutate, variables, isPending } = useMutation({
    mutationFn: (id: string) => call(retryOutboxEndpoint, { params: { id }, body: {} }),
    onSuccess: () => notices.show({ message: 'It is tried again now.', closeButtonProps: { 'aria-label': 'Close' } }),
    onError: tellFailure,
    onSettled: () => queries.invalidateQueries({ queryKey: ['outbox'] }),
  });
  return (
    <Stack gap="xs">
      <NotificationTable entries={entries} busy={isPending ? variables : undefined} {...(mayWrite && { onRetry: mutate })} />
      {!mayWrite && <Text c="dimmed">Trying again needs the right to work on alerts.</Text>}
    </Stack>
  );
}
