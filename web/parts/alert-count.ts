import type { AlertJson } from '../../src/api/contract/alerts.ts';
import { whole } from './number-text.ts';

/** How many events an alert has; of silence, which has none, what it is. */
export function alertCount({ kind, count }: Pick<AlertJson, 'kind' | 'count'>): string {
  if (kind === 'silence') return 'silent';
  return `${whole(count)} ${count === 1 ? 'event' : 'events'}`;
}
