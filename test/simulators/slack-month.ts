import { DAY } from './acme/chance.ts';
import { type Attack, plantAttacks } from './slack-month/attacks.ts';
import type { Entry } from './slack-month/entries.ts';
import { ordinaryDay } from './slack-month/ordinary.ts';
import { type Member, members } from './slack-month/people.ts';

export interface MonthOptions {
  readonly seed: number;
  readonly people: number;
}

/** A month of an organization in Slack, with the weeks before it from which is learned what is usual. */
export interface SlackMonth {
  readonly people: readonly Member[];
  /** Who leaves, and from when on the directory says so, milliseconds since the epoch. */
  readonly leavers: readonly Member[];
  readonly leaversKnownAt: number;
  /** When the month begins; what was before only teaches. */
  readonly from: number;
  /** In the order of their time. */
  readonly entries: readonly Entry[];
  readonly attacks: readonly Attack[];
}

/** A Monday. */
const BEGIN = Date.UTC(2026, 8, 7);
const LEARNING_DAYS = 18;
const DAYS = 30;

/**
 * Believable people: travellers, users of a VPN, new telephones, apps, an archive, a few administrators, some who leave; what Slack calls
 * anomalies of them; and in between one attack of each kind. The same seed gives the same month.
 */
export function slackMonth({ seed, people: count }: MonthOptions): SlackMonth {
  const days = LEARNING_DAYS + DAYS;
  const people = members(count, days, seed);
  const from = BEGIN + LEARNING_DAYS * DAY;
  const to = BEGIN + days * DAY;
  const leaversKnownAt = from + DAY;
  // What is too slow to be seen goes on for three days, and a day of a baseline ends with the next.
  const { attacks, leavers } = plantAttacks(people, { from: from + 2 * DAY, to: to - 5 * DAY }, seed);
  const ordinary = Array.from({ length: days }, (_, day) => ordinaryDay(people, day, BEGIN + day * DAY, seed)).flat();
  const entries = [...ordinary, ...attacks.flatMap((attack) => attack.entries)].sort((a, b) => a.at - b.at);
  return { people, leavers, leaversKnownAt, from, entries, attacks };
}
