import type { Receipt } from '../model/record.ts';

export type KeyLookup = (key: string) => Promise<Receipt | undefined>;

/** Keys of batches: of those still in the raw log, of those on their way into it, and, by a look-up, of older ones. */
export class Keys {
  readonly #kept: Map<string, Receipt>;
  readonly #underWay = new Map<string, Promise<Receipt>>();
  readonly #older: KeyLookup;

  constructor(kept: ReadonlyMap<string, Receipt>, older: KeyLookup) {
    this.#kept = new Map(kept);
    this.#older = older;
  }

  /** Of a key in a segment that is not released. */
  seen(key: string): Receipt | undefined {
    return this.#kept.get(key);
  }

  keep(key: string, receipt: Receipt): void {
    this.#kept.set(key, { ...receipt, duplicate: true });
  }

  /** The state database has them now. */
  release(keys: readonly string[]): void {
    for (const key of keys) this.#kept.delete(key);
  }

  /** Appends once: whoever comes with the key meanwhile or later gets the same receipt, as a duplicate, once that is durable. */
  async once(key: string, append: () => Promise<Receipt>): Promise<Receipt> {
    const seen = this.#kept.get(key);
    if (seen) return seen;
    const first = this.#underWay.get(key);
    if (first) return { ...(await first), duplicate: true };
    const mine = this.#appendUnlessOlder(key, append);
    this.#underWay.set(key, mine);
    try {
      return await mine;
    } finally {
      this.#underWay.delete(key);
    }
  }

  async #appendUnlessOlder(key: string, append: () => Promise<Receipt>): Promise<Receipt> {
    const older = await this.#older(key);
    return older ? { ...older, duplicate: true } : append();
  }
}
