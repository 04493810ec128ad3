import ipaddr from 'ipaddr.js';

/** How many failures are free, what the first delay is and how far it grows by doubling. */
interface Pace {
  readonly free: number;
  readonly mostMs: number;
}

const FIRST_DELAY_MS = 1_000;
const FORGET_MS = 3_600_000;
const REMEMBERED = 10_000;

const PACES = {
  /** A name, from addresses that its owner never came from. */
  name: { free: 5, mostMs: 300_000 },
  /** An address, whatever the name: people behind one address share it. */
  address: { free: 20, mostMs: 300_000 },
  /** A name from an address that its owner has come from: nobody elsewhere can make them wait. */
  known: { free: 5, mostMs: 60_000 },
} as const satisfies Record<string, Pace>;

/** An attempt that may go on; it counts as failed until it says otherwise. */
export interface Attempt {
  succeeded(): void;
}

/** Slows guessing of passwords down, by name and by address, in bounded memory. */
export class SignInThrottle {
  readonly #now: () => number;
  readonly #names: Failures;
  readonly #addresses: Failures;
  readonly #known: Failures;

  constructor(now: () => number) {
    this.#now = now;
    this.#names = new Failures(PACES.name);
    this.#addresses = new Failures(PACES.address);
    this.#known = new Failures(PACES.known);
  }

  /** Lets an attempt go on, or gives the milliseconds to wait. `known`: the name's owner has signed in from this address before. */
  attempt(name: string, address: string, known: boolean): Attempt | number {
    const now = this.#now();
    const counted: readonly (readonly [Failures, string])[] = known
      ? [[this.#known, `${name} ${address}`]]
      : [
          [this.#names, name],
          [this.#addresses, address],
        ];
    const wait = Math.max(...counted.map(([failures, key]) => failures.waitMs(key, now)));
    if (wait > 0) return wait;
    // Before the password is looked at: a thousand attempts at once must not all pass.
    for (const [failures, key] of counted) failures.add(key, now);
    return {
      succeeded: () => {
        for (const [failures, key] of counted) failures.takeBack(key);
      },
    };
  }
}

class Failures {
  readonly #pace: Pace;
  /** The least recently changed first. */
  readonly #counts = new Map<string, { count: number; at: number; until: number }>();

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  waitMs(key: string, now: number): number {
    return Math.max(0, (this.#counts.get(key)?.until ?? 0) - now);
  }

  add(key: string, now: number): void {
    const before = this.#counts.get(key);
    const count = before !== undefined && now - before.at < FORGET_MS ? before.count + 1 : 1;
    const over = count - this.#pace.free;
    const delay = over < 0 ? 0 : Math.min(this.#pace.mostMs, FIRST_DELAY_MS * 2 ** over);
    this.#counts.delete(key);
    this.#counts.set(key, { count, at: now, until: now + delay });
    for (const oldest of this.#counts.keys()) {
      if (this.#counts.size <= REMEMBERED) break;
      this.#counts.delete(oldest);
    }
  }

  /** One failure less, which was none. */
  takeBack(key: string): void {
    const entry = this.#counts.get(key);
    if (entry === undefined) return;
    if (entry.count <= 1) this.#counts.delete(key);
    else this.#counts.set(key, { ...entry, count: entry.count - 1, until: 0 });
  }
}

/** What counts as one address: of IPv6 the network of 64 bits, which one customer has to themselves. */
export function addressGroup(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}
