import { Anchor, Button, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { type AlertContextJson, alertContextEndpoint } from '../../../src/api/contract/alert-context.ts';
import type { AlertDetailJson } from '../../../src/api/contract/alerts.ts';
import { KNOWN_DAYS } from '../../../src/model/alert-context.ts';
import { call } from '../../data/client.ts';
import { linkToEvents } from '../../parts/link-to-events.ts';
import { whole } from '../../parts/number-text.ts';
import { Failed, Loading } from '../../parts/page-state.tsx';
import { PartOf } from '../../parts/part-state.tsx';
import { isValue, withTerm } from '../../parts/query-text.ts';
import { TimeText } from '../../parts/time-text.tsx';

/** Shown before somebody asks for more. */
const FEW = 10;
const USUAL = 4;

type Asked = Pick<AlertContextJson, 'query' | 'from' | 'to'>;
type Files = Extract<AlertContextJson['files'], { ok: true }>['value'];
type Whereabouts = Extract<AlertContextJson['whereabouts'], { ok: true }>['value'];
type Kind = Whereabouts['addresses'];
type Deeds = Extract<AlertContextJson['deeds'], { ok: true }>['value'];

/** What the person of the alert did around it: files, what is new and what is usual, and what each system tells. */
export function AlertContext({ alert }: { readonly alert: AlertDetailJson }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['alert-context', alert.id, alert.last_at],
    queryFn: ({ signal }) => call(alertContextEndpoint, { params: { id: alert.id }, signal }),
    staleTime: 60_000,
  });
  if (error !== null) return <Failed error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="what happened around it" />;
  const { context } = data;
  if (context === undefined) return <Text c="dimmed">It names no person.</Text>;
  return (
    <Stack gap="sm">
      <Text fz="sm">
        {context.person}, <TimeText iso={context.from} /> to <TimeText iso={context.to} />
      </Text>
      <PartOf part={context.files}>{(files) => <TakenFiles files={files} />}</PartOf>
      <PartOf part={context.whereabouts}>{(places) => <Places places={places} />}</PartOf>
      <PartOf part={context.deeds}>{(deeds) => <WhatElse deeds={deeds} asked={context} />}</PartOf>
    </Stack>
  );
}

function Head({ children }: { readonly children: string }) {
  return (
    <Text fw={600} fz="sm">
      {children}
    </Text>
  );
}

function TakenFiles({ files: { total, different, files } }: { readonly files: Files }) {
  const [all, showAll] = useState(false);
  if (total === 0) return null;
  const shown = all ? files : files.slice(0, FEW);
  return (
    <div>
      <Head>{`Files fetched or looked at: ${whole(total)}${different < total ? `, ${whole(different)} different` : ''}`}</Head>
      <ul className="alert-list">
        {shown.map(({ id, name, type, channels, count, last_at: last }) => (
          <li key={`${id} ${name} ${type}`}>
            {name}
            {type !== '' && ` (${type})`}
            {channels.length > 0 && ` in ${channels.join(', ')}`}
            {count > 1 && `, ${whole(count)} times`}, <TimeText iso={last} />
          </li>
        ))}
        {different > shown.length && (all || files.length <= FEW) && <li>and {whole(different - shown.length)} more</li>}
      </ul>
      {shown.length < files.length && (
        <Button size="compact-xs" variant="subtle" onClick={() => showAll(true)}>
          {files.length - shown.length} more
        </Button>
      )}
    </div>
  );
}

const KINDS: readonly (readonly [keyof Whereabouts, string])[] = [
  ['addresses', 'Addresses'],
  ['programs', 'Programs'],
  ['hosts', 'Hosts'],
];

function Places({ places }: { readonly places: Whereabouts }) {
  const kinds = KINDS.filter(([kind]) => places[kind].present.length + places[kind].usual.length > 0);
  if (kinds.length === 0) return null;
  const known = kinds.some(([kind]) => places[kind].usual.length > 0);
  return (
    <div>
      <Head>Where from, and with what</Head>
      {!known && <Text fz="sm">Nothing is known of the {KNOWN_DAYS} days before: it cannot be said what is new.</Text>}
      <dl className="facts">
        {kinds.map(([kind, name]) => (
          <PlacesOf key={kind} name={name} kind={places[kind]} known={known} />
        ))}
      </dl>
    </div>
  );
}

interface PlacesOfProps {
  readonly name: string;
  readonly kind: Kind;
  /** Whether it can be said what is new. */
  readonly known: boolean;
}

function PlacesOf({ name, kind: { present, present_count: count, usual }, known }: PlacesOfProps) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {present.map(({ value, before, within }) => (
          <div key={value}>
            {known && before === 0 && <strong>New: </strong>}
            {value} <Text span c="dimmed">{`(${whole(within)})`}</Text>
          </div>
        ))}
        {count > present.length && <div>and {whole(count - present.length)} more</div>}
        {usual.length > 0 && (
          <Text fz="xs" c="dimmed">
            Usual:{' '}
            {usual
              .slice(0, USUAL)
              .map(({ value, before_days: days }) => `${value} (${days} ${days === 1 ? 'day' : 'days'})`)
              .join('; ')}
          </Text>
        )}
      </dd>
    </>
  );
}

function WhatElse({ deeds, asked: { query, from, to } }: { readonly deeds: Deeds; readonly asked: Asked }) {
  if (deeds.length === 0) return <Text fz="sm">No system tells of anything else.</Text>;
  return (
    <div>
      <Head>What each system tells</Head>
      <ul className="alert-list">
        {deeds.map(({ dataset, count, actions, hosts, processes }) => (
          <li key={dataset}>
            {dataset === '' ? (
              'without a dataset'
            ) : (
              <Anchor
                component={Link}
                underline="always"
                to={linkToEvents({ q: withTerm(query, isValue('event.dataset', dataset)), from, to })}
              >
                {dataset}
              </Anchor>
            )}
            {`: ${whole(count)} (${actions.map((each) => `${each.action === '' ? 'without a name' : each.action} ${whole(each.count)}`).join(', ')})`}
            {hosts.length > 0 && `; on ${hosts.join(', ')}`}
            {processes.length > 0 && `; ran ${processes.join(', ')}`}
          </li>
        ))}
      </ul>
    </div>
  );
}
