import { Anchor, Button, SimpleGrid, Stack } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { Link, useParams } from 'react-router';
import type { z } from 'zod';
import { histogramEndpoint } from '../../../src/api/contract/events.ts';
import { onePersonEndpoint, personActivityEndpoint } from '../../../src/api/contract/people.ts';
import { call } from '../../data/client.ts';
import { BarTimeChart } from '../../parts/bar-time-chart.tsx';
import { EventDrawer, useEventInAddress } from '../../parts/event-drawer.tsx';
import { linkToEvents } from '../../parts/link-to-events.ts';
import { whole } from '../../parts/number-text.ts';
import { PageHead } from '../../parts/page-head.tsx';
import { Failed, Loading } from '../../parts/page-state.tsx';
import { Panel } from '../../parts/panel.tsx';
import { isValue } from '../../parts/query-text.ts';
import { TimeRange, useTimeRange } from '../../parts/time-range.tsx';
import type { TimeWords } from '../../parts/time-words.ts';
import { Hours } from './hours.tsx';
import { PersonAlerts } from './person-alerts.tsx';
import { PersonRecord } from './person-record.tsx';
import { PersonSessions } from './person-sessions.tsx';
import { PersonSigns } from './person-signs.tsx';
import { SeenTable } from './seen-table.tsx';

type PersonAnswer = z.output<typeof onePersonEndpoint.answer>;

const MONTH: TimeWords = { from: 'now-30d', to: 'now' };
const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** One person: what the directory says, and everything that events do. */
export function OnePerson() {
  const { id = '' } = useParams();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['person', id],
    queryFn: ({ signal }) => call(onePersonEndpoint, { params: { id }, signal }),
  });
  if (isPending) return <Loading what="the person" />;
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  return <Known id={id} about={data} />;
}

function Known({ id, about }: { readonly id: string; readonly about: PersonAnswer }) {
  const { from, to } = useTimeRange(MONTH);
  const [event, open] = useEventInAddress();
  const { person, title, query } = about;
  const subtitle = person === undefined ? 'Unknown to the directory' : [person.title, person.department].filter(Boolean).join(', ');
  return (
    <>
      <PageHead title={title} {...(subtitle !== '' && { about: subtitle })}>
        <Button component={Link} to={linkToEvents({ q: query, from, to })} variant="default" leftSection={<Search size={14} aria-hidden />}>
          All events
        </Button>
        <TimeRange standard={MONTH} />
      </PageHead>
      <Stack gap="md">
        {person && <PersonSigns {...person} />}
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
          <PersonRecord about={about} />
          <PersonAlerts id={id} range={{ from, to }} />
        </SimpleGrid>
        <Timeline query={query} />
        <Activity id={id} about={about} range={{ from, to }} />
        <PersonSessions id={id} range={{ from, to }} onOpen={open} />
      </Stack>
      <EventDrawer id={event} onOpen={open} />
    </>
  );
}

function Timeline({ query }: { readonly query: string }) {
  const { from, to, setRange } = useTimeRange(MONTH);
  const { data, error, refetch } = useQuery({
    queryKey: ['person-timeline', query, from, to],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => call(histogramEndpoint, { query: { q: query, from, to, by: 'event.dataset', buckets: '60' }, signal }),
  });
  return (
    <Panel title="Timeline" about="Events that name this person, by dataset.">
      {error && <Failed error={error} retry={() => void refetch()} />}
      {data && (
        <BarTimeChart
          label="Events over time by dataset"
          bars={data.bars}
          intervalMs={data.interval_ms}
          onRange={(start, end) => setRange({ from: start, to: end })}
        />
      )}
    </Panel>
  );
}

interface ActivityProps {
  readonly id: string;
  readonly about: PersonAnswer;
  readonly range: TimeWords;
}

function Activity({ id, about, range }: ActivityProps) {
  const { from, to } = range;
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['person-activity', id, from, to],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => call(personActivityEndpoint, { params: { id }, query: { from, to, time_zone: ZONE }, signal }),
  });
  if (isPending) return <Loading what="what they did" />;
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  const link = (query: string, field: string) => (value: string) =>
    linkToEvents({ q: `(${query}) AND ${isValue(field, value)}`, from: data.from, to: data.to });
  const naming = (field: string) => link(about.query, field);
  const acting = (field: string) => link(about.acting_query, field);
  return (
    <>
      <Panel
        title="Usual hours"
        about={`${whole(data.acting)} of ${whole(data.total)} events are what they did themselves.`}
        aside={
          <Anchor component={Link} fz="sm" to={linkToEvents({ q: about.acting_query, from: data.from, to: data.to })}>
            These events
          </Anchor>
        }
      >
        <Hours counts={data.hours} timeZone={ZONE} />
      </Panel>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <SeenTable title="Names" seen={data.names} linkOf={naming('related.user')} />
        <SeenTable title="Systems" seen={[...data.products, ...data.datasets]} linkOf={systemLink(data.products, naming)} />
        <SeenTable title="Addresses" seen={data.addresses} linkOf={acting('source.ip')} />
        <SeenTable title="Machines" seen={data.hosts} linkOf={acting('host.name')} />
        <SeenTable
          title="Networks and countries"
          seen={[...data.networks, ...data.countries]}
          linkOf={(value) =>
            acting(data.networks.some((each) => each.value === value) ? 'source.as.organization.name' : 'source.geo.country_iso_code')(
              value,
            )
          }
          hint="Name MMDB files in the settings (enrich.networks) to see to whom public addresses belong."
        />
        <SeenTable title="Programs" seen={data.programs} linkOf={acting('user_agent.original')} />
      </SimpleGrid>
    </>
  );
}

const systemLink =
  (products: readonly { readonly value: string }[], linkOf: (field: string) => (value: string) => string) => (value: string) =>
    linkOf(products.some((each) => each.value === value) ? 'observer.product' : 'event.dataset')(value);
