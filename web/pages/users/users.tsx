import { ActionIcon, Badge, Button, Menu, Table, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Ellipsis, UserPlus } from 'lucide-react';
import { useState } from 'react';
import {
  changeUserEndpoint,
  endUserSessionsEndpoint,
  inviteUserEndpoint,
  listUsersEndpoint,
  type User,
} from '../../../src/api/contract/users.ts';
import { call } from '../../data/client.ts';
import { ColumnHeads } from '../../parts/column-heads.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { Failed, Loading } from '../../parts/page-state.tsx';
import { tellFailure } from '../../parts/tell-failure.ts';
import { TimeText } from '../../parts/time-text.tsx';
import { WideTable } from '../../parts/wide-table.tsx';
import { UserDialog, type UserDialogState } from './user-dialog.tsx';

/** Who may sign in, and what they may do. */
export function Users() {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['users'],
    queryFn: ({ signal }) => call(listUsersEndpoint, { signal }),
  });
  const [dialog, setDialog] = useState<UserDialogState>();
  return (
    <>
      <PageHead title="Users" about="Who may sign in, and what they may do and see.">
        <Button leftSection={<UserPlus size={14} aria-hidden />} onClick={() => setDialog({ kind: 'new' })}>
          New user
        </Button>
      </PageHead>
      {isPending && <Loading what="the users" />}
      {error && <Failed error={error} retry={() => void refetch()} />}
      {data && <UserTable users={data.users} open={setDialog} />}
      {dialog && <UserDialog state={dialog} change={setDialog} />}
    </>
  );
}

function UserTable({ users, open }: { readonly users: readonly User[]; readonly open: (dialog: UserDialogState) => void }) {
  return (
    <WideTable minWidth={680} label="All users">
      <ColumnHeads names={['Name', 'Role', 'Datasets', 'State', 'Last signed in']} withActions />
      <Table.Tbody>
        {users.map((user) => (
          <Table.Tr key={user.id}>
            <Table.Th scope="row" fw={600}>
              {user.name}
              {user.display_name !== '' && (
                <Text c="dimmed" fz="xs">
                  {user.display_name}
                </Text>
              )}
            </Table.Th>
            <Table.Td>{user.role}</Table.Td>
            <Table.Td className="mono">{user.datasets.join(', ') || 'none'}</Table.Td>
            <Table.Td>
              <Badge variant="default">{user.state}</Badge>
              {user.from_provider && (
                <Text c="dimmed" fz="xs">
                  by the provider
                </Text>
              )}
            </Table.Td>
            <Table.Td>{user.last_sign_in_at === undefined ? 'never' : <TimeText iso={user.last_sign_in_at} form="ago" />}</Table.Td>
            <Table.Td ta="right">
              <UserMenu user={user} open={open} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function UserMenu({ user, open }: { readonly user: User; readonly open: (dialog: UserDialogState) => void }) {
  const { invite, enable, signOut } = useUserActions(user, open);
  const isDisabled = user.state === 'disabled';
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${user.name}`}>
          <Ellipsis size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => open({ kind: 'change', user })}>Change …</Menu.Item>
        {!isDisabled && !user.from_provider && <Menu.Item onClick={invite}>New password link …</Menu.Item>}
        <Menu.Item onClick={() => open({ kind: 'sessions', user })}>Sessions …</Menu.Item>
        <Menu.Item onClick={signOut}>Sign out everywhere</Menu.Item>
        <Menu.Divider />
        {isDisabled ? (
          <Menu.Item onClick={enable}>Enable</Menu.Item>
        ) : (
          <Menu.Item onClick={() => open({ kind: 'disable', user })}>Disable …</Menu.Item>
        )}
        <Menu.Item onClick={() => open({ kind: 'remove', user })}>Remove …</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function useUserActions(user: User, open: (dialog: UserDialogState) => void) {
  const queries = useQueryClient();
  const params = { id: user.id };
  const invite = useMutation({
    mutationFn: () => call(inviteUserEndpoint, { params, body: {} }),
    onSuccess: ({ code, expires_at }) => open({ kind: 'link', name: user.name, code, until: expires_at }),
    onError: tellFailure,
  });
  const enable = useMutation({
    mutationFn: () => call(changeUserEndpoint, { params, body: { disabled: false } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['users'] }),
    onError: tellFailure,
  });
  const signOut = useMutation({
    mutationFn: () => call(endUserSessionsEndpoint, { params, body: {} }),
    onSuccess: ({ ended }) =>
      notifications.show({ message: `${user.name} was signed out: ${ended} ${ended === 1 ? 'session' : 'sessions'}.` }),
    onError: tellFailure,
  });
  return { invite: () => invite.mutate(), enable: () => enable.mutate(), signOut: () => signOut.mutate() };
}
