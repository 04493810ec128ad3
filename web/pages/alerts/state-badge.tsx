import { Badge } from '@mantine/core';
import type { AlertJson } from '../../../src/api/contract/alerts.ts';
import { ago } from '../../parts/time-text.tsx';
import { RESOLUTION_WORDS, STATE_LOOK } from './alert-words.ts';

/** Where the alert is, with what belongs to it: until when it sleeps, what it turned out to be. */
export function StateBadge({ alert }: { readonly alert: Pick<AlertJson, 'state' | 'resolution' | 'snoozed_until'> }) {
  const { word, icon: Icon } = STATE_LOOK[alert.state];
  const more = alert.resolution
    ? `: ${RESOLUTION_WORDS[alert.resolution].word.toLowerCase()}`
    : alert.snoozed_until
      ? `, wakes ${ago(Date.parse(alert.snoozed_until))}`
      : '';
  return (
    <Badge variant="outline" color="gray" leftSection={<Icon size={12} aria-hidden />} style={{ color: 'var(--mantine-color-text)' }}>
      {word}
      {more}
    </Badge>
  );
}
