import { ActionIcon, Anchor, Drawer, Group, SegmentedControl, Stack, Tabs, Text, Title, Tooltip } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ChevronDown, ChevronUp, Link2, Search } from 'lucide-react';
import { useCallback, useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { oneEventEndpoint, surroundingsEndpoint } from '../../src/api/contract/events.ts';
import { type SessionTerm, sessionOf } from '../../src/model/session.ts';
import { call } from '../data/client.ts';
import { CopyButton } from './copy-button.tsx';
import { type EventView, factOf, messageOf, worstLevel } from './event-facts.ts';
import { EventFields, type FieldActions } from './event-fields.tsx';
import { whatOf } from './event-summary.ts';
import { EventWhy } from './event-why.tsx';
import { nested } from './field-tree.ts';
import { LevelBadge } from './level-badge.tsx';
import { linkToEvents } from './link-to-events.ts';
import { Empty, Failed, Loading } from './page-state.tsx';
import { isValue } from './query-text.ts';
import { TimeText } from './time-text.tsx';
import { absolute } from './time-words.ts';

/** The event that the address has open (`event=ID`), and how to open another or none. */
export function useEventInAddress(): readonly [id: string | undefined, open: (id: string | undefined) => void] {
  const [search, setSearch] = useSearchParams();
  const open = useCallback(
    (id: string | undefined) =>
      setSearch((before) => {
        const after = new URLSearchParams(before);
        if (id === undefined) after.delete('event');
        else after.set('event', id);
        return after;
      }),
    [setSearch],
  );
  return [search.get('event') ?? undefined, open];
}

export interface EventDrawerProps {
  /** Absent: closed. */
  readonly id: string | undefined;
  /** Opens another event, or closes. */
  readonly onOpen: (id: string | undefined) => void;
  /** Absent: values lead to the explorer. */
  readonly actions?: FieldActions;
  /** The neighbors in the list that is behind it. */
  readonly onStep?: (steps: -1 | 1) => void;
}

/** Full log details of one event, beside the page it was opened from. */
export function EventDrawer({ id, onOpen, actions, onStep }: EventDrawerProps) {
  return (
    <Drawer.Root
      opened={id !== undefined}
      onClose={() => onOpen(undefined)}
      position="right"
      size="min(620px, 100vw)"
      lockScroll={false}
      trapFocus={false}
      closeOnClickOutside={false}
      transitionProps={{ duration: 0 }}
    >
      <Drawer.Content aria-label="Event" className="event-drawer" p={0}>
        {id !== undefined && <Opened key={id} id={id} onOpen={onOpen} actions={actions} onStep={onStep} />}
      </Drawer.Content>
    </Drawer.Root>
  );
}

function Opened({
  id,
  onOpen,
  actions,
  onStep,
}: {
  readonly id: string;
  readonly onOpen: EventDrawerProps['onOpen'];
  readonly actions: FieldActions | undefined;
  readonly onStep: EventDrawerProps['onStep'];
}) {
  const { data, error, refetch } = useQuery({
    queryKey: ['event', id],
    queryFn: ({ signal }) => call(oneEventEndpoint, { params: { id }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <>
      <div className="event-head">
        <Group justify="space-between" wrap="nowrap" w="100%" gap="xs">
          <Title order={2} fz="md" lineClamp={2}>
            {data === undefined ? 'Event' : titleOf(data)}
          </Title>
          <Group gap={2} wrap="nowrap">
            {onStep && (
              <>
                <Step label="Event above" icon={ChevronUp} onClick={() => onStep(-1)} />
                <Step label="Event below" icon={ChevronDown} onClick={() => onStep(1)} />
              </>
            )}
            <CopyButton text={new URL(linkToEvents({ event: id }), location.href).href} label="Copy a link to this event" icon={Link2} />
            <CopyButton text={isValue('event.id', id)} label="Copy as filter" icon={Search} />
            <Drawer.CloseButton aria-label="Close the event" />
          </Group>
        </Group>
      </div>
      <Drawer.Body px="md" pt="sm" pb="md">
        {error !== null && <Failed error={error} retry={() => void refetch()} />}
        {error === null && data === undefined && <Loading what="the event" />}
        {data && <Details event={data} onOpen={onOpen} actions={actions} />}
      </Drawer.Body>
    </>
  );
}

const titleOf = (event: EventView): string => whatOf(event) || 'Event';

function Step({ label, icon: Icon, onClick }: { readonly label: string; readonly icon: typeof ChevronUp; readonly onClick: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size={24} aria-label={label} onClick={onClick}>
        <Icon size={14} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

function Details({
  event,
  onOpen,
  actions,
}: {
  readonly event: EventView;
  readonly onOpen: EventDrawerProps['onOpen'];
  readonly actions: FieldActions | undefined;
}) {
  const navigate = useNavigate();
  const used = actions ?? { onTerm: (term: string) => void navigate(linkToEvents({ q: term, ...dayAround(event.timestamp) })) };
  const level = worstLevel(event);
  const json = JSON.stringify(documentOf(event), null, 2);
  return (
    <Stack gap="sm">
      <Group gap="xs">
        {level && <LevelBadge level={level} />}
        <TimeText iso={event.timestamp} />
        <Text c="dimmed" component="span">
          {[factOf(event, 'event.dataset'), event.source].filter(Boolean).join(' · ')}
        </Text>
      </Group>
      <Hits event={event} />
      <Tabs defaultValue="fields" keepMounted={false}>
        <Tabs.List mb="xs">
          <Tabs.Tab value="fields">Fields</Tabs.Tab>
          <Tabs.Tab value="raw">Raw</Tabs.Tab>
          <Tabs.Tab value="json">JSON</Tabs.Tab>
          <Tabs.Tab value="around">Around it</Tabs.Tab>
          <Tabs.Tab value="why">Why, why not</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="fields">
          <EventFields fields={shownFields(event)} actions={used} />
        </Tabs.Panel>
        <Tabs.Panel value="raw">
          <Source text={event.original} label="Copy the message as received" />
          {event.original_base64 !== undefined && (
            <>
              <Text c="dimmed" my="xs">
                Some bytes are not UTF-8 and are shown as U+FFFD. All bytes, in base64:
              </Text>
              <Source text={event.original_base64} label="Copy all bytes in base64" />
            </>
          )}
        </Tabs.Panel>
        <Tabs.Panel value="json">
          <Source text={json} label="Copy the JSON" />
        </Tabs.Panel>
        <Tabs.Panel value="around">
          <Around event={event} onOpen={onOpen} />
        </Tabs.Panel>
        <Tabs.Panel value="why">
          <EventWhy event={event.id} hit={event.hits[0]?.id} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

const DAY_MS = 86_400_000;
const dayAround = (iso: string) => absolute(Date.parse(iso) - DAY_MS, Date.parse(iso) + DAY_MS);

/** What the hub adds to the fields, under the names that the search knows. */
const shownFields = (event: EventView) => ({
  ...event.fields,
  '@timestamp': event.timestamp,
  'event.id': event.id,
  'event.ingested': event.ingested,
  'earshot.source': event.source,
});

const documentOf = (event: EventView) =>
  nested({
    ...shownFields(event),
    'event.original': event.original,
    ...(event.original_base64 !== undefined && { 'event.original_base64': event.original_base64 }),
    ...(event.hits.length > 0 && { 'earshot.hits': event.hits.map((hit) => ({ ...hit })) }),
  });

function Source({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <Group wrap="nowrap" align="flex-start" gap={4}>
      <pre className="event-raw mono" style={{ flex: 1, minWidth: 0 }}>
        {text}
      </pre>
      <CopyButton text={text} label={label} />
    </Group>
  );
}

/** Rules that matched, and which of their conditions this event's values made true. */
function Hits({ event: { hits } }: { readonly event: EventView }) {
  return hits.map((hit) => (
    <section key={`${hit.id} ${hit.version}`} className="event-hit" aria-label={`Rule ${hit.title}`}>
      <Group gap="xs">
        <LevelBadge level={hit.level} />
        <Anchor component={Link} to={`/rules/${encodeURIComponent(hit.id)}`}>
          {hit.title}
        </Anchor>
      </Group>
      <dl>
        {hit.matches.map(({ field, value, leaf }) => (
          <HitMatch key={`${field} ${leaf}`} field={field} value={value} leaf={leaf} />
        ))}
      </dl>
    </section>
  ));
}

function HitMatch({ field, value, leaf }: { readonly field: string; readonly value: string; readonly leaf: string }) {
  return (
    <>
      <dt>{leaf}</dt>
      <dd>
        {field} is <strong>{value === '' ? '(empty)' : value}</strong>
      </dd>
    </>
  );
}

const NEIGHBORS = { 'user.name': 'Person', 'source.ip': 'Address', session: 'Session', 'host.name': 'Host' } as const;
type Neighbor = keyof typeof NEIGHBORS;

/** What neighbors of a kind have in common with the event; nothing where it has no such thing. */
function sharedBy(kind: Neighbor, event: EventView): readonly SessionTerm[] {
  if (kind === 'session') return sessionOf(event.fields);
  const value = factOf(event, kind);
  return value === '' ? [] : [{ field: kind, value }];
}

/** What the same person, address or host did before and after, or what else there was in the session. */
function Around({ event, onOpen }: { readonly event: EventView; readonly onOpen: EventDrawerProps['onOpen'] }) {
  const kinds = (Object.keys(NEIGHBORS) as Neighbor[]).filter((kind) => sharedBy(kind, event).length > 0);
  const [chosen, setBy] = useState(kinds[0]);
  const by = chosen ?? 'user.name';
  const { data, error, refetch } = useQuery({
    queryKey: ['surroundings', event.id, by],
    queryFn: ({ signal }) => call(surroundingsEndpoint, { params: { id: event.id }, query: { by, before: '15', after: '15' }, signal }),
    enabled: kinds.length > 0,
    placeholderData: keepPreviousData,
  });
  if (kinds.length === 0)
    return <Empty title="This event names no person, address, session or host">There is nothing it could be beside.</Empty>;
  return (
    <Stack gap="xs">
      <SegmentedControl
        size="xs"
        aria-label="Events of the same"
        value={by}
        onChange={(value) => setBy(kinds.find((kind) => kind === value))}
        data={kinds.map((kind) => ({ value: kind, label: `${NEIGHBORS[kind]} ${sharedBy(kind, event)[0]?.value}`.slice(0, 40) }))}
      />
      {error !== null && <Failed error={error} retry={() => void refetch()} />}
      {error === null && data === undefined && <Loading what="what is around it" />}
      {data && (
        <>
          {data.stopped !== undefined && <Text c="dimmed">The search took too long and was stopped: there may be more.</Text>}
          <ol className="event-near">
            {[...data.after].reverse().map((each) => (
              <Near key={each.id} event={each} onOpen={onOpen} />
            ))}
            <Near event={data.event} isThis onOpen={onOpen} />
            {data.before.map((each) => (
              <Near key={each.id} event={each} onOpen={onOpen} />
            ))}
          </ol>
          <Anchor
            component={Link}
            to={linkToEvents({
              q: sharedBy(by, event)
                .map(({ field, value }) => isValue(field, value))
                .join(' AND '),
              ...dayAround(event.timestamp),
              event: event.id,
            })}
            fz="sm"
          >
            All of a day before and after
          </Anchor>
        </>
      )}
    </Stack>
  );
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });

function Near({
  event,
  isThis = false,
  onOpen,
}: {
  readonly event: EventView;
  readonly isThis?: boolean;
  readonly onOpen: EventDrawerProps['onOpen'];
}) {
  return (
    <li>
      <button type="button" aria-current={isThis} onClick={() => onOpen(event.id)}>
        <time dateTime={event.timestamp} title={event.timestamp}>
          {clock.format(new Date(event.timestamp))}
        </time>
        <span>{[whatOf(event), factOf(event, 'host.name')].filter(Boolean).join(' · ')}</span>
        <span className="event-near-message">{messageOf(event)}</span>
      </button>
    </li>
  );
}
