import { ActionIcon, Button, Group, Select, Text, Tooltip } from '@mantine/core';
import { useDisclosure, useMediaQuery } from '@mantine/hooks';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { ChartPie, Keyboard, ListFilter, Pause, Radio } from 'lucide-react';
import { lazy, Suspense, useCallback, useMemo, useRef, useState } from 'react';
import { listFieldsEndpoint } from '../../../src/api/contract/completion.ts';
import { LEVELS } from '../../../src/model/severity.ts';
import { ApiError, call } from '../../data/client.ts';
import { may, useSession } from '../../data/session.ts';
import { BarTimeChart } from '../../parts/bar-time-chart.tsx';
import { whole } from '../../parts/number-text.ts';
import { PageHead } from '../../parts/page-head.tsx';
import { Empty, Failed, Loading } from '../../parts/page-state.tsx';
import { isValue, lacksField } from '../../parts/query-text.ts';
import { TimeRange } from '../../parts/time-range.tsx';
import { rangeText, wider } from '../../parts/time-words.ts';
import type { ExplorerState } from './address.ts';
import { ColumnsMenu } from './columns-menu.tsx';
import { addressField } from './completion.ts';
import { EventTable } from './event-table.tsx';
import { ExportMenu } from './export-menu.tsx';
import { Facets } from './facets.tsx';
import { useKeys } from './keys.ts';
import { QueryBar } from './query-bar.tsx';
import { SavedSearches } from './saved-searches.tsx';
import { useEventPages, useHistogram } from './use-events.ts';
import { type Explorer as ExplorerUse, useExplorer } from './use-explorer.ts';
import { type Tail, useTail } from './use-tail.ts';
import './explorer.css';

// What is opened by a press is loaded by it: the first rows come sooner.
const EventDrawer = lazy(async () => ({ default: (await import('../../parts/event-drawer.tsx')).EventDrawer }));
const QuickValues = lazy(async () => ({ default: (await import('./quick-values.tsx')).QuickValues }));
const KeysHelp = lazy(async () => ({ default: (await import('./keys-help.tsx')).KeysHelp }));

/** The audit logs: a query, when, what of, and the events themselves. */
export function Explorer() {
  const explorer = useExplorer();
  const { state, change } = explorer;
  const session = useSession();
  const client = useQueryClient();
  const [run, setRun] = useState(0);
  const [help, helping] = useDisclosure();
  const [facetsOpen, facets] = useDisclosure();
  const query = useRef<HTMLInputElement>(null);
  const onRun = (q: string) => {
    if (q === state.q) setRun((before) => before + 1);
    else {
      // What an earlier run of this query found may be old by now.
      client.removeQueries({ type: 'inactive' });
      change({ q });
    }
  };
  const onQuickValues = useCallback((quick: string | undefined) => change({ quick }), [change]);
  const network = addressField(state.q);
  useKeys((key) => {
    if (key === '/') query.current?.focus();
    else if (key === '?') helping.toggle();
    else if (key === 'l') change({ tail: !state.tail }, true);
    else return false;
    return true;
  });
  return (
    <div className="explorer">
      <PageHead title="Audit logs">
        <SavedSearches
          state={state}
          onOpen={({ q, from, to, columns }) => change({ q, from, to, columns, event: undefined, quick: undefined })}
        />
        {may(session, 'events:export') && <ExportMenu state={state} />}
        <Tooltip label="Keys">
          <ActionIcon variant="subtle" color="gray" aria-label="Keys" onClick={helping.open}>
            <Keyboard size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </PageHead>
      <Group gap="xs" align="flex-start">
        <QueryBar state={state} inputRef={query} onRun={onRun} />
        <TimeRange />
      </Group>
      {network !== undefined && state.quick === undefined && (
        <Button
          variant="light"
          size="compact-sm"
          leftSection={<ChartPie size={14} aria-hidden />}
          onClick={() => onQuickValues(network)}
          style={{ alignSelf: 'flex-start' }}
        >
          Quick values of {network}
        </Button>
      )}
      <Timeline state={state} run={run} explorer={explorer} />
      {state.quick !== undefined && (
        <Suspense>
          <QuickValues
            field={state.quick}
            state={state}
            run={run}
            onTerm={explorer.addTerm}
            onRange={(from, to) => change({ from, to })}
            onClose={() => onQuickValues(undefined)}
          />
        </Suspense>
      )}
      <Button
        hiddenFrom="sm"
        variant="default"
        leftSection={<ListFilter size={14} aria-hidden />}
        aria-expanded={facetsOpen}
        onClick={facets.toggle}
      >
        {facetsOpen ? 'Hide top values' : 'Top values'}
      </Button>
      <div className="explorer-main">
        <Aside isOpen={facetsOpen} state={state} run={run} explorer={explorer} />
        <Events state={state} run={run} explorer={explorer} />
      </div>
      <Suspense>{help && <KeysHelp onClose={helping.close} />}</Suspense>
    </div>
  );
}

interface PartProps {
  readonly state: ExplorerState;
  /** Counts the searches: another number asks again. */
  readonly run: number;
  readonly explorer: ExplorerUse;
}

const BY: readonly string[] = ['event.outcome', 'rule.level', 'event.dataset', 'event.action', 'user.name', 'source.ip', 'host.name'];

/** How many events, when, and by what. */
function Timeline({ state, run, explorer: { change, addTerm } }: PartProps) {
  const rows = useEventPages(state, run);
  const { data, error, isPlaceholderData } = useHistogram(state, run, !rows.isPending && !rows.isPlaceholderData);
  const by = state.by;
  return (
    <section className="explorer-time" aria-label="Events over time" data-stale={isPlaceholderData}>
      <Group justify="space-between" gap="xs" mb={4}>
        <Text role="status" fz="sm">
          {data === undefined ? (
            <span className="dimmed">{error === null ? 'Counting …' : 'Not counted.'}</span>
          ) : (
            <>
              <strong>{whole(data.total)}</strong> {data.total === 1 ? 'event' : 'events'}{' '}
              <span className="dimmed">
                · {rangeText(state)} · {seconds(data.took)}
              </span>
            </>
          )}
        </Text>
        <ByField by={by} onChange={(field) => change({ by: field }, true)} />
      </Group>
      {data !== undefined && (
        <BarTimeChart
          label="Events over time"
          bars={data.bars}
          intervalMs={data.interval_ms}
          order={by === 'rule.level' ? [...LEVELS].reverse() : undefined}
          height={96}
          onRange={(from, to) => change({ from, to })}
          onValue={(value) => addTerm(value === '' ? lacksField(by) : isValue(by, value))}
        />
      )}
    </section>
  );
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(milliseconds < 100 ? 3 : 2)} s`;

/** By which field the bars are cut. Any field can be written. */
function ByField({ by, onChange }: { readonly by: string; readonly onChange: (field: string) => void }) {
  const [isAsked, setAsked] = useState(false);
  const { data } = useQuery({
    queryKey: ['fields', ''],
    queryFn: ({ signal }) => call(listFieldsEndpoint, { query: { limit: '100' }, signal }),
    enabled: isAsked,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const names = [
    ...new Set([...BY, ...(by === '' ? [] : [by]), ...(data?.fields.filter(({ count }) => count > 0).map(({ name }) => name) ?? [])]),
  ];
  return (
    <Select
      aria-label="Count the bars by"
      size="xs"
      w={190}
      searchable
      value={by}
      onDropdownOpen={() => setAsked(true)}
      onChange={(field) => onChange(field ?? '')}
      data={[{ value: '', label: 'by nothing' }, ...names.map((name) => ({ value: name, label: `by ${name}` }))]}
      allowDeselect={false}
    />
  );
}

function Aside({ isOpen, state, run, explorer: { change, addTerm } }: PartProps & { readonly isOpen: boolean }) {
  const isWide = useMediaQuery('(min-width: 48em)', undefined, { getInitialValueInEffect: false }) === true;
  const { isPending, isPlaceholderData, error } = useEventPages(state, run);
  const isReady = error === null && !isPending && !isPlaceholderData;
  if (!isWide && !isOpen) return null;
  return (
    <aside className="explorer-aside" aria-label="Top values">
      <h2 className="unseen">Top values</h2>
      <Facets
        state={state}
        run={run}
        isReady={isReady}
        onTerm={addTerm}
        onFacets={(fields) => change({ facets: fields }, true)}
        onQuickValues={(quick) => change({ quick })}
      />
    </aside>
  );
}

const isSyntax = (error: Error): boolean => error instanceof ApiError && error.problem?.code === 'EAR_SEARCH_SYNTAX';

function Events({ state, run, explorer: { change, addTerm, toggleColumn } }: PartProps) {
  const { data, error, isFetchingNextPage, hasNextPage, fetchNextPage, refetch, isPending, isPlaceholderData } = useEventPages(state, run);
  const [active, setActive] = useState(-1);
  const [isResting, setResting] = useState(true);
  const scroll = useRef<HTMLDivElement>(null);
  const tail = useTail(state.tail, state.q, !isResting || state.event !== undefined);
  const found = useMemo(() => data?.pages.flatMap((page) => page.events) ?? [], [data]);
  const events = useMemo(() => {
    if (tail.events.length === 0) return found;
    const heard = new Set(tail.events.map(({ id }) => id));
    return [...tail.events, ...found.filter(({ id }) => !heard.has(id))];
  }, [tail.events, found]);
  const last = data?.pages.at(-1);

  const open = useCallback((event: string | undefined) => change({ event }), [change]);
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage && error === null) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, error, fetchNextPage]);
  const step = (by: -1 | 1) => {
    const at = state.event === undefined ? active : events.findIndex(({ id }) => id === state.event);
    const next = Math.min(Math.max(at + by, 0), events.length - 1);
    const event = events[next];
    setActive(next);
    // Stepping through open events is one step of the history: back leads to the list.
    if (state.event !== undefined && event !== undefined) change({ event: event.id }, true);
  };
  useKeys((key) => {
    const at = events[active];
    if (key === 'j') step(1);
    else if (key === 'k') step(-1);
    else if (key === 'Enter' && at !== undefined && document.activeElement === document.body) open(at.id);
    else if (key === 'Escape' && state.event !== undefined) open(undefined);
    else return false;
    return true;
  });
  const actions = {
    onTerm: addTerm,
    onColumn: toggleColumn,
    isColumn: (field: string) => state.columns.includes(field),
    onQuickValues: (quick: string) => change({ quick, event: undefined }),
  };
  return (
    <section className="explorer-events" aria-label="Events" data-stale={isPlaceholderData}>
      <Group justify="space-between" gap="xs">
        <TailSwitch tail={tail} isOn={state.tail} onChange={(on) => change({ tail: on }, true)} />
        <ColumnsMenu columns={state.columns} onColumns={(columns) => change({ columns }, true)} />
      </Group>
      {error !== null && !isSyntax(error) && <Failed error={error} retry={() => void refetch()} />}
      {error !== null && isSyntax(error) && (
        <Empty title="This query cannot be understood">{error.message} The place is underlined in the query.</Empty>
      )}
      {isPending && <Loading what="events" />}
      {error === null && data !== undefined && events.length === 0 && last?.stopped === undefined && (
        <NothingFound state={state} change={change} />
      )}
      {(events.length > 0 || last?.stopped !== undefined) && (error === null || events.length > 0) && (
        <EventTable
          events={events}
          columns={state.columns}
          active={active}
          openId={state.event}
          scrollRef={scroll}
          onActive={setActive}
          onOpen={open}
          onColumns={(columns) => change({ columns }, true)}
          onQuickValues={actions.onQuickValues}
          onEnd={onEnd}
          onRest={setResting}
          foot={<Foot stopped={last?.stopped} more={hasNextPage} isFetching={isFetchingNextPage} onMore={() => void fetchNextPage()} />}
        />
      )}
      <Suspense>{state.event !== undefined && <EventDrawer id={state.event} onOpen={open} actions={actions} onStep={step} />}</Suspense>
    </section>
  );
}

function Foot({
  stopped,
  more,
  isFetching,
  onMore,
}: {
  readonly stopped: 'timeout' | 'memory' | undefined;
  readonly more: boolean;
  readonly isFetching: boolean;
  readonly onMore: () => void;
}) {
  return (
    <div className="events-foot" role="status">
      {isFetching ? (
        'Loading more …'
      ) : stopped !== undefined ? (
        <>
          The search was stopped at its bound of {stopped === 'timeout' ? 'time' : 'memory'}: what is shown is true, and there may be more.
          Narrow the query or the time{more ? ', or ' : '.'}
          {more && (
            <Button variant="default" size="compact-xs" onClick={onMore}>
              search on from here
            </Button>
          )}
        </>
      ) : more ? (
        'Scroll for more'
      ) : (
        'These are all.'
      )}
    </div>
  );
}

function NothingFound({ state, change }: { readonly state: ExplorerState; readonly change: ExplorerUse['change'] }) {
  const longer = wider(state, Date.now());
  return (
    <Empty title="No events">
      {state.q === '' ? 'Nothing was heard in this time.' : 'Nothing in this time matches the query.'} Look at a longer time
      {state.q === '' ? ', or connect a source.' : ', or take a part of the query away.'}
      <Group justify="center" mt="sm" gap="xs">
        <Button variant="default" onClick={() => change({ from: 'now-30d', to: 'now' })}>
          Last 30 days
        </Button>
        {longer && (
          <Button variant="default" onClick={() => change(longer)}>
            Twice as long
          </Button>
        )}
        {state.q !== '' && (
          <Button variant="default" onClick={() => change({ q: '' })}>
            All events
          </Button>
        )}
      </Group>
    </Empty>
  );
}

const TAIL_WORD: Readonly<Record<Tail['status'], string>> = {
  off: '',
  connecting: 'Connecting …',
  live: 'Live',
  lost: 'The live tail is not to be had now: turn it off and on to try again.',
  signed_out: 'You were signed out.',
};

/** New events on top, as they come; and what waits while somebody reads. */
function TailSwitch({ tail, isOn, onChange }: { readonly tail: Tail; readonly isOn: boolean; readonly onChange: (on: boolean) => void }) {
  return (
    <Group gap="xs">
      <Button
        variant={isOn ? 'light' : 'default'}
        aria-pressed={isOn}
        leftSection={isOn ? <Pause size={14} aria-hidden /> : <Radio size={14} aria-hidden />}
        onClick={() => onChange(!isOn)}
      >
        {isOn ? 'Stop live tail' : 'Live tail'}
      </Button>
      {isOn && (
        <Text role="status" fz="sm">
          {TAIL_WORD[tail.status]}
          {tail.skipped > 0 && <span className="dimmed"> · {whole(tail.skipped)} more came than can be shown; the search finds them</span>}
        </Text>
      )}
      {isOn && tail.waiting > 0 && (
        <Button variant="light" size="compact-xs" onClick={tail.release}>
          {whole(tail.waiting)} new, held while you read
        </Button>
      )}
    </Group>
  );
}
