import { TextInput } from '@mantine/core';
import type { ReactNode } from 'react';

/** Names of datasets as they are typed: separated by commas. */
export const datasetsOf = (text: string): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

export function DatasetsInput({
  value,
  onChange,
  error,
}: {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error?: ReactNode;
}) {
  return (
    <TextInput
      label="Datasets"
      description="Whose events may be seen, separated by commas: linux.*, cef. * is all of them, nothing is none."
      value={value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
