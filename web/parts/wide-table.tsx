import { Table } from '@mantine/core';
import type { ReactNode } from 'react';

/** A table that scrolls by itself where the screen is narrower than it is; by keys, too. */
export function WideTable({
  minWidth,
  label,
  className,
  children,
}: {
  readonly minWidth: number;
  /** What it lists. */
  readonly label: string;
  readonly className?: string;
  readonly children: ReactNode;
}) {
  return (
    <Table.ScrollContainer minWidth={minWidth} type="native" tabIndex={0} role="region" aria-label={label}>
      <Table highlightOnHover {...(className !== undefined && { className })}>
        {children}
      </Table>
    </Table.ScrollContainer>
  );
}
