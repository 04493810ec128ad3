import { ActionIcon, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { Check, Copy, type LucideIcon } from 'lucide-react';

/** Puts a text on the clipboard, and says that it did. */
export function CopyButton({
  text,
  label,
  icon: Icon = Copy,
}: {
  readonly text: string;
  readonly label: string;
  readonly icon?: LucideIcon;
}) {
  const { copied, copy } = useClipboard({ timeout: 1500 });
  return (
    <Tooltip label={copied ? 'Copied' : label}>
      <ActionIcon variant="subtle" color="gray" size={24} aria-label={copied ? 'Copied' : label} onClick={() => copy(text)}>
        {copied ? <Check size={13} aria-hidden /> : <Icon size={13} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}
