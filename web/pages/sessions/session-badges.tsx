import { Badge, Group, Text } from '@mantine/core';
import type { PrivilegedSessionJson } from '../../../src/api/contract/privileged-sessions.ts';
import { APPROVAL_LOOK, CUT_LOOK, STATE_LOOK } from './session-words.ts';

export function SessionState({ session: { state, cut } }: { readonly session: Pick<PrivilegedSessionJson, 'state' | 'cut'> }) {
  const { word, icon: Icon, color } = cut ? CUT_LOOK : STATE_LOOK[state];
  return (
    <Badge
      variant="light"
      color={color}
      autoContrast
      leftSection={<Icon size={12} aria-hidden />}
      style={{ color: 'var(--mantine-color-text)' }}
    >
      {word}
    </Badge>
  );
}

export function SessionApproval({ approval }: Pick<PrivilegedSessionJson, 'approval'>) {
  const { word, icon: Icon, color } = APPROVAL_LOOK[approval];
  const isQuiet = approval === 'none' || approval === 'not_told';
  return (
    <Group gap={5} wrap="nowrap" component="span" display="inline-flex">
      <Icon
        size={14}
        aria-hidden
        color={isQuiet ? 'var(--mantine-color-dimmed)' : `var(--mantine-color-${color}-6)`}
        style={{ flexShrink: 0 }}
      />
      <Text component="span" fz="sm" {...(isQuiet && { c: 'dimmed' })}>
        {word}
      </Text>
    </Group>
  );
}
