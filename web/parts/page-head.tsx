import { Group, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';

/** A page's heading, which is the tab's title too; on the right, what concerns the whole page. */
export function PageHead({ title, about, children }: { readonly title: string; readonly about?: string; readonly children?: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Earshot`;
  }, [title]);
  return (
    <Group justify="space-between" align="flex-end" mb="md" wrap="wrap" gap="sm">
      <div>
        <Title order={1} fz="xl">
          {title}
        </Title>
        {about !== undefined && <Text c="dimmed">{about}</Text>}
      </div>
      <Group gap="xs">{children}</Group>
    </Group>
  );
}
