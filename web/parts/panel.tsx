import { Group, Paper, Text, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';

/** One stretch of a page under a heading of its own; on the right of it, what leads on from here. */
export function Panel({
  title,
  about,
  aside,
  children,
}: {
  readonly title: string;
  /** What the numbers below count, in a sentence. */
  readonly about?: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <Paper component="section" aria-labelledby={id} h="100%" miw={0} style={{ overflowWrap: 'break-word' }}>
      <Group justify="space-between" align="baseline" mb="xs" gap="xs">
        <div style={{ maxWidth: '100%' }}>
          <Title order={2} fz="md" id={id}>
            {title}
          </Title>
          {about !== undefined && (
            <Text c="dimmed" fz="xs" style={{ overflowWrap: 'anywhere' }}>
              {about}
            </Text>
          )}
        </div>
        {aside}
      </Group>
      {children}
    </Paper>
  );
}
