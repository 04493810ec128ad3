import { Anchor, Button, Group, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { faultSamplesEndpoint, type Sources } from '../../../src/api/contract/sources.ts';
import { call } from '../../data/client.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { linkToEvents } from '../../parts/link-to-events.ts';
import { whole } from '../../parts/number-text.ts';
import { Empty, Failed, Loading } from '../../parts/page-state.tsx';
import { TimeText } from '../../parts/time-text.tsx';
import { faultWords } from './fault-words.ts';

type Value = Extract<Sources['faults'], { ok: true }>['value'];

export function Faults({ faults: { total, tags, q, from, to } }: { readonly faults: Value }) {
  const [tag, setTag] = useState<string>();
  if (total === 0) return <Empty title="Nothing">All messages of the last 24 hours were read as they were meant.</Empty>;
  return (
    <Stack gap="sm">
      <Text>
        <Anchor component={Link} to={linkToEvents({ q, from, to })}>
          {whole(total)} {total === 1 ? 'event' : 'events'}
        </Anchor>
      </Text>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>What</Table.Th>
            <Table.Th ta="right">Events</Table.Th>
            <Table.Th>Samples</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tags.map((each) => (
            <Table.Tr key={each.tag}>
              <Table.Td>
                {faultWords(each.tag).what}
                <Text fz="xs" c="dimmed">
                  {faultWords(each.tag).todo}
                </Text>
                <Text className="mono" c="dimmed">
                  {each.tag}
                </Text>
              </Table.Td>
              <Table.Td ta="right">
                <Link to={linkToEvents({ q: each.q, from, to })}>{whole(each.count)}</Link>
              </Table.Td>
              <Table.Td>
                <Button
                  size="compact-xs"
                  variant="default"
                  aria-label={`${tag === each.tag ? 'Hide' : 'Show'} samples of ${each.tag}`}
                  aria-expanded={tag === each.tag}
                  onClick={() => setTag(tag === each.tag ? undefined : each.tag)}
                >
                  {tag === each.tag ? 'Hide' : 'Show'}
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {tag !== undefined && <Samples tag={tag} />}
    </Stack>
  );
}

function Samples({ tag }: { readonly tag: string }) {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['sources', 'faults', tag],
    queryFn: ({ signal }) => call(faultSamplesEndpoint, { query: { tag, limit: '5' }, signal }),
  });
  if (isPending) return <Loading what="samples" />;
  if (error !== null) return <Failed error={error} retry={() => void refetch()} />;
  return (
    <Stack gap="xs">
      {data.samples.map(({ id, timestamp, source, dataset, original, cut }) => (
        <div key={id}>
          <Group gap="sm">
            <Anchor component={Link} to={linkToEvents({ q: `event.id:"${id}"`, from: timestamp, event: id })} fz="sm">
              <TimeText iso={timestamp} />
            </Anchor>
            <Text fz="xs" c="dimmed">
              {[dataset, `by ${source}`].filter(Boolean).join(' ')}
            </Text>
            <CopyButton text={original} label={cut ? 'Copy the beginning of the message' : 'Copy the message'} />
          </Group>
          <Text className="mono" style={{ whiteSpace: 'pre-wrap' }}>
            {original}
            {cut ? ' (cut)' : ''}
          </Text>
        </div>
      ))}
    </Stack>
  );
}
