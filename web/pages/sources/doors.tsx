import { Badge, Table, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { Sources } from '../../../src/api/contract/sources.ts';
import { durationText } from '../../../src/model/duration-text.ts';
import { bytesText } from '../../parts/bytes-text.ts';
import { linkToEvents } from '../../parts/link-to-events.ts';
import { whole } from '../../parts/number-text.ts';
import { Empty } from '../../parts/page-state.tsx';
import { isValue } from '../../parts/query-text.ts';
import { TimeText } from '../../parts/time-text.tsx';
import { WideTable } from '../../parts/wide-table.tsx';

export type Door = Extract<Sources['doors'], { ok: true }>['value'][number];

const STATE: Readonly<Record<Door['state'], { readonly word: string; readonly color: string }>> = {
  listening: { word: 'Listening', color: 'green' },
  reading: { word: 'Reading', color: 'green' },
  failed: { word: 'Failed', color: 'red' },
};

export function Doors({ doors }: { readonly doors: readonly Door[] }) {
  if (doors.length === 0) return <Empty title="No source is configured">Add one under sources in the configuration, then reload.</Empty>;
  return (
    <WideTable minWidth={760} label="All doors">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Name</Table.Th>
          <Table.Th>State</Table.Th>
          <Table.Th>Where</Table.Th>
          <Table.Th ta="right">Received</Table.Th>
          <Table.Th ta="right">Connections</Table.Th>
          <Table.Th>Lost or refused</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {doors.map((door) => (
          <Table.Tr key={door.name}>
            <Table.Td>
              <Link to={linkToEvents({ q: isValue('earshot.source', door.name) })}>{door.name}</Link>
              <Text fz="xs" c="dimmed">
                {door.type}
              </Text>
            </Table.Td>
            <Table.Td>
              <Badge variant="light" color={STATE[door.state].color} style={{ color: 'var(--mantine-color-text)' }}>
                {STATE[door.state].word}
              </Badge>
              {door.fault !== undefined && <Text fz="xs">{door.fault}</Text>}
              {door.polling !== undefined && <PollingText polling={door.polling} />}
            </Table.Td>
            <Table.Td>
              {door.listening.map((address) => (
                <Text key={address} className="mono">
                  {address}
                </Text>
              ))}
            </Table.Td>
            <Table.Td ta="right">
              {door.received === undefined ? '' : whole(door.received)}
              <Text fz="xs" c="dimmed">
                {door.received_bytes === undefined ? '' : bytesText(door.received_bytes)}
              </Text>
            </Table.Td>
            <Table.Td ta="right">{whole(door.connections)}</Table.Td>
            <Table.Td>
              <Losses door={door} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function PollingText({ polling }: { readonly polling: NonNullable<Door['polling']> }) {
  const { lag_secs: lag, interval_secs: interval, calls_per_minute: calls, past_left_secs: left, past_secs: past } = polling;
  return (
    <Text fz="xs" c="dimmed">
      Read to {durationText(lag)} ago, every {durationText(interval)}, up to {whole(calls)} calls a minute
      {left > 0 && `; of the past, ${durationText(left)} of ${durationText(past)} are still to be read`}
    </Text>
  );
}

function Losses({ door: { dropped, truncated, refused, resent, refusals } }: { readonly door: Door }) {
  const lines = [
    ...textsOf(dropped, 'dropped'),
    ...textsOf(truncated, 'cut short'),
    ...textsOf(refused, 'connections refused'),
    ...(resent > 0 ? [`${whole(resent)} sent twice`] : []),
  ];
  if (lines.length === 0)
    return (
      <Text c="dimmed" fz="sm">
        none
      </Text>
    );
  return (
    <>
      {lines.map((line) => (
        <Text key={line} fz="sm">
          {line}
        </Text>
      ))}
      {refusals.length > 0 && (
        <details>
          <summary>Who was not let in</summary>
          {refusals.map(({ address, why, times, last_at: lastAt }) => (
            <Text key={`${address} ${why}`} fz="xs">
              {why} ({whole(times)} {times === 1 ? 'time' : 'times'}, <TimeText iso={lastAt} form="ago" />)
            </Text>
          ))}
        </details>
      )}
    </>
  );
}

const textsOf = (reasons: Readonly<Record<string, number>>, what: string): string[] =>
  Object.entries(reasons)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${whole(count)} ${what}: ${reason.replaceAll('_', ' ')}`);
