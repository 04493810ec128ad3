import { Badge, Button, Checkbox, Table, Text, TextInput } from '@mantine/core';
import { Search, VolumeX } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import type { Sources } from '../../../src/api/contract/sources.ts';
import { durationText } from '../../../src/model/duration-text.ts';
import { linkToEvents } from '../../parts/link-to-events.ts';
import { whole } from '../../parts/number-text.ts';
import { Empty } from '../../parts/page-state.tsx';
import { SparkBars } from '../../parts/spark-bars.tsx';
import { TimeText } from '../../parts/time-text.tsx';
import { WideTable } from '../../parts/wide-table.tsx';

type Speaker = Extract<Sources['speakers'], { ok: true }>['value']['speakers'][number];

const SHOWN = 40;

export function Speakers({ speakers, complete }: { readonly speakers: readonly Speaker[]; readonly complete: boolean }) {
  const [words, setWords] = useState('');
  const [onlyQuiet, setOnlyQuiet] = useState(false);
  const [all, setAll] = useState(false);
  if (speakers.length === 0) return <Empty title="Nobody was heard in 14 days">Connect a source: below it says how.</Empty>;
  const quiet = speakers.filter((speaker) => speaker.quiet).length;
  const found = speakers.filter((speaker) => (!onlyQuiet || speaker.quiet) && holds(speaker, words));
  const shown = all ? found : found.slice(0, SHOWN);
  return (
    <>
      <div className="filters">
        <TextInput
          aria-label="Find speakers"
          placeholder="Dataset, host or address"
          leftSection={<Search size={13} aria-hidden />}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <Checkbox
          size="xs"
          label={`Only the quiet ones (${quiet})`}
          checked={onlyQuiet}
          onChange={(event) => setOnlyQuiet(event.currentTarget.checked)}
        />
      </div>
      <WideTable minWidth={860} label="All who speak">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Dataset</Table.Th>
            <Table.Th>From</Table.Th>
            <Table.Th>Last seen</Table.Th>
            <Table.Th ta="right">Per minute</Table.Th>
            <Table.Th>Last 24 hours</Table.Th>
            <Table.Th ta="right">14 days</Table.Th>
            <Table.Th>Lag</Table.Th>
            <Table.Th ta="right">Faulty</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map((speaker) => (
            <Row key={speaker.q} speaker={speaker} />
          ))}
        </Table.Tbody>
      </WideTable>
      {found.length > shown.length && (
        <Button variant="default" mt="sm" onClick={() => setAll(true)}>
          Show all {found.length}
        </Button>
      )}
      {!complete && (
        <Text fz="xs" c="dimmed" mt="xs">
          There are more: these are the {speakers.length} with the most events.
        </Text>
      )}
    </>
  );
}

const holds = ({ dataset, host, peer }: Speaker, words: string): boolean =>
  words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => [dataset, host, peer].some((text) => text?.includes(word)));

function Row({ speaker }: { readonly speaker: Speaker }) {
  const { dataset, host, peer, quiet, hours, total, lag, faulty, q } = speaker;
  return (
    <Table.Tr>
      <Table.Td>{dataset === '' ? 'no dataset' : dataset}</Table.Td>
      <Table.Td>
        <Link to={linkToEvents({ q, from: 'now-14d', to: 'now' })}>{host ?? peer ?? 'no host, no address'}</Link>
        {host === undefined && peer !== undefined && (
          <Text fz="xs" c="dimmed">
            address
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <TimeText iso={speaker.last_seen} form="ago" />
        {quiet && <Quiet speaker={speaker} />}
      </Table.Td>
      <Table.Td ta="right">{perMinute(speaker.per_minute)}</Table.Td>
      <Table.Td>
        <SparkBars counts={hours} label={`Events of each of the last 24 hours: ${hours.join(', ')}`} />
      </Table.Td>
      <Table.Td ta="right">{whole(total)}</Table.Td>
      <Table.Td>{lag === undefined ? '–' : lagText(lag)}</Table.Td>
      <Table.Td ta="right">
        {faulty === 0 ? '0' : <Link to={linkToEvents({ q: speaker.faulty_q, from: 'now-24h', to: 'now' })}>{whole(faulty)}</Link>}
      </Table.Td>
    </Table.Tr>
  );
}

const Quiet = ({ speaker: { silent_secs: silent, longest_pause_secs: longest } }: { readonly speaker: Speaker }) => (
  <>
    <Badge variant="default" ml={6} leftSection={<VolumeX size={12} aria-hidden />}>
      Quiet
    </Badge>
    <Text fz="xs" c="dimmed">
      {durationText(silent)}; before, at most {durationText(longest)}
    </Text>
  </>
);

const perMinute = (rate: number): string => (rate === 0 ? '0' : rate < 10 ? rate.toFixed(1) : whole(Math.round(rate)));

/** A clock that goes fast gives events that came before they happened. */
function lagText({ median_secs: median, p95_secs: p95 }: NonNullable<Speaker['lag']>): string {
  if (median < -1) return `its clock is ${durationText(-median)} ahead`;
  return p95 > 2 && p95 > median * 2
    ? `${durationText(Math.max(median, 0))}, up to ${durationText(p95)}`
    : durationText(Math.max(median, 0));
}
