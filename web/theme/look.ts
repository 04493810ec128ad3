import type { LucideIcon } from 'lucide-react';

/** How something stands, as it is shown everywhere: a word, a sign and a color, so that none of them carries it alone. */
export interface Look {
  readonly word: string;
  readonly icon: LucideIcon;
  /** Name of a Mantine color. */
  readonly color: string;
}
