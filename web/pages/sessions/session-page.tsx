import { Anchor, Button, SimpleGrid, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link, useParams } from 'react-router';
import type { z } from 'zod';
import { onePrivilegedSessionEndpoint, type PrivilegedSessionJson } from '../../../src/api/contract/privileged-sessions.ts';
import { call } from '../../data/client.ts';
import { EventDrawer, useEventInAddress } from '../../parts/event-drawer.tsx';
import { messageOf } from '../../parts/event-facts.ts';
import { LevelBadge } from '../../parts/level-badge.tsx';
import { linkToEvents } from '../../parts/link-to-events.ts';
import { whole } from '../../parts/number-text.ts';
import { PageHead } from '../../parts/page-head.tsx';
import { Empty, Failed, Loading } from '../../parts/page-state.tsx';
import { Panel } from '../../parts/panel.tsx';
import { isValue } from '../../parts/query-text.ts';
import { TimeText } from '../../parts/time-text.tsx';
import { linkToName, linkToPerson } from '../people/link-to-person.ts';
import { EndSession, SessionActs } from './end-session.tsx';
import { SessionApproval, SessionState } from './session-badges.tsx';
import { commandsText, HAPPENINGS, lengthText, machineOf, titleOf } from './session-words.ts';
import './sessions.css';

type SessionAnswer = z.output<typeof onePrivilegedSessionEndpoint.answer>;

const REFRESH_MS = 15_000;

/** One privileged session: how it stands, what happened in it, and what is behind it. */
export function OneSession() {
  const { id = '' } = useParams();
  const [event, open] = useEventInAddress();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['privileged-session', id],
    queryFn: ({ signal }) => call(onePrivilegedSessionEndpoint, { params: { id }, signal }),
    refetchInterval: ({ state }) => (state.data?.session.state === 'open' ? REFRESH_MS : false),
  });
  if (data === undefined) {
    return (
      <>
        <PageHead title="Session" />
        {isPending && <Loading what="the session" />}
        {error && <Failed error={error} retry={() => void refetch()} />}
      </>
    );
  }
  const { session, searches } = data;
  return (
    <>
      <PageHead title={titleOf(session)}>
        <Button
          component={Link}
          to={linkToEvents(ownEvents(session, searches.person))}
          variant="default"
          leftSection={<Search size={14} aria-hidden />}
        >
          Its events
        </Button>
        <EndSession session={session} />
      </PageHead>
      <Stack gap="md">
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
          <Facts data={data} />
          <Stack gap="md">
            <Requests session={session} />
            <Alerts alerts={data.alerts} />
          </Stack>
        </SimpleGrid>
        <SessionActs session={session} onOpen={open} />
        <Timeline data={data} onOpen={open} />
      </Stack>
      <EventDrawer id={event} onOpen={open} />
    </>
  );
}

/** All that vaults told of this person, account and machine in the time of the session. */
function ownEvents({ dataset, person, account, address, host }: PrivilegedSessionJson, { from, to }: SessionAnswer['searches']['person']) {
  const machine = address === '' ? isValue('destination.domain', host) : isValue('destination.ip', address);
  const terms = [isValue('event.dataset', dataset), isValue('user.name', person), isValue('destination.user.name', account), machine];
  return { q: terms.join(' AND '), from, to };
}

function Facts({ data: { session, searches, files_changed: files } }: { readonly data: SessionAnswer }) {
  const machine = [
    machineOf(session),
    session.host !== '' && session.address !== '' ? session.address : '',
    session.port === '' ? '' : `port ${session.port}`,
  ];
  return (
    <Panel title="Session">
      <dl className="session-facts">
        <Fact name="State">
          <SessionState session={session} />
        </Fact>
        <Fact name="Approval">
          <SessionApproval approval={session.approval} />
        </Fact>
        <Fact name="Began">{session.started_at === undefined ? 'Not heard' : <TimeText iso={session.started_at} />}</Fact>
        <Fact name="Ended">{session.ended_at === undefined ? 'Not heard' : <TimeText iso={session.ended_at} />}</Fact>
        <Fact name="Lasted">{lengthText(session)}</Fact>
        <Fact name="Person">
          <Anchor component={Link} to={session.person_id === undefined ? linkToName(session.person) : linkToPerson(session.person_id)}>
            {session.person_name}
          </Anchor>
          {session.person_name !== session.person && ` (${session.person})`}
          {' · '}
          <Anchor component={Link} to={linkToEvents(searches.person)}>
            All they did meanwhile
          </Anchor>
        </Fact>
        <Fact name="Account">{session.account}</Fact>
        <Fact name="Machine">{machine.filter((text) => text !== '').join(' · ') || 'Not told'}</Fact>
        <Fact name="From">{session.source === '' ? 'Not told' : session.source}</Fact>
        <Fact name="Through">{[session.vault, session.product].filter((text) => text !== '').join(' · ')}</Fact>
        <Fact name="Commands">{commandsText(session)}</Fact>
        {files !== undefined && searches.machine !== undefined && (
          <Fact name="Files changed">
            {files === 0 ? (
              'None that the machine told of'
            ) : (
              <>
                <Anchor component={Link} to={linkToEvents(searches.machine)}>
                  {whole(files)} on the machine meanwhile
                </Anchor>
                , by whomever
              </>
            )}
          </Fact>
        )}
        {session.guessed && <Fact name="Note">Its events were known by their words alone, not by an id.</Fact>}
      </dl>
    </Panel>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

const REQUEST_WORDS = { asked: 'Asked for, not answered', approved: 'Approved', denied: 'Denied' } as const;

/** What the person had asked for, who answered, and for how long it was granted. */
function Requests({ session: { requests, approval } }: { readonly session: PrivilegedSessionJson }) {
  return (
    <Panel title="Requests" about="Of this person for this account and machine.">
      {requests.length === 0 && (
        <Text fz="sm" c="dimmed">
          {approval === 'not_told'
            ? 'This product tells nothing of requests, or when the session began is not known.'
            : 'None was heard of. Many credentials need none.'}
        </Text>
      )}
      <Stack gap="xs">
        {requests.map((request) => (
          <div key={`${request.id} ${request.asked_at ?? request.answered_at ?? ''}`}>
            <Text fz="sm" fw={600}>
              {REQUEST_WORDS[request.state]}
              {request.approver !== '' && (request.state === 'asked' ? `, for ${request.approver}` : ` by ${request.approver}`)}
              {request.guessed && ' (guessed, or of an unproven sender: does not count)'}
            </Text>
            <Text fz="sm">{[request.wish, request.id === '' ? '' : `request ${request.id}`].filter((text) => text !== '').join(', ')}</Text>
            {request.valid_from !== undefined && request.valid_until !== undefined && (
              <Text fz="sm" c="dimmed">
                From <TimeText iso={request.valid_from} /> to <TimeText iso={request.valid_until} />
              </Text>
            )}
          </div>
        ))}
      </Stack>
    </Panel>
  );
}

function Alerts({ alerts }: Pick<SessionAnswer, 'alerts'>) {
  return (
    <Panel title="Alerts" about="With an event of this session among their evidence.">
      {alerts.length === 0 && (
        <Text fz="sm" c="dimmed">
          None.
        </Text>
      )}
      <Stack gap={6}>
        {alerts.map((alert) => (
          <div key={alert.id} style={{ display: 'flex', gap: 8, alignItems: 'baseline', flexWrap: 'wrap' }}>
            <LevelBadge level={alert.level} />
            <Anchor component={Link} to={`/alerts/${encodeURIComponent(alert.id)}`} fz="sm" style={{ flex: '1 1 180px' }}>
              {alert.title}
            </Anchor>
            <Text fz="xs" c="dimmed">
              {alert.state}, <TimeText iso={alert.last_at} form="ago" />
            </Text>
          </div>
        ))}
      </Stack>
    </Panel>
  );
}

function Timeline({ data: { timeline, more }, onOpen }: { readonly data: SessionAnswer; readonly onOpen: (id: string) => void }) {
  return (
    <Panel title="Timeline" about="What the vault told, oldest first.">
      {timeline.length === 0 && <Empty title="Its events are gone">Retention has dropped them since this page was opened.</Empty>}
      <ol className="session-timeline">
        {timeline.map(({ at, kind, event }) => {
          const { word, icon: Icon } = HAPPENINGS[kind];
          return (
            <li key={`${kind} ${event.id}`}>
              <Icon size={14} aria-hidden />
              <div>
                <Anchor component="button" type="button" fz="sm" fw={600} onClick={() => onOpen(event.id)}>
                  {word}
                </Anchor>
                <Text fz="xs" c="dimmed" lineClamp={2} style={{ overflowWrap: 'anywhere' }}>
                  {messageOf(event)}
                </Text>
              </div>
              <Text component="span" c="dimmed" fz="sm">
                <TimeText iso={at} />
              </Text>
            </li>
          );
        })}
      </ol>
      {more && (
        <Text fz="sm" mt="xs">
          There are more: see all of its events.
        </Text>
      )}
    </Panel>
  );
}
