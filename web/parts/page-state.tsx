import { Alert, Button, Center, Group, Loader, Stack, Text } from '@mantine/core';
import { CircleX } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiError } from '../data/client.ts';

/** Shown only where waiting is felt: what comes quickly must not flicker. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <Center py="xl" role="status" aria-live="polite">
      <Group gap="sm">
        <Loader size="xs" />
        <Text c="dimmed">Loading {what} …</Text>
      </Group>
    </Center>
  );
}

/** There is nothing here, and what to do about it. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <Center py="xl">
      <Stack gap={4} align="center" maw={460}>
        <Text fw={600}>{title}</Text>
        <Text c="dimmed" ta="center" component="div">
          {children}
        </Text>
      </Stack>
    </Center>
  );
}

/** What went wrong, what to do, and the request's id for who looks into the log. */
export function Failed({ error, retry }: { readonly error: Error; readonly retry?: () => void }) {
  const problem = error instanceof ApiError ? error.problem : undefined;
  return (
    <Alert
      color="red"
      variant="transparent"
      className="failure"
      icon={<CircleX size={16} aria-hidden />}
      title={problem?.title ?? 'This did not work'}
      role="alert"
    >
      <Stack gap="xs" align="flex-start">
        <Text>{error.message}</Text>
        {problem?.hint !== undefined && <Text c="dimmed">{problem.hint}</Text>}
        {problem !== undefined && (
          <Text className="mono" c="dimmed">
            {problem.code} · {problem.instance}
          </Text>
        )}
        {retry && (
          <Button variant="default" onClick={retry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
