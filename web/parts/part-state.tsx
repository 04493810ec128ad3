import { Group, Text } from '@mantine/core';
import { CircleX } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Part } from '../../src/api/contract/part.ts';

/** One part of a page that stands by itself: what it holds, or why it is not there. */
export function PartOf<T>({ part, children }: { readonly part: Part<T>; readonly children: (value: T) => ReactNode }) {
  if (part.ok) return children(part.value);
  const { code, detail, hint } = part.problem;
  return (
    <Group gap="xs" align="flex-start" wrap="nowrap" role="status">
      <CircleX size={16} aria-hidden color="var(--mantine-color-red-6)" style={{ flexShrink: 0, marginTop: 2 }} />
      <div>
        <Text fz="sm">Not available: {detail}</Text>
        <Text fz="xs" c="dimmed">
          {hint} The rest of the page does not depend on it.
        </Text>
        <Text fz="xs" c="dimmed" className="mono">
          {code}
        </Text>
      </div>
    </Group>
  );
}
