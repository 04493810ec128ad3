import type { RequestEvents, SessionEvents } from '../model/privileged-session.ts';

/** An event about a privileged session, as it was read from the store. */
export interface SessionEvent {
  readonly node: number;
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly dataset: string;
  readonly action: string;
  /** Its kind was guessed from the words of its message, or others rely on it and nothing shows who sent it. */
  readonly guessed: boolean;
  /** By field; '' where the event has none. */
  readonly texts: Readonly<Record<string, string>>;
}

/** Fields by which a session, or a look at a password, is known and looked for, whatever the product. Few, for they are read of every event. */
export const COMMON_FIELDS = ['user.name', 'destination.user.name', 'destination.ip', 'destination.domain'] as const;

export type CommonField = (typeof COMMON_FIELDS)[number];

/** All fields that have to be read of a product's sessions. */
export const sessionFields = ({ keys, began }: SessionEvents): readonly string[] => [
  ...new Set([...COMMON_FIELDS, ...keys.flat(), ...(began === undefined ? [] : [began])]),
];

/** And of requests. */
export const requestFields = (words: RequestEvents): readonly string[] => [
  ...new Set([
    ...COMMON_FIELDS,
    'user.full_name',
    words.id,
    words.requester,
    words.approver,
    words.validFrom,
    words.validUntil,
    words.wish,
  ]),
];

/** `event.action` of what opens, ends or happens in a session. */
export const sessionActions = ({ opens, ends, cuts, deeds }: SessionEvents): readonly string[] => [
  ...new Set([...opens, ...ends, ...cuts, ...Object.keys(deeds)]),
];

/** A field's text, '' without one. */
export const textOf = ({ texts }: SessionEvent, field: string): string => texts[field] ?? '';

/** What the events of one session share, without regard to case; undefined for one that does not say enough. */
export function keyOf(event: SessionEvent, { keys }: SessionEvents): string | undefined {
  for (const [i, fields] of keys.entries()) {
    const values = fields.map((field) => textOf(event, field).toLowerCase());
    if (values.every((value) => value !== '')) return JSON.stringify([i, ...values]);
  }
  return undefined;
}

export const personOf = (event: SessionEvent): string => textOf(event, 'user.name').toLowerCase();

/** By time, then by place in the raw log: the same order every time. */
export const inOrder = (a: SessionEvent, b: SessionEvent): number => a.at - b.at || a.node - b.node || a.seq - b.seq;
