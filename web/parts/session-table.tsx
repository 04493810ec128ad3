import { Badge, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { z } from 'zod';
import type { session } from '../../src/api/contract/users.ts';
import { ColumnHeads } from './column-heads.tsx';
import { TimeText } from './time-text.tsx';
import { WideTable } from './wide-table.tsx';

type Session = z.output<typeof session> & { readonly current?: boolean };

const WAYS = { password: 'Password', provider: 'Provider', link: 'One-time link' } as const;

/** Where somebody is signed in. */
export function SessionTable<S extends Session>({
  sessions,
  action,
}: {
  readonly sessions: readonly S[];
  readonly action?: (session: S) => ReactNode;
}) {
  return (
    <WideTable minWidth={560} label="Sessions">
      <ColumnHeads names={['Browser', 'Address', 'Signed in', 'Last used']} withActions={action !== undefined} />
      <Table.Tbody>
        {sessions.map((one) => (
          <Table.Tr key={one.id}>
            <Table.Td>
              {browserOf(one.agent)} {one.current === true && <Badge variant="default">this one</Badge>}
            </Table.Td>
            <Table.Td className="mono">{one.address}</Table.Td>
            <Table.Td>
              <TimeText iso={one.created_at} form="ago" />
              <Text c="dimmed" fz="xs">
                {WAYS[one.way]}
              </Text>
            </Table.Td>
            <Table.Td>
              <TimeText iso={one.used_at} form="ago" />
            </Table.Td>
            {action && <Table.Td ta="right">{action(one)}</Table.Td>}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrom(e|ium)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
];

/** In words, as far as a browser says what it is. */
function browserOf(agent: string): string {
  const found = [BROWSERS, SYSTEMS].flatMap((table) => table.find(([pattern]) => pattern.test(agent))?.[1] ?? []);
  return found.join(', ') || agent.slice(0, 40) || 'Unknown';
}
