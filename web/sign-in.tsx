import { Alert, Anchor, Button, Divider, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CircleX } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useLocation, useSearchParams } from 'react-router';
import { OIDC_FAULTS, type OidcFaultKind } from '../src/api/contract/oidc.ts';
import { signInEndpoint, signInWaysEndpoint } from '../src/api/contract/session.ts';
import { call } from './data/client.ts';
import { Door } from './parts/door.tsx';
import { Failed } from './parts/page-state.tsx';

export function SignIn() {
  const { data: ways } = useQuery({ queryKey: ['sign-in-ways'], queryFn: ({ signal }) => call(signInWaysEndpoint, { signal }) });
  const [search] = useSearchParams();
  const { pathname } = useLocation();
  const refused = OIDC_FAULTS.find((kind) => kind === search.get('sign_in'));
  const here = refused === undefined ? `${pathname}${search.size === 0 ? '' : `?${search}`}` : '/';
  return (
    <Door title="Sign in">
      {ways?.setup === true && (
        <Text c="dimmed">Nobody has an account yet. The hub printed a link for the first one when it started; open that link.</Text>
      )}
      {refused && (
        <Alert color="red" variant="light" className="failure" icon={<CircleX size={16} aria-hidden />} title="Not signed in" role="alert">
          {REFUSALS[refused]}
        </Alert>
      )}
      <PasswordForm />
      {ways?.oidc !== undefined && (
        <>
          <Divider label="or" />
          <Button component="a" href={`/api/oidc/start?to=${encodeURIComponent(here)}`} variant="default" fullWidth>
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

const REFUSALS: Readonly<Record<OidcFaultKind, string>> = {
  unreachable: 'The provider cannot be reached. Try again in a while, or sign in with a password.',
  expired: 'That sign-in was not begun in this browser, or too long ago. Begin again.',
  provider: 'The provider refused, or its answer was not sound. The audit trail of the hub has the reason.',
  no_name: 'The provider’s name for you is none that a user can have here. Ask an administrator.',
  no_group: 'None of your groups at the provider gives access here. Ask an administrator.',
  name_taken: 'Another account here has your name. Ask an administrator.',
  disabled: 'Your account is disabled. Ask an administrator.',
};

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
