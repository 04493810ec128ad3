import { Autocomplete } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { listFieldsEndpoint } from '../../../src/api/contract/completion.ts';
import { call } from '../../data/client.ts';

/** Chooses a field by name: those of recent events are proposed, any other can be written. */
export function FieldPicker({ label, onPick }: { readonly label: string; readonly onPick: (field: string) => void }) {
  const [text, setText] = useState('');
  const [isAsked, setAsked] = useState(false);
  const [prefix] = useDebouncedValue(text, 120);
  const { data } = useQuery({
    queryKey: ['fields', prefix],
    queryFn: ({ signal }) => call(listFieldsEndpoint, { query: { prefix, limit: '20' }, signal }),
    enabled: isAsked,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    retry: false,
  });
  const pick = (field: string) => {
    if (field.trim() !== '') onPick(field.trim());
    setText('');
  };
  return (
    <Autocomplete
      size="xs"
      placeholder={label}
      aria-label={label}
      value={text}
      onChange={setText}
      onFocus={() => setAsked(true)}
      onOptionSubmit={pick}
      onKeyDown={(event) => {
        if (event.key === 'Enter') pick(text);
      }}
      data={data?.fields.map(({ name }) => name) ?? []}
      filter={({ options }) => options}
      clearable={false}
      mt="xs"
    />
  );
}
