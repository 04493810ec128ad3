import { valueText } from '../../alert/identity.ts';
import type { Backtest, Counted } from '../../model/backtest.ts';
import type { Event, Fields } from '../../model/event.ts';

const EXAMPLES = 10;
const TOP = 10;

/** Whom events are about, and the newest of them. Events come newest first. */
export class Tally {
  readonly #examples: Event[] = [];
  readonly #users = new Map<string, number>();
  readonly #hosts = new Map<string, number>();
  readonly #addresses = new Map<string, number>();

  take(event: Event): void {
    if (this.#examples.length < EXAMPLES) this.#examples.push(event);
    this.takeNames(namesOf(event.fields));
  }

  takeNames({ user, host, address }: Names): void {
    count(this.#users, user);
    count(this.#hosts, host);
    count(this.#addresses, address);
  }

  result(): Pick<Backtest, 'users' | 'hosts' | 'addresses' | 'examples'> {
    return { users: top(this.#users), hosts: top(this.#hosts), addresses: top(this.#addresses), examples: this.#examples };
  }
}

/** Empty where the event does not say. */
export interface Names {
  readonly user: string;
  readonly host: string;
  readonly address: string;
}

export const namesOf = (fields: Fields): Names => ({
  user: valueText(fields['user.name']),
  host: valueText(fields['host.name']),
  address: valueText(fields['source.ip']),
});

/** By days in UTC, the oldest first. Times are milliseconds since the epoch. */
export function byDay(events: Iterable<number>, alerts: Iterable<number>): Backtest['days'] {
  const days = new Map<string, { events: number; alerts: number }>();
  const of = (at: number) => {
    const day = new Date(at).toISOString().slice(0, 10);
    const known = days.get(day) ?? { events: 0, alerts: 0 };
    days.set(day, known);
    return known;
  };
  for (const at of events) of(at).events++;
  for (const at of alerts) of(at).alerts++;
  return [...days].map(([day, counts]) => ({ day, ...counts })).sort((a, b) => (a.day < b.day ? -1 : 1));
}

function count(counts: Map<string, number>, value: string): void {
  if (value !== '') counts.set(value, (counts.get(value) ?? 0) + 1);
}

const top = (counts: ReadonlyMap<string, number>): Counted[] =>
  [...counts]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, TOP)
    .map(([value, times]) => ({ value, count: times }));
