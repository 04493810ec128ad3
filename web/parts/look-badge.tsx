import { Badge } from '@mantine/core';
import type { Look } from '../theme/look.ts';

/** A word with its icon on its color: no color says anything alone. */
export function LookBadge({ look: { word, icon: Icon, color } }: { readonly look: Look }) {
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
