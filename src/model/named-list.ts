/** What the entries of a named list are, and so which values of an event they are compared with. */
export const LIST_KINDS = ['cidr', 'asn', 'user_agent', 'account', 'text'] as const;
export type ListKind = (typeof LIST_KINDS)[number];

export interface ListEntry {
  /** A network, a number, a pattern with `*` and `?`, a name, a text: as the list's kind says. */
  readonly value: string;
  /** Why it is on the list. */
  readonly reason: string;
  readonly author: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** From then on it does not match. */
  readonly expiresAt?: number;
}

/** A list that rules and searches ask for by its name. */
export interface NamedList {
  readonly name: string;
  readonly kind: ListKind;
  /** What is on it and why it is kept. */
  readonly reason: string;
  readonly author: string;
  readonly createdAt: number;
  /** Paths that a list of texts is compared with; of the other kinds, none. */
  readonly fields: readonly string[];
  readonly entries: readonly ListEntry[];
  /** The file that it is read from; absent: it is kept by the hub, and may be changed there. */
  readonly file?: string;
}
