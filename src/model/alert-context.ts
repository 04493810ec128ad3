import type { Result } from '../lib/result.ts';

/** A value that somebody's events have: a place or a program, and how well known it is. Counts are of events. */
export interface SeenValue {
  readonly value: string;
  /** Before the time in question, and on how many days (UTC) of it. */
  readonly before: number;
  readonly beforeDays: number;
  /** Within the time in question. */
  readonly within: number;
}

/** Places and programs of one kind. */
export interface SeenKind {
  /** Those of the time in question, the new ones first; not more of them than people read. */
  readonly present: readonly SeenValue[];
  /** How many there are of the time in question, and how many of these were never there before. */
  readonly presentCount: number;
  readonly newCount: number;
  /** Those of the time before, the most frequent first. */
  readonly usual: readonly SeenValue[];
}

/** Where from, with what and on what somebody acts. */
export interface Whereabouts {
  readonly addresses: SeenKind;
  readonly programs: SeenKind;
  readonly hosts: SeenKind;
}

/** A file that somebody has fetched or looked at. */
export interface TakenFile {
  /** As the product calls it; '' where it does not say: then all of one name and type are one. */
  readonly id: string;
  /** Where it has none, its id. */
  readonly name: string;
  /** As the product calls it; '' where it does not say. */
  readonly type: string;
  readonly channels: readonly string[];
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly lastAt: number;
}

export interface TakenFiles {
  readonly total: number;
  /** Different files. */
  readonly different: number;
  /** The latest first; not more of them than people read. */
  readonly files: readonly TakenFile[];
}

/** What one system tells of somebody. */
export interface Deeds {
  readonly dataset: string;
  readonly count: number;
  /** The most frequent first. */
  readonly actions: readonly { readonly action: string; readonly count: number }[];
  readonly hosts: readonly string[];
  /** Names of processes: what ran on their machines. */
  readonly processes: readonly string[];
}

/** What is known around an alert: of the person whom it is about, from `from` (inclusive) to `to` (exclusive). A part that failed says why. */
export interface AlertContext {
  /** Their name. */
  readonly person: string;
  readonly from: number;
  readonly to: number;
  readonly files: Result<TakenFiles, string>;
  readonly whereabouts: Result<Whereabouts, string>;
  readonly deeds: Result<readonly Deeds[], string>;
}

/** How far back is looked for what is usual of somebody. */
export const KNOWN_DAYS = 30;

/** Whether it can be said what is new. */
export const isKnown = ({ addresses, programs, hosts }: Whereabouts): boolean =>
  [addresses, programs, hosts].some(({ usual }) => usual.length > 0);

/** New is what was never there before, also where nothing of its kind was. Of somebody of whom nothing was there at all, nothing is. */
export const newOf = (places: Whereabouts, { present }: SeenKind): readonly SeenValue[] =>
  isKnown(places) ? present.filter(({ before }) => before === 0) : [];
