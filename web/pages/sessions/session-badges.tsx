import { Group, Text } from '@mantine/core';
import type { PrivilegedSessionJson } from '../../../src/api/contract/privileged-sessions.ts';
import { LookBadge } from '../../parts/look-badge.tsx';
import { APPROVAL_LOOK, CUT_LOOK, STATE_LOOK } from './session-words.ts';

export const SessionState = ({ session: { state, cut } }: { readonly session: Pick<PrivilegedSessionJson, 'state' | 'cut'> }) => (
  <LookBadge look={cut ? CUT_LOOK : STATE_LOOK[state]} />
);

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
