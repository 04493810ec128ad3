import { Center, Group, Paper, Stack, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';

/** What stands outside of the frame, where nobody is signed in. */
export function Door({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Earshot`;
  }, [title]);
  return (
    <Center component="main" mih="90vh" px="md">
      <Paper w={360} p="lg">
        <Stack gap="md">
          <Group gap="sm">
            <img src="/icon.svg" alt="" width={30} height={30} />
            <Title order={1} fz="xl">
              Earshot
            </Title>
          </Group>
          {children}
        </Stack>
      </Paper>
    </Center>
  );
}
