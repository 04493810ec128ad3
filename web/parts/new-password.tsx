import { PasswordInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { ApiError } from '../data/client.ts';

/** A field for a password that is being chosen, with what speaks against it. */
export function NewPassword({
  label = 'Password',
  value,
  onChange,
  error,
}: {
  readonly label?: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error?: ReactNode;
}) {
  return (
    <PasswordInput
      size="xs"
      label={label}
      description="At least 12 characters, without your name. A sentence is good."
      autoComplete="new-password"
      required
      value={value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** What the hub says of one field of a form; undefined where the fault is another. */
export function faultOf(error: Error | null, path: string): string | undefined {
  const faults = error instanceof ApiError ? error.problem?.faults : undefined;
  return faults?.find((fault) => fault.path === path)?.message;
}
