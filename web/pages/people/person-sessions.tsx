import { Button, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { personSessionsEndpoint } from '../../../src/api/contract/people.ts';
import { call } from '../../data/client.ts';
import { ColumnHeads } from '../../parts/column-heads.tsx';
import { factOf, messageOf } from '../../parts/event-facts.ts';
import { Empty, Failed, Loading } from '../../parts/page-state.tsx';
import { Panel } from '../../parts/panel.tsx';
import { TimeText } from '../../parts/time-text.tsx';
import type { TimeWords } from '../../parts/time-words.ts';

interface PersonSessionsProps {
  readonly id: string;
  readonly range: TimeWords;
  /** Opens an event beside the page. */
  readonly onOpen: (event: string) => void;
}

/** Beginnings and ends of sessions, as far as products tell them. */
export function PersonSessions({ id, range: { from, to }, onOpen }: PersonSessionsProps) {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['person-sessions', id, from, to],
    queryFn: ({ signal }) => call(personSessionsEndpoint, { params: { id }, query: { from, to }, signal }),
  });
  return (
    <Panel title="Sessions" about="Events of the category session that name this person, newest first.">
      {isPending && <Loading what="sessions" />}
      {error && <Failed error={error} retry={() => void refetch()} />}
      {data?.events.length === 0 && <Empty title="No sessions in this time">No product told of a session that began or ended.</Empty>}
      {data && data.events.length > 0 && (
        <Table.ScrollContainer minWidth={620} type="native" tabIndex={0} role="region" aria-label="Table: sessions">
          <Table highlightOnHover>
            <ColumnHeads names={['When', 'What', 'Account', 'Where', 'Dataset']} withActions />
            <Table.Tbody>
              {data.events.map((event) => (
                <Table.Tr key={event.id}>
                  <Table.Td>
                    <TimeText iso={event.timestamp} />
                  </Table.Td>
                  <Table.Td>
                    {factOf(event, 'event.action') || messageOf(event).slice(0, 80)}
                    <Text fz="xs" c="dimmed">
                      {factOf(event, 'event.type')} {factOf(event, 'event.outcome')}
                    </Text>
                  </Table.Td>
                  <Table.Td>
                    {factOf(event, 'user.effective.name') || factOf(event, 'user.target.name') || factOf(event, 'user.name')}
                  </Table.Td>
                  <Table.Td>
                    {factOf(event, 'destination.domain') || factOf(event, 'host.name') || factOf(event, 'destination.ip')}
                  </Table.Td>
                  <Table.Td className="mono">{factOf(event, 'event.dataset')}</Table.Td>
                  <Table.Td ta="right">
                    <Button size="compact-xs" variant="default" onClick={() => onOpen(event.id)}>
                      Details
                    </Button>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Panel>
  );
}
