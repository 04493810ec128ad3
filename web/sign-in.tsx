import { Anchor, Button, Divider, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { signInEndpoint, signInWaysEndpoint } from '../src/api/contract/session.ts';
import { call } from './data/client.ts';
import { Door } from './parts/door.tsx';
import { Failed } from './parts/page-state.tsx';

export function SignIn() {
  const { data: ways } = useQuery({ queryKey: ['sign-in-ways'], queryFn: ({ signal }) => call(signInWaysEndpoint, { signal }) });
  return (
    <Door title="Sign in">
      {ways?.setup === true && (
        <Text c="dimmed">Nobody has an account yet. The hub printed a link for the first one when it started; open that link.</Text>
      )}
      <PasswordForm />
      {ways?.oidc !== undefined && (
        <>
          <Divider label="or" />
          <Button component="a" href="/api/oidc/start" variant="default" fullWidth>
            {ways.oidc}
          </Button>
        </>
      )}
      <Text c="dimmed" fz="xs">
        No access? An administrator of this hub can invite you. <Anchor href="/healthz">Is it up?</Anchor>
      </Text>
    </Door>
  );
}

function PasswordForm() {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const queries = useQueryClient();
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => call(signInEndpoint, { body: { name, password } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['session'] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {error && <Failed error={error} />}
        <TextInput
          label="Name"
          autoComplete="username"
          required
          autoFocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <PasswordInput
          size="xs"
          label="Password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" loading={isPending} fullWidth>
          Sign in
        </Button>
      </Stack>
    </form>
  );
}
