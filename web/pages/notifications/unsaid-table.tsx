import { Box, Table, Text } from '@mantine/core';
import type { UnsaidJson } from '../../../src/api/contract/outbox.ts';
import { whole } from '../../parts/number-text.ts';
import { Panel } from '../../parts/panel.tsx';
import { TimeText } from '../../parts/time-text.tsx';
import './notifications.css';

/** What was given up that no alert told. Nothing where there is none. */
export function UnsaidTable({ all }: { readonly all: readonly UnsaidJson[] }) {
  if (all.length === 0) return null;
  return (
    <Box mt="md">
      <Panel title="Digests and what people listen for" about="Given up; it is not tried again. What each was about is in the audit trail.">
        <Table className="notifications">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>What</Table.Th>
              <Table.Th>To</Table.Th>
              <Table.Th>Last</Table.Th>
              <Table.Th>Why</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {all.map((each) => (
              <Table.Tr key={[each.notifier, each.kind, each.digest, each.why].join('\n')}>
                <Table.Td>
                  {wordsOf(each)}
                  {each.count > 1 && (
                    <Text fz="xs" c="dimmed">
                      {whole(each.count)} times
                    </Text>
                  )}
                </Table.Td>
                <Table.Td>{each.notifier}</Table.Td>
                <Table.Td>
                  <TimeText iso={each.last_at} />
                </Table.Td>
                <Table.Td>{each.why}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Panel>
    </Box>
  );
}

const wordsOf = ({ kind, digest }: UnsaidJson): string => {
  if (kind === 'digest') return `The digest ${digest ?? ''}`;
  return kind === 'heard' ? 'What somebody listens for' : 'That something is muted, or no longer';
};
