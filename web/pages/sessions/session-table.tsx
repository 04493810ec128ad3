import { Anchor, Table, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { PrivilegedSessionJson } from '../../../src/api/contract/privileged-sessions.ts';
import { ColumnHeads } from '../../parts/column-heads.tsx';
import { TimeText } from '../../parts/time-text.tsx';
import { SessionApproval, SessionState } from './session-badges.tsx';
import { commandsText, lengthText, titleOf } from './session-words.ts';
import './sessions.css';

/** Sessions in rows; on a phone each is a few lines. */
export function SessionTable({ sessions }: { readonly sessions: readonly PrivilegedSessionJson[] }) {
  return (
    <Table className="sessions" highlightOnHover>
      <ColumnHeads names={['Session', 'State', 'Approval', 'Began', 'Lasted', 'Commands', 'Alerts']} />
      <Table.Tbody>
        {sessions.map((session) => (
          <Table.Tr key={session.id}>
            <Table.Td>
              <Anchor component={Link} to={`/sessions/${session.id}`} fw={600}>
                {titleOf(session)}
              </Anchor>
              <Text fz="xs" c="dimmed">
                {[
                  `through ${session.vault === '' ? session.product : session.vault}`,
                  session.source === '' ? '' : `from ${session.source}`,
                ]
                  .filter((text) => text !== '')
                  .join(', ')}
              </Text>
            </Table.Td>
            <Table.Td>
              <SessionState session={session} />
            </Table.Td>
            <Table.Td>
              <SessionApproval approval={session.approval} />
            </Table.Td>
            <Table.Td data-label="Began">{session.started_at === undefined ? 'Not known' : <TimeText iso={session.started_at} />}</Table.Td>
            <Table.Td data-label="Lasted">{lengthText(session)}</Table.Td>
            <Table.Td data-label="Commands">{commandsText(session)}</Table.Td>
            <Table.Td data-label="Alerts">{session.alerts === 0 ? 'None' : session.alerts}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
