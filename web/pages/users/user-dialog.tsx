import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import {
  changeUserEndpoint,
  createUserEndpoint,
  listUserSessionsEndpoint,
  removeUserEndpoint,
  type User,
} from '../../../src/api/contract/users.ts';
import { ROLES, type Role } from '../../../src/model/role.ts';
import { call } from '../../data/client.ts';
import { DatasetsInput, datasetsOf } from '../../parts/datasets-input.tsx';
import { faultOf } from '../../parts/new-password.tsx';
import { Empty, Failed, Loading } from '../../parts/page-state.tsx';
import { SessionTable } from '../../parts/session-table.tsx';
import { ShownOnce } from '../../parts/shown-once.tsx';

export type UserDialogState =
  | { readonly kind: 'new' }
  | { readonly kind: 'change' | 'sessions' | 'disable' | 'remove'; readonly user: User }
  | { readonly kind: 'link'; readonly name: string; readonly code: string; readonly until: string };

const TITLES = {
  new: 'New user',
  change: 'Change',
  sessions: 'Sessions',
  disable: 'Disable',
  remove: 'Remove',
  link: 'One-time link',
} as const;

/** What is done to one user, on top of their list. */
export function UserDialog({
  state,
  change,
}: {
  readonly state: UserDialogState;
  readonly change: (next: UserDialogState | undefined) => void;
}) {
  const close = () => change(undefined);
  const of = 'user' in state ? ` ${state.user.name}` : '';
  return (
    <Modal opened onClose={close} title={`${TITLES[state.kind]}${of}`} size={state.kind === 'sessions' ? 'xl' : 'md'}>
      {state.kind === 'new' && <NewUser made={change} />}
      {state.kind === 'change' && <ChangeUser user={state.user} done={close} />}
      {state.kind === 'sessions' && <Sessions user={state.user} />}
      {(state.kind === 'disable' || state.kind === 'remove') && <Confirm kind={state.kind} user={state.user} done={close} />}
      {state.kind === 'link' && (
        <ShownOnce
          about={`${state.name} chooses a password by this link, once, until ${new Date(state.until).toLocaleString()}. It is shown this once: give it to nobody else.`}
          text={`${location.origin}/setup#${state.code}`}
          label="Copy the link"
        />
      )}
    </Modal>
  );
}

function NewUser({ made }: { readonly made: (next: UserDialogState) => void }) {
  const [name, setName] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [datasets, setDatasets] = useState('*');
  const queries = useQueryClient();
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => call(createUserEndpoint, { body: { name, display_name: displayName, role, datasets: datasetsOf(datasets) } }),
    onSuccess: async ({ user, link }) => {
      await queries.invalidateQueries({ queryKey: ['users'] });
      made({ kind: 'link', name: user.name, code: link.code, until: link.expires_at });
    },
  });
  const nameFault = faultOf(error, 'body.name');
  const datasetsFault = error?.message.includes('body.datasets') === true ? error.message : undefined;
  return (
    <form onSubmit={onSubmit(mutate)}>
      <Stack gap="sm">
        {error && nameFault === undefined && datasetsFault === undefined && <Failed error={error} />}
        <TextInput
          label="Name"
          description="What they sign in with"
          required
          data-autofocus
          autoComplete="off"
          value={name}
          error={nameFault}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label="Shown as"
          autoComplete="off"
          value={displayName}
          onChange={(event) => setDisplayName(event.currentTarget.value)}
        />
        <RoleSelect value={role} onChange={setRole} />
        <DatasetsInput value={datasets} onChange={setDatasets} error={datasetsFault} />
        <Button type="submit" loading={isPending}>
          Make the user and a link
        </Button>
      </Stack>
    </form>
  );
}

function ChangeUser({ user, done }: { readonly user: User; readonly done: () => void }) {
  const [displayName, setDisplayName] = useState(user.display_name);
  const [role, setRole] = useState<Role>(user.role);
  const [datasets, setDatasets] = useState(user.datasets.join(', '));
  const queries = useQueryClient();
  const { mutate, error, isPending } = useMutation({
    mutationFn: () =>
      call(changeUserEndpoint, { params: { id: user.id }, body: { display_name: displayName, role, datasets: datasetsOf(datasets) } }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['users'] });
      done();
    },
  });
  return (
    <form onSubmit={onSubmit(mutate)}>
      <Stack gap="sm">
        {user.from_provider && <Text c="dimmed">The provider’s groups give role and datasets again at the next sign-in.</Text>}
        {error && <Failed error={error} />}
        <TextInput label="Shown as" value={displayName} onChange={(event) => setDisplayName(event.currentTarget.value)} />
        <RoleSelect value={role} onChange={setRole} />
        <DatasetsInput value={datasets} onChange={setDatasets} />
        <Button type="submit" loading={isPending}>
          Save
        </Button>
      </Stack>
    </form>
  );
}

const ABOUT_ROLES: Readonly<Record<Role, string>> = {
  viewer: 'sees events, alerts and people',
  analyst: 'works on alerts, exports, keeps lists',
  responder: 'also acts on other systems',
  admin: 'everything, users and tokens too',
};

function RoleSelect({ value, onChange }: { readonly value: Role; readonly onChange: (role: Role) => void }) {
  return (
    <Select
      label="Role"
      allowDeselect={false}
      data={ROLES.map((role) => ({ value: role, label: `${role}: ${ABOUT_ROLES[role]}` }))}
      value={value}
      onChange={(chosen) => onChange(ROLES.find((role) => role === chosen) ?? value)}
    />
  );
}

function Sessions({ user }: { readonly user: User }) {
  const { data, error, isPending } = useQuery({
    queryKey: ['users', user.id, 'sessions'],
    queryFn: ({ signal }) => call(listUserSessionsEndpoint, { params: { id: user.id }, signal }),
  });
  if (isPending) return <Loading what="the sessions" />;
  if (error) return <Failed error={error} />;
  if (data.sessions.length === 0) return <Empty title="Not signed in anywhere" />;
  return <SessionTable sessions={data.sessions} />;
}

const CONFIRM = {
  disable: {
    about: 'Their sessions end at once, and they cannot sign in until they are enabled again.',
    word: 'Disable',
    act: (id: string) => call(changeUserEndpoint, { params: { id }, body: { disabled: true } }),
  },
  remove: {
    about: 'Their sessions end at once. What they did stays in the audit trail under their name.',
    word: 'Remove',
    act: (id: string) => call(removeUserEndpoint, { params: { id } }),
  },
} as const;

function Confirm({ kind, user, done }: { readonly kind: keyof typeof CONFIRM; readonly user: User; readonly done: () => void }) {
  const { about, word, act } = CONFIRM[kind];
  const queries = useQueryClient();
  const { mutate, error, isPending } = useMutation({
    mutationFn: async () => {
      await act(user.id);
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['users'] });
      done();
    },
  });
  return (
    <Stack gap="sm">
      {error && <Failed error={error} />}
      <Text>{about}</Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={done}>
          Leave it
        </Button>
        <Button color="red" loading={isPending} onClick={() => mutate()}>
          {word}
        </Button>
      </Group>
    </Stack>
  );
}

const onSubmit = (act: () => void) => (event: FormEvent) => {
  event.preventDefault();
  act();
};
