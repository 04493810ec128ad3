import { cutText } from '../lib/cut-text.ts';
import type { Evidence } from '../model/alert.ts';
import type { DetectedHit } from '../model/detected.ts';
import type { Fields } from '../model/event.ts';
import { valueText } from './identity.ts';

/** Characters of one value, of the message, and matches: an alert must stay readable, whatever a sender writes. */
const VALUE = 256;
const MESSAGE = 1_024;
const MATCHES = 20;

/** Whom and what an event names. */
export type Names = Pick<Evidence, 'user' | 'targetUser' | 'host'>;

export const namesOf = (fields: Fields): Names => ({
  ...optional('user', first(fields, 'user.name', 'user.email', 'user.id')),
  ...optional('targetUser', first(fields, 'user.target.name', 'user.target.email', 'user.target.id', 'user.effective.name')),
  ...optional('host', first(fields, 'host.name', 'host.hostname', 'destination.domain', 'destination.ip')),
});

/** What an alert keeps of an event. */
export function evidenceOf({ eventId, timestamp, fields, hit }: DetectedHit): Evidence {
  return {
    eventId,
    timestamp,
    dataset: first(fields, 'event.dataset') ?? '',
    ...optional('action', first(fields, 'event.action')),
    ...optional('outcome', first(fields, 'event.outcome')),
    ...namesOf(fields),
    ...optional('sourceIp', first(fields, 'source.ip', 'source.address')),
    ...optional('product', first(fields, 'observer.product', 'event.module', 'event.dataset')),
    message: cutText(valueText(fields.message), MESSAGE),
    matches: hit.matches
      .slice(0, MATCHES)
      .map(({ field, value, leaf }) => ({ field: cutText(field, VALUE), value: cutText(value, VALUE), leaf: cutText(leaf, VALUE) })),
  };
}

/** The first of these fields that says something. */
function first(fields: Fields, ...paths: readonly string[]): string | undefined {
  const path = paths.find((each) => valueText(fields[each]) !== '');
  return path === undefined ? undefined : cutText(valueText(fields[path]), VALUE);
}

const optional = <K extends string>(key: K, value: string | undefined): { [P in K]?: string } =>
  // The computed key is K itself; TypeScript widens it to string.
  value === undefined ? {} : ({ [key]: value } as { [P in K]: string });
