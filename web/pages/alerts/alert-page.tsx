import { Anchor, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { ChevronLeft } from 'lucide-react';
import { Link, useParams } from 'react-router';
import { type AlertDetailJson, oneAlertEndpoint } from '../../../src/api/contract/alerts.ts';
import { ApiError, call } from '../../data/client.ts';
import { EventDrawer, useEventInAddress } from '../../parts/event-drawer.tsx';
import { LevelBadge } from '../../parts/level-badge.tsx';
import { linkToEvents } from '../../parts/link-to-events.ts';
import { PageHead } from '../../parts/page-head.tsx';
import { Empty, Failed, Loading } from '../../parts/page-state.tsx';
import { Panel } from '../../parts/panel.tsx';
import { AlertActions } from './alert-actions.tsx';
import { AlertActs } from './alert-acts.tsx';
import { AlertContext } from './alert-context.tsx';
import { AlertEvidence } from './alert-evidence.tsx';
import { AlertFacts } from './alert-facts.tsx';
import { RelatedAlerts } from './alert-related.tsx';
import { AlertTimeline } from './alert-timeline.tsx';
import { AlertUnusual } from './alert-unusual.tsx';
import { StateBadge } from './state-badge.tsx';
import './alerts.css';

/** How often an open alert asks whether anything has changed. */
const LOOK_EVERY_MS = 5_000;
const DAY_MS = 86_400_000;

/** One alert: what, who, where and how unusual in the first screen; then the evidence, and what was done. */
export function AlertPage() {
  const { id = '' } = useParams();
  const { data, error, refetch } = useQuery({
    queryKey: ['alert', id],
    queryFn: ({ signal }) => call(oneAlertEndpoint, { params: { id }, signal }),
    refetchInterval: LOOK_EVERY_MS,
  });
  if (data !== undefined) return <Opened key={data.id} alert={data} />;
  if (error instanceof ApiError && error.status === 404)
    return (
      <Empty title="There is no such alert">
        It may be made of events that you may not see. <Link to="/alerts">To all alerts</Link>
      </Empty>
    );
  return error === null ? <Loading what="the alert" /> : <Failed error={error} retry={() => void refetch()} />;
}

function Opened({ alert }: { readonly alert: AlertDetailJson }) {
  const [event, openEvent] = useEventInAddress();
  return (
    <>
      <Anchor component={Link} to="/alerts" fz="sm">
        <Group gap={2} component="span" display="inline-flex">
          <ChevronLeft size={14} aria-hidden /> Alerts
        </Group>
      </Anchor>
      <PageHead title={alert.title}>
        <LevelBadge level={alert.level} />
        <StateBadge alert={alert} />
        <Text component="span" fz="sm">
          {alert.assignee === undefined ? 'nobody’s' : `${alert.assignee}’s`}
        </Text>
      </PageHead>
      <Stack gap="md">
        <AlertActions alert={alert} />
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
          <Panel title="What, who, where">
            <AlertFacts alert={alert} />
          </Panel>
          <Panel title="How unusual">
            <AlertUnusual alert={alert} />
          </Panel>
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md" className="alert-columns">
          <Stack gap="md">
            <Panel
              title="Evidence"
              about={evidenceAbout(alert)}
              aside={
                <Anchor component={Link} to={linkToEvents(eventsAsked(alert))} fz="sm">
                  {alert.kind === 'silence' ? 'What was heard until then' : 'All events in the explorer'}
                </Anchor>
              }
            >
              {alert.kind !== 'silence' && <AlertEvidence alert={alert} onOpen={openEvent} />}
            </Panel>
            {alert.kind !== 'silence' && (
              <Panel title="Around it" about="What is known of its person, an hour before to an hour after, in any system.">
                <AlertContext alert={alert} />
              </Panel>
            )}
            <Panel title="Timeline" about="Its events, what people did, and who was told.">
              <AlertTimeline alert={alert} onOpen={openEvent} />
            </Panel>
          </Stack>
          <Stack gap="md">
            <AlertActs alertId={alert.id} onOpen={openEvent} />
            <Advice alert={alert} />
            <Panel title="Related alerts" about="Of the same person, host or address, within a day of it.">
              <RelatedAlerts alert={alert} />
            </Panel>
          </Stack>
        </SimpleGrid>
      </Stack>
      <EventDrawer id={event} onOpen={openEvent} />
    </>
  );
}

/** Between the last event and the alert there is none: what was heard in the day before is asked for. */
function eventsAsked({ kind, events, first_at: firstAt }: AlertDetailJson): AlertDetailJson['events'] {
  if (kind !== 'silence') return events;
  const last = Date.parse(firstAt) + 1;
  return { ...events, from: new Date(last - DAY_MS).toISOString(), to: new Date(last).toISOString() };
}

function evidenceAbout({ evidence, evidence_hidden: hidden, count, kind }: AlertDetailJson): string {
  if (kind === 'silence') return 'None: it is told of because no event comes any more.';
  const own = evidence.length === 1 ? '1 event' : `${evidence.length} events`;
  const shown = count > evidence.length + hidden ? `The first ${evidence.length} of ${count} events` : own;
  return hidden > 0 ? `${shown}; ${hidden} more are of datasets that you may not see.` : `${shown}, with what made the rule match.`;
}

/** What the rule's author has to say about it. */
function Advice({ alert: { rule, next_steps: steps, rule_id: id, rule_name: name, tags } }: { readonly alert: AlertDetailJson }) {
  return (
    <Panel
      title="What to do next"
      aside={
        <Anchor component={Link} to={`/rules/${encodeURIComponent(id)}`} fz="sm">
          Rule {name}
        </Anchor>
      }
    >
      <Stack gap="xs">
        {steps.length > 0 ? (
          <ol className="alert-list">
            {steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        ) : (
          <Text c="dimmed">The rule does not say.</Text>
        )}
        {rule !== undefined && rule.falsepositives.length > 0 && (
          <div>
            <Text fw={600} fz="sm">
              It may be nothing when
            </Text>
            <ul className="alert-list">
              {rule.falsepositives.map((each) => (
                <li key={each}>{each}</li>
              ))}
            </ul>
          </div>
        )}
        {rule !== undefined && rule.description !== '' && <Text c="dimmed">{rule.description}</Text>}
        {tags.length > 0 && (
          <Text c="dimmed" fz="xs">
            {tags.map((tag) => tag.replace(/^attack\.(t\d)/, (_, technique: string) => `ATT&CK ${technique.toUpperCase()}`)).join(' · ')}
          </Text>
        )}
      </Stack>
    </Panel>
  );
}
