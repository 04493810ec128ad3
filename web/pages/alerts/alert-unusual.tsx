import { Anchor, List, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { type AlertDetailJson, relatedAlertsEndpoint, unusualAlertEndpoint } from '../../../src/api/contract/alerts.ts';
import { type AlertUsual, USUAL_DAYS, usualText } from '../../../src/model/alert-usual.ts';
import { call } from '../../data/client.ts';
import { linkToEvents } from '../../parts/link-to-events.ts';
import { whole } from '../../parts/number-text.ts';
import { Failed, Loading } from '../../parts/page-state.tsx';
import { isValue } from '../../parts/query-text.ts';
import { TimeText } from '../../parts/time-text.tsx';
import { RESOLUTION_WORDS, STATE_LOOK } from './alert-words.ts';

/** How often this happened before, and how it was decided then. */
export function AlertUnusual({ alert }: { readonly alert: AlertDetailJson }) {
  return alert.kind === 'rule' ? <EventsBefore alert={alert} /> : <AlertsBefore id={alert.id} />;
}

/** What correlations, baselines and silence find: its events may be of every day, so alerts are counted. */
function AlertsBefore({ id }: { readonly id: string }) {
  const { data, error, refetch } = useRelated(id);
  if (error !== null) return <Failed error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="what is usual" />;
  return (
    <Stack gap="xs">
      <Text fw={600}>{data.earlier.length === 0 ? 'The first alert of just this.' : 'This has happened before.'}</Text>
      <Earlier id={id} />
    </Stack>
  );
}

/** In the thirty days before. */
function EventsBefore({ alert }: { readonly alert: AlertDetailJson }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['alert-unusual', alert.id],
    queryFn: ({ signal }) => call(unusualAlertEndpoint, { params: { id: alert.id }, signal }),
    staleTime: 300_000,
  });
  if (error !== null) return <Failed error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="what is usual" />;
  const range = { from: data.from, to: data.to };
  const rule = isValue('rule.id', alert.rule_id);
  const events = (q: string, count: number): ReactNode =>
    count === 0 ? (
      <strong>never</strong>
    ) : (
      <Anchor component={Link} underline="always" to={linkToEvents({ q, ...range })}>
        <strong>{count === 1 ? 'once' : `${whole(count)} times`}</strong>
      </Anchor>
    );
  return (
    <Stack gap="xs">
      <Text fw={600}>{usualText(usualOf(data))}</Text>
      <List size="sm" spacing={2}>
        <List.Item>
          This rule, for anybody: {events(rule, data.rule_events)}
          {data.rule_people > 0 && `, by ${whole(data.rule_people)} ${data.rule_people === 1 ? 'person' : 'people'}`}
        </List.Item>
        <List.Item>
          Just this (the same {Object.keys(alert.group).join(', ')}): {events(alert.events.q, data.group_events)}
          {data.group_last_at !== undefined && (
            <>
              {' '}
              on {whole(data.group_days)} {data.group_days === 1 ? 'day' : 'days'}, last <TimeText iso={data.group_last_at} form="ago" />
            </>
          )}
        </List.Item>
        {data.person !== undefined && (
          <>
            <List.Item>
              This rule, for {data.person.name}: {events(`${rule} AND ${isValue('user.name', data.person.name)}`, data.person.rule_events)}
            </List.Item>
            <List.Item>
              Any rule, for {data.person.name}:{' '}
              {events(`earshot.hits:>0 AND ${isValue('user.name', data.person.name)}`, data.person.any_rule_events)}
            </List.Item>
          </>
        )}
      </List>
      <Text c="dimmed" fz="xs">
        In the {USUAL_DAYS} days before its first event.
      </Text>
      <Earlier id={alert.id} />
    </Stack>
  );
}

type Unusual = ReturnType<typeof unusualAlertEndpoint.answer.parse>;

const usualOf = ({ rule_events: ruleEvents, group_events: groupEvents, person }: Unusual): AlertUsual => ({
  ruleEvents,
  groupEvents,
  person: person && { name: person.name, ruleEvents: person.rule_events },
});

/** How earlier alerts of the same rule on the same group ended. */
function Earlier({ id }: { readonly id: string }) {
  const { data } = useRelated(id);
  if (data === undefined || data.earlier.length === 0) return null;
  return (
    <div>
      <Text fw={600} fz="sm">
        Earlier alerts of just this
      </Text>
      <ul className="alert-list">
        {data.earlier.map((each) => (
          <li key={each.id}>
            <Anchor component={Link} underline="always" to={`/alerts/${each.id}`}>
              <TimeText iso={each.last_at} />
            </Anchor>
            {': '}
            {each.resolution === undefined
              ? STATE_LOOK[each.state].word.toLowerCase()
              : RESOLUTION_WORDS[each.resolution].word.toLowerCase()}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Related and earlier alerts: two panels show parts of one answer. */
export const useRelated = (id: string) =>
  useQuery({
    queryKey: ['alert-related', id],
    queryFn: ({ signal }) => call(relatedAlertsEndpoint, { params: { id }, signal }),
    staleTime: 60_000,
  });
