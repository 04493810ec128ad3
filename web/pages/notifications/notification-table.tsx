import { Anchor, Button, Table, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { OutboxEntry } from '../../../src/api/contract/outbox.ts';
import { namesLine } from '../../parts/alert-names.ts';
import { whole } from '../../parts/number-text.ts';
import { TimeText } from '../../parts/time-text.tsx';
import './notifications.css';

export interface NotificationTableProps {
  readonly entries: readonly OutboxEntry[];
  /** The id of the one that is being asked for. */
  readonly busy: string | undefined;
  /** Absent for who may not. */
  readonly onRetry?: (id: string) => void;
}

export function NotificationTable({ entries, busy, onRetry }: NotificationTableProps) {
  return (
    <Table className="notifications">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>What</Table.Th>
          <Table.Th>To</Table.Th>
          <Table.Th>Since</Table.Th>
          <Table.Th>How it stands</Table.Th>
          {onRetry !== undefined && <Table.Td />}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {entries.map((entry) => (
          <Table.Tr key={entry.id}>
            <Table.Td>
              <What entry={entry} />
            </Table.Td>
            <Table.Td>{entry.notifier}</Table.Td>
            <Table.Td>
              <TimeText iso={entry.created_at} />
            </Table.Td>
            <Table.Td>
              <Standing entry={entry} />
            </Table.Td>
            {onRetry !== undefined && (
              <Table.Td>
                {(entry.state === 'dead' || entry.state === 'pending') && (
                  <Button
                    size="compact-xs"
                    variant="default"
                    loading={busy === entry.id}
                    aria-label={`Try again: ${entry.alert?.title ?? 'an alert'}, to ${entry.notifier}`}
                    onClick={() => onRetry(entry.id)}
                  >
                    Try again
                  </Button>
                )}
              </Table.Td>
            )}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

const TOLD: Readonly<Record<string, string>> = { grew: 'that it grew', context: 'what is known around it', said: 'what was answered' };

function What({ entry: { alert_id: id, alert, kind } }: { readonly entry: OutboxEntry }) {
  if (alert === undefined) return <Text c="dimmed">An alert of datasets that you may not see</Text>;
  return (
    <>
      <Anchor component={Link} to={`/alerts/${id}`}>
        {alert.title}
      </Anchor>
      <Text fz="xs" c="dimmed">
        {[TOLD[kind] ?? '', namesLine({ group: alert.group, evidence: [] })].filter(Boolean).join(': ')}
      </Text>
    </>
  );
}

function Standing({
  entry: { state, attempts, why, changed_at: changedAt, due_at: dueAt, possible_repeat: repeat },
}: {
  readonly entry: OutboxEntry;
}) {
  const tries = `${whole(attempts)} ${attempts === 1 ? 'attempt' : 'attempts'}`;
  return (
    <>
      {why !== undefined && <Text fz="sm">{why}</Text>}
      <Text fz="xs" c="dimmed">
        {state === 'dead' && (
          <>
            given up <TimeText iso={changedAt} form="ago" /> after {tries}
          </>
        )}
        {state === 'pending' && attempts > 0 && (
          <>
            {tries}, the next <TimeText iso={dueAt} form="ago" />
          </>
        )}
        {state === 'pending' && attempts === 0 && 'not tried yet'}
        {state === 'sending' && 'on its way'}
        {repeat && ', may have been told before'}
      </Text>
    </>
  );
}
