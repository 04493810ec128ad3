import { Badge } from '@mantine/core';
import type { Level } from '../../src/model/severity.ts';
import { LEVEL_LOOK } from '../theme/level.ts';

export function LevelBadge({ level }: { readonly level: Level }) {
  const { word, icon: Icon, color } = LEVEL_LOOK[level];
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
