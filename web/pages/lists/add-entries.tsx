import { Button, Group, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { putEntriesEndpoint } from '../../../src/api/contract/lists.ts';
import { call } from '../../data/client.ts';
import { Failed } from '../../parts/page-state.tsx';
import { Panel } from '../../parts/panel.tsx';
import { KINDS } from './kinds.ts';
import type { ListAnswer } from './list.tsx';

/** Adds values, one a line, with why and until when. */
export function AddEntries({ list: { name, kind } }: { readonly list: ListAnswer }) {
  const [values, setValues] = useState('');
  const [reason, setReason] = useState('');
  const [expires, setExpires] = useState('');
  const queries = useQueryClient();
  const lines = values.split('\n').flatMap((line) => line.trim() || []);
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => call(putEntriesEndpoint, { params: { name }, body: { values: lines, reason, ...(expires !== '' && { expires }) } }),
    onSuccess: async () => {
      setValues('');
      await Promise.all(['list', 'lists'].map((key) => queries.invalidateQueries({ queryKey: [key] })));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    mutate();
  };
  return (
    <Panel title="Add entries" about={KINDS[kind].example}>
      <form onSubmit={submit}>
        {error && <Failed error={error} />}
        <Group align="flex-end" gap="sm">
          <Textarea
            label="Values, one a line"
            required
            autosize
            minRows={1}
            maxRows={8}
            style={{ flex: '2 1 260px' }}
            value={values}
            onChange={(event) => setValues(event.currentTarget.value)}
          />
          <TextInput
            label="Why"
            required
            style={{ flex: '1 1 180px' }}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <TextInput
            label="Until"
            placeholder="for good"
            type="date"
            style={{ flex: '0 1 160px' }}
            value={expires}
            onChange={(event) => setExpires(event.currentTarget.value)}
          />
          <Button type="submit" loading={isPending} disabled={lines.length === 0} leftSection={<Plus size={14} aria-hidden />}>
            Add
          </Button>
        </Group>
      </form>
    </Panel>
  );
}
