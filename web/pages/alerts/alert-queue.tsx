import { ActionIcon, Button, Group, Text, Tooltip } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Keyboard } from 'lucide-react';
import { useCallback, useMemo, useRef, useState } from 'react';
import {
  type ActJson,
  type AlertJson,
  alertCountsEndpoint,
  alertStatsEndpoint,
  listAlertsEndpoint,
} from '../../../src/api/contract/alerts.ts';
import { durationText } from '../../../src/model/duration-text.ts';
import { call } from '../../data/client.ts';
import { may, useSession } from '../../data/session.ts';
import { PageHead } from '../../parts/page-head.tsx';
import { Empty, Failed, Loading } from '../../parts/page-state.tsx';
import { ActDialog, type Asking } from './act-dialogs.tsx';
import { KeysHelp } from './keys-help.tsx';
import { filterQuery, isFiltered, type QueueView, useQueueView } from './queue-address.ts';
import { QueueFilters, QueueTabs } from './queue-filters.tsx';
import { QueueList } from './queue-list.tsx';
import { SelectionBar } from './selection-bar.tsx';
import { useAlertChanges } from './use-alert-changes.ts';
import { useKeys, useKeysOn } from './use-keys.ts';
import './alerts.css';

/** How often the queue asks whether anything has changed. */
const LOOK_EVERY_MS = 4_000;

/** All alerts, to be worked through from the keyboard. */
export function AlertQueue() {
  const [view, setView] = useQueueView();
  const counts = useCounts(view);
  const list = useAlertList(view, counts.data?.version);
  const alerts = useMemo(() => list.data?.pages.flatMap((page) => page.alerts) ?? [], [list.data]);
  const mayWrite = may(useSession(), 'alerts:write');
  const work = useQueueWork(alerts, mayWrite);
  const pace = usePace();
  return (
    <>
      <PageHead title="Alerts" {...pace}>
        <Tooltip label="Keys (?)">
          <ActionIcon variant="subtle" color="gray" aria-label="Keys" onClick={work.showHelp}>
            <Keyboard size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </PageHead>
      <QueueTabs view={view} setView={setView} counts={counts.data} />
      <QueueFilters view={view} setView={setView} filterRef={work.filterRef} />
      {mayWrite && <SelectionBar alerts={alerts} selected={work.selected} onSelect={work.select} onAct={work.actOn} onAsk={work.ask} />}
      {list.error !== null && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.error === null && list.data === undefined && <Loading what="alerts" />}
      {list.data !== undefined && alerts.length === 0 && <Nothing view={view} />}
      <QueueList alerts={alerts} selected={work.selected} onToggle={work.toggle} onFocus={work.setCurrent} maySelect={mayWrite} />
      {list.hasNextPage && (
        <Group justify="center" mt="sm">
          <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            Show more
          </Button>
        </Group>
      )}
      <Text className="sr-only" role="status">
        {counts.data === undefined ? '' : `${counts.data.states.open} open alerts`}
      </Text>
      <ActDialog asking={work.asking} count={work.chosen.length} onClose={() => work.ask(undefined)} onAct={work.actOn} />
      <KeysHelp opened={work.helpShown} onClose={work.hideHelp} />
    </>
  );
}

const useCounts = (view: QueueView) =>
  useQuery({
    queryKey: ['alert-counts', filterQuery(view)],
    queryFn: ({ signal }) => call(alertCountsEndpoint, { query: filterQuery(view), signal }),
    refetchInterval: LOOK_EVERY_MS,
    placeholderData: keepPreviousData,
  });

/** How quickly alerts of the last month were worked on, as a line of text; nothing while none was. */
function usePace(): { readonly about?: string } {
  const { data } = useQuery({
    queryKey: ['alert-stats'],
    queryFn: ({ signal }) => call(alertStatsEndpoint, { signal }),
    staleTime: 300_000,
  });
  const { median_acknowledge_secs: acknowledge, median_resolve_secs: resolve } = data?.all ?? {};
  if (acknowledge === undefined) return {};
  const resolved = resolve === undefined ? '' : `, to resolve ${durationText(resolve)}`;
  return { about: `Median time to acknowledge ${durationText(acknowledge)}${resolved} (30 days)` };
}

/** The list is asked for again when the counts say that something has changed. */
const useAlertList = (view: QueueView, version: string | undefined) =>
  useInfiniteQuery({
    queryKey: ['alerts', view.state, view.sort, filterQuery(view), version],
    enabled: version !== undefined,
    queryFn: ({ pageParam, signal }) =>
      call(listAlertsEndpoint, {
        query: { ...filterQuery(view), ...(view.state !== 'all' && { states: view.state }), sort: view.sort, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ cursor }) => cursor,
    placeholderData: keepPreviousData,
  });

/** What is selected, where the keyboard is, and what the keys do. */
function useQueueWork(alerts: readonly AlertJson[], mayWrite: boolean) {
  const [selected, select] = useState<ReadonlySet<string>>(new Set());
  const [current, setCurrentId] = useState<string>();
  const place = useRef(0);
  const setCurrent = useCallback(
    (id: string) => {
      place.current = alerts.findIndex((alert) => alert.id === id);
      setCurrentId(id);
    },
    [alerts],
  );
  const [asking, ask] = useState<Asking>();
  const [helpShown, setHelp] = useState(false);
  const filterRef = useRef<HTMLInputElement>(null);
  const [keysOn] = useKeysOn();
  const chosen = useMemo(() => {
    const marked = alerts.filter(({ id }) => selected.has(id));
    return marked.length > 0 ? marked : alerts.filter(({ id }) => id === current);
  }, [alerts, selected, current]);
  const { mutate } = useAlertChanges(() => select(new Set()));
  const actOn = useCallback(
    (act: ActJson, note?: string) => {
      ask(undefined);
      if (chosen.length > 0) mutate({ alerts: chosen, act, ...(note && { note }) });
    },
    [chosen, mutate],
  );
  const toggle = useCallback(
    (id: string) => select((before) => (before.has(id) ? new Set([...before].filter((each) => each !== id)) : new Set([...before, id]))),
    [],
  );
  const keys = useMemo(() => {
    const go = (steps: 1 | -1) => {
      const at = alerts.findIndex(({ id }) => id === current);
      // What stood here was dealt with and is gone: another has moved into its place.
      const to = at < 0 ? place.current - (steps > 0 ? 0 : 1) : at + steps;
      const next = alerts[Math.min(Math.max(to, 0), alerts.length - 1)];
      if (next !== undefined) document.getElementById(`alert-${next.id}`)?.focus();
    };
    const writes = {
      x: () => current !== undefined && toggle(current),
      a: () => actOn({ kind: 'acknowledge' }),
      t: () => actOn({ kind: 'take' }),
      o: () => actOn({ kind: 'reopen' }),
      g: () => chosen.length > 0 && ask('assign'),
      s: () => chosen.length > 0 && ask('snooze'),
      r: () => chosen.length > 0 && ask('resolve'),
    };
    return {
      j: () => go(1),
      k: () => go(-1),
      '/': () => filterRef.current?.focus(),
      '?': () => setHelp(true),
      ...(mayWrite && writes),
    };
  }, [alerts, current, chosen, actOn, toggle, mayWrite]);
  useKeys(keys, keysOn);
  return {
    selected,
    select,
    toggle,
    setCurrent,
    chosen,
    asking,
    ask,
    actOn,
    filterRef,
    helpShown,
    showHelp: () => setHelp(true),
    hideHelp: () => setHelp(false),
  };
}

function Nothing({ view }: { readonly view: QueueView }) {
  if (isFiltered(view)) return <Empty title="No alert is like that">Take a filter away, or look at another state.</Empty>;
  if (view.state === 'open')
    return <Empty title="Nothing is open">Every alert was seen by somebody. New ones appear here by themselves.</Empty>;
  if (view.state === 'all') return <Empty title="There was no alert yet">When a rule matches an event, its alert appears here.</Empty>;
  return <Empty title="None">No alert is {view.state} now.</Empty>;
}
