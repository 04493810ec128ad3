import type { Event } from '../../model/event.ts';
import { groupText } from '../correlate/values.ts';
import { fold } from '../sigma/fold.ts';

/**
 * What is new, as its events spell it: values are compared, and kept, without regard to case. `news` as of a verdict. A value whose event
 * is not among `events` stays as it is compared.
 */
export function newsText(news: readonly string[], fieldNames: readonly string[], events: readonly Pick<Event, 'fields'>[]): string {
  const spelled = new Map<string, string>();
  for (const { fields } of events) {
    const text = fieldNames.map((name) => groupText(fields[name]) ?? '').join(', ');
    if (!spelled.has(fold(text))) spelled.set(fold(text), text);
  }
  return news.map((value) => spelled.get(value) ?? value).join('; ');
}
