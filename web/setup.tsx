import { Anchor, Button, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import type { z } from 'zod';
import { acceptSetupEndpoint, lookSetupEndpoint } from '../src/api/contract/setup.ts';
import { call } from './data/client.ts';
import { Door } from './parts/door.tsx';
import { faultOf, NewPassword } from './parts/new-password.tsx';
import { Failed, Loading } from './parts/page-state.tsx';

/** Where a one-time link leads: its holder chooses a password. The code is in the fragment, which no server sees. */
export function Setup() {
  const [code] = useState(() => location.hash.slice(1));
  useEffect(() => {
    // Not in the history of the browser either.
    history.replaceState(history.state, '', '/setup');
  }, []);
  const look = useQuery({
    queryKey: ['setup', code],
    queryFn: ({ signal }) => call(lookSetupEndpoint, { body: { code }, signal }),
    enabled: code !== '',
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (code === '')
    return (
      <Door title="Set up">
        <Text>This page needs the whole link, with what stands behind the #. Open it again as you got it.</Text>
        <SignInLink />
      </Door>
    );
  return (
    <Door title="Set up">
      {look.isPending && <Loading what="the link" />}
      {look.error && (
        <>
          <Failed error={look.error} />
          <SignInLink />
        </>
      )}
      {look.data && <SetupForm code={code} link={look.data} />}
    </Door>
  );
}

const SignInLink = () => (
  <Anchor component={Link} to="/" underline="always">
    To the sign-in
  </Anchor>
);

type OneTimeLink = z.output<typeof lookSetupEndpoint.answer>;

const purposeOf = ({ first, reset }: OneTimeLink): string => {
  if (first) return 'Nobody has an account yet. Yours is the first, and an administrator’s.';
  return reset
    ? 'Choose a new password. The old one stops working, and you are signed out wherever you are signed in.'
    : 'An account was made for you. Choose its password, and you are signed in.';
};

function SetupForm({ code, link }: { readonly code: string; readonly link: OneTimeLink }) {
  const { first } = link;
  const [name, setName] = useState(link.name ?? '');
  const [displayName, setDisplayName] = useState('');
  const [password, setPassword] = useState('');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => call(acceptSetupEndpoint, { body: { code, password, ...(first && { name, display_name: displayName }) } }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['session'] });
      await navigate('/', { replace: true });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    mutate();
  };
  const nameFault = faultOf(error, 'body.name');
  const passwordFault = faultOf(error, 'body.password');
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Text c="dimmed">{purposeOf(link)}</Text>
        {error && nameFault === undefined && passwordFault === undefined && <Failed error={error} />}
        <TextInput
          label="Name"
          description={first ? 'What you sign in with, such as ada or ada@example.com' : undefined}
          autoComplete="username"
          required
          autoFocus={first}
          readOnly={!first}
          value={name}
          error={nameFault}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {first && (
          <TextInput
            label="Shown as"
            description="Your name as colleagues know it; may be empty"
            autoComplete="name"
            value={displayName}
            onChange={(event) => setDisplayName(event.currentTarget.value)}
          />
        )}
        <NewPassword value={password} onChange={setPassword} error={passwordFault} />
        <Button type="submit" loading={isPending} fullWidth>
          {first ? 'Make the account' : 'Set the password'}
        </Button>
      </Stack>
    </form>
  );
}
