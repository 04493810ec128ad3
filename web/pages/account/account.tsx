import { Button, PasswordInput, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { accountEndpoint, changePasswordEndpoint, endSessionEndpoint } from '../../../src/api/contract/account.ts';
import { call } from '../../data/client.ts';
import { signOut } from '../../data/sign-out.ts';
import { faultOf, NewPassword } from '../../parts/new-password.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { Failed, Loading } from '../../parts/page-state.tsx';
import { Panel } from '../../parts/panel.tsx';
import { SessionTable } from '../../parts/session-table.tsx';
import { tellFailure } from '../../parts/tell-failure.ts';
import { Listening } from './listening.tsx';

/** Of who is signed in: where, and with what. */
export function Account() {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['account'],
    queryFn: ({ signal }) => call(accountEndpoint, { signal }),
  });
  if (isPending) return <Loading what="your account" />;
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  const datasets = data.datasets.includes('*') ? 'all datasets' : data.datasets.join(', ') || 'no dataset';
  return (
    <>
      <PageHead title="Your account" about={`${data.name} · ${data.role} · sees ${datasets}`} />
      <Stack gap="md">
        <Panel
          title="Where you are signed in"
          about="A session that you do not know is a reason to end all of them and to change your password."
          aside={
            <Button variant="default" onClick={() => void signOut(true)}>
              Sign out everywhere
            </Button>
          }
        >
          <SessionTable sessions={data.sessions} action={({ id, current }) => !current && <EndSession id={id} />} />
        </Panel>
        <Listening />
        <Panel title="Password">
          {data.has_password ? (
            <PasswordForm name={data.name} />
          ) : (
            <Text c="dimmed">You sign in through the provider: your password is there.</Text>
          )}
        </Panel>
      </Stack>
    </>
  );
}

function EndSession({ id }: { readonly id: string }) {
  const queries = useQueryClient();
  const { mutate, isPending } = useMutation({
    mutationFn: () => call(endSessionEndpoint, { params: { id }, body: {} }),
    onError: tellFailure,
    onSettled: () => queries.invalidateQueries({ queryKey: ['account'] }),
  });
  return (
    <Button variant="default" loading={isPending} onClick={() => mutate()}>
      End
    </Button>
  );
}

function PasswordForm({ name }: { readonly name: string }) {
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const queries = useQueryClient();
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => call(changePasswordEndpoint, { body: { current, password } }),
    onSuccess: async ({ ended }) => {
      setCurrent('');
      setPassword('');
      notifications.show({ message: `Your password is changed. ${ended} other ${ended === 1 ? 'session' : 'sessions'} ended.` });
      await queries.invalidateQueries({ queryKey: ['account'] });
    },
  });
  const fault = faultOf(error, 'body.password');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm" maw={360}>
        {error && fault === undefined && <Failed error={error} />}
        {/* For password managers, which keep a password under a name. */}
        <input type="text" name="username" autoComplete="username" value={name} readOnly hidden />
        <PasswordInput
          size="xs"
          label="Current password"
          autoComplete="current-password"
          required
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
        <NewPassword label="New password" value={password} onChange={setPassword} error={fault} />
        <Button type="submit" loading={isPending}>
          Change the password
        </Button>
      </Stack>
    </form>
  );
}
