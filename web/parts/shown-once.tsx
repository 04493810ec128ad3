import { Group, Stack, Text } from '@mantine/core';
import { CopyButton } from './copy-button.tsx';

/** A secret that the hub gives this once. */
export function ShownOnce({ text, label, about }: { readonly text: string; readonly label: string; readonly about: string }) {
  return (
    <Stack gap="xs" role="status">
      <Text>{about}</Text>
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <Text className="mono">{text}</Text>
        <CopyButton text={text} label={label} />
      </Group>
    </Stack>
  );
}
