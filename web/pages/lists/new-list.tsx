import { Button, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { createListEndpoint } from '../../../src/api/contract/lists.ts';
import { LIST_KINDS, type ListKind } from '../../../src/model/named-list.ts';
import { call } from '../../data/client.ts';
import { Failed } from '../../parts/page-state.tsx';
import { KINDS } from './kinds.ts';

export interface NewListProps {
  readonly close: () => void;
  readonly made: (name: string) => void;
}

/** Asks for a name, a kind and why the list is kept. */
export function NewList({ close, made }: NewListProps) {
  const [name, setName] = useState('');
  const [kind, setKind] = useState<ListKind>('cidr');
  const [reason, setReason] = useState('');
  const [fields, setFields] = useState('');
  const queries = useQueryClient();
  const { mutate, error, isPending } = useMutation({
    mutationFn: () =>
      call(createListEndpoint, {
        body: { name, kind, reason, ...(kind === 'text' && { fields: fields.split(/[\s,]+/).filter((field) => field !== '') }) },
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['lists'] });
      made(name);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    mutate();
  };
  return (
    <Modal opened onClose={close} title="New list">
      <form onSubmit={submit}>
        <Stack gap="sm">
          {error && <Failed error={error} />}
          <TextInput
            label="Name"
            description="Rules and searches write it: vpn_ranges"
            required
            data-autofocus
            autoComplete="off"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Select
            label="Kind"
            description={KINDS[kind].example}
            allowDeselect={false}
            data={LIST_KINDS.map((value) => ({ value, label: KINDS[value].name }))}
            value={kind}
            onChange={(value) => setKind(LIST_KINDS.find((each) => each === value) ?? kind)}
          />
          {kind === 'text' && (
            <TextInput
              label="Fields"
              description="What the texts are compared with: host.name, file.path"
              required
              autoComplete="off"
              value={fields}
              onChange={(event) => setFields(event.currentTarget.value)}
            />
          )}
          <TextInput label="Why it is kept" required value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
          <Button type="submit" loading={isPending}>
            Make the list
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
