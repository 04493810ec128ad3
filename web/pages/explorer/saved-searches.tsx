import { ActionIcon, Button, Checkbox, Group, Modal, Popover, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Bookmark, Check, Trash2, Users } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import {
  createSavedSearchEndpoint,
  deleteSavedSearchEndpoint,
  listSavedSearchesEndpoint,
  type SavedSearch,
} from '../../../src/api/contract/saved-searches.ts';
import { call } from '../../data/client.ts';
import { may, useSession } from '../../data/session.ts';
import { Empty, Failed, Loading } from '../../parts/page-state.tsx';
import { rangeText } from '../../parts/time-words.ts';
import type { ExplorerState } from './address.ts';

const KEY = ['saved-searches'];

/** Searches that were kept: one's own, and those that are for all. */
export function SavedSearches({ state, onOpen }: { readonly state: ExplorerState; readonly onOpen: (search: SavedSearch) => void }) {
  const [isOpen, { toggle, close }] = useDisclosure();
  const [isSaving, saving] = useDisclosure();
  return (
    <>
      <Popover opened={isOpen} onChange={(open) => !open && close()} position="bottom-end" width={340} trapFocus returnFocus withinPortal>
        <Popover.Target>
          <Button variant="default" leftSection={<Bookmark size={14} aria-hidden />} onClick={toggle} aria-expanded={isOpen}>
            Saved
          </Button>
        </Popover.Target>
        <Popover.Dropdown p="xs">
          <Button
            variant="light"
            fullWidth
            mb="xs"
            onClick={() => {
              close();
              saving.open();
            }}
          >
            Save this search
          </Button>
          <SavedList
            onOpen={(search) => {
              close();
              onOpen(search);
            }}
          />
        </Popover.Dropdown>
      </Popover>
      <Modal opened={isSaving} onClose={saving.close} title="Save this search" closeButtonProps={{ 'aria-label': 'Close' }}>
        <SaveForm state={state} onDone={saving.close} />
      </Modal>
    </>
  );
}

function SavedList({ onOpen }: { readonly onOpen: (search: SavedSearch) => void }) {
  const { data, error, refetch } = useQuery({ queryKey: KEY, queryFn: ({ signal }) => call(listSavedSearchesEndpoint, { signal }) });
  if (error !== null) return <Failed error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="saved searches" />;
  if (data.searches.length === 0) return <Empty title="Nothing is saved yet">Save a search to find it here.</Empty>;
  return (
    <ul className="saved">
      {data.searches.map((search) => (
        <SavedEntry key={search.id} search={search} onOpen={onOpen} />
      ))}
    </ul>
  );
}

function SavedEntry({ search, onOpen }: { readonly search: SavedSearch; readonly onOpen: (search: SavedSearch) => void }) {
  const session = useSession();
  const queries = useQueryClient();
  const [isAsked, setAsked] = useState(false);
  const { mutate, isPending } = useMutation({
    mutationFn: () => call(deleteSavedSearchEndpoint, { params: { id: search.id } }),
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  });
  const mayDelete = search.own || (search.shared && may(session, 'lists:write'));
  return (
    <li>
      <UnstyledButton className="saved-open" onClick={() => onOpen(search)}>
        <Text fw={600} truncate>
          {search.name}
        </Text>
        <Text c="dimmed" fz="xs" truncate>
          {search.q === '' ? 'everything' : search.q} · {rangeText(search)}
        </Text>
        {search.shared && (
          <Text c="dimmed" fz="xs">
            <Users size={11} aria-hidden /> for all{search.own ? '' : `, by ${search.owner}`}
          </Text>
        )}
      </UnstyledButton>
      {mayDelete && (
        <ActionIcon
          variant={isAsked ? 'filled' : 'subtle'}
          color={isAsked ? 'red' : 'gray'}
          size={24}
          loading={isPending}
          aria-label={isAsked ? `Really delete ${search.name}` : `Delete ${search.name}`}
          title={isAsked ? 'Press again to delete' : 'Delete'}
          onClick={() => (isAsked ? mutate() : setAsked(true))}
          onBlur={() => setAsked(false)}
        >
          {isAsked ? <Check size={13} aria-hidden /> : <Trash2 size={13} aria-hidden />}
        </ActionIcon>
      )}
    </li>
  );
}

function SaveForm({ state, onDone }: { readonly state: ExplorerState; readonly onDone: () => void }) {
  const session = useSession();
  const queries = useQueryClient();
  const [name, setName] = useState(state.q.slice(0, 60));
  const [isShared, setShared] = useState(false);
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => {
      const { q, from, to, columns } = state;
      return call(createSavedSearchEndpoint, { body: { name, q, from, to, columns: [...columns], shared: isShared } });
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: KEY });
      onDone();
    },
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
          required
          maxLength={100}
          data-autofocus
          value={name}
          onChange={({ currentTarget: { value } }) => setName(value)}
        />
        <Text c="dimmed" fz="sm">
          Kept are the query, the time ({rangeText(state)}) and the columns.
        </Text>
        {may(session, 'lists:write') && (
          <Checkbox label="For all who use this hub" checked={isShared} onChange={({ currentTarget: { checked } }) => setShared(checked)} />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
