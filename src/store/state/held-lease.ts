import type { Lease, Leases } from './state.ts';

/** A lease that some work keeps for as long as it goes on, of round after round. */
export class HeldLease {
  readonly #leases: Leases;
  readonly #name: string;
  readonly #holder: string;
  readonly #ttlMs: number;
  readonly #now: () => number;
  #lease: Lease | undefined;

  constructor(leases: Leases, { name, holder, ttlMs, now }: { name: string; holder: string; ttlMs: number; now: () => number }) {
    this.#leases = leases;
    this.#name = name;
    this.#holder = holder;
    this.#ttlMs = ttlMs;
    this.#now = now;
  }

  /** The lease, with half of its time or more before it; undefined while another holds it. Writes only where it must be made longer. */
  async hold(): Promise<Lease | undefined> {
    const held = this.#lease;
    if (held !== undefined && held.expiresAt - this.#now() > this.#ttlMs / 2) return held;
    if (held !== undefined) this.#lease = await this.#leases.renew(held, this.#ttlMs);
    this.#lease ??= await this.#leases.acquire(this.#name, this.#holder, this.#ttlMs);
    return this.#lease;
  }

  /** Somebody was told that it is another's. */
  lost(): void {
    this.#lease = undefined;
  }

  /** Frees it for others at once. */
  async release(): Promise<void> {
    const held = this.#lease;
    this.#lease = undefined;
    if (held !== undefined) await this.#leases.release(held);
  }
}
