import { z } from 'zod';
import type { AuditEntry } from './audit-page.ts';

const second = z.number().int();

/** How far the audit log was read. It travels with the entries that it counts in, and holds when they do. Times are Slack's, in seconds. */
const checkpoint = z.strictObject({
  version: z.literal(1),
  /** Everything from here on is asked for each time. */
  floor: second,
  /** What is before and was not read yet, both ends inclusive; the newest last. */
  gaps: z.array(z.strictObject({ from: second, to: second, size: second })),
  /** Of the seconds that are read again: digests of the entries that are stored, one behind the other. */
  seen: z.array(z.tuple([second, z.string()])),
});

type Gap = z.output<typeof checkpoint>['gaps'][number];

/** What was read of the audit log. Entries are counted in before they are stored: who cannot store them must not use it further. */
export class AuditPosition {
  #floor: number;
  readonly #gaps: Gap[];
  readonly #seen: Map<number, Set<string>>;
  #ids = 0;

  private constructor(floor: number, gaps: Gap[], seen: Map<number, Set<string>>) {
    this.#floor = floor;
    this.#gaps = gaps;
    this.#seen = seen;
    for (const ids of seen.values()) this.#ids += ids.size;
  }

  /** A start at `floor`, with the seconds before it still to be read. */
  static fresh(floor: number, secondsBefore: number): AuditPosition {
    const gap = { from: Math.max(0, floor - secondsBefore), to: floor - 1, size: secondsBefore };
    return new AuditPosition(floor, secondsBefore > 0 ? [gap] : [], new Map());
  }

  /** Undefined for what is not a checkpoint of this source. */
  static parse(text: string): AuditPosition | undefined {
    try {
      const { floor, gaps, seen } = checkpoint.parse(JSON.parse(text));
      return new AuditPosition(floor, gaps, new Map(seen.map(([at, ids]) => [at, new Set(ids.match(/.{16}/g))])));
    } catch {
      return undefined;
    }
  }

  toText(): string {
    const seen = [...this.#seen].map(([at, ids]): [number, string] => [at, [...ids].join('')]);
    return JSON.stringify({ version: 1, floor: this.#floor, gaps: this.#gaps, seen } satisfies z.input<typeof checkpoint>);
  }

  get floor(): number {
    return this.#floor;
  }

  /** Entries that are remembered. */
  get ids(): number {
    return this.#ids;
  }

  /** Seconds of the past that are still to be read, and of how many. */
  get past(): { readonly left: number; readonly of: number } {
    const sum = (of: (gap: Gap) => number) => this.#gaps.reduce((total, gap) => total + of(gap), 0);
    return { left: sum(({ from, to }) => to - from + 1), of: sum(({ size }) => size) };
  }

  /** Counts an entry in at this second; false when it was counted in before. */
  add({ id }: Pick<AuditEntry, 'id'>, at: number): boolean {
    const ids = this.#seen.get(at) ?? new Set();
    if (ids.has(id)) return false;
    this.#seen.set(at, ids.add(id));
    this.#ids += 1;
    return true;
  }

  /** The newest stretch of the past that is to be read, of so many seconds at most. */
  slice(seconds: number): { readonly from: number; readonly to: number } | undefined {
    const gap = this.#gaps.at(-1);
    return gap && { from: Math.max(gap.from, gap.to - seconds + 1), to: gap.to };
  }

  /** All of the newest gap behind this second is read; of the second itself there may be more. */
  readDownTo(at: number): void {
    const gap = this.#gaps.at(-1);
    if (gap === undefined || at >= gap.to) return;
    gap.to = at;
    if (gap.to < gap.from) this.#gaps.pop();
    this.#forget();
  }

  /** What is older than this second was read, and is not asked for again. */
  advance(floor: number): void {
    if (floor <= this.#floor) return;
    this.#floor = floor;
    this.#forget();
  }

  /** Leaves everything before this second to be read as the past is: page by page, with a checkpoint after each. */
  leaveBehind(floor: number): void {
    if (floor <= this.#floor) return;
    this.#gaps.push({ from: this.#floor, to: floor - 1, size: floor - this.#floor });
    this.#floor = floor;
  }

  /** Forgets the oldest seconds until no more than `most` entries are remembered; true when the overlap became shorter by that. */
  bound(most: number): boolean {
    const before = this.#floor;
    const seconds = [...this.#seen.keys()].filter((at) => at >= before).sort((a, b) => a - b);
    // The newest second is never forgotten: it may still be written to.
    for (const at of seconds.slice(0, -1)) if (this.#ids > most) this.advance(at + 1);
    return this.#floor > before;
  }

  /** What will not be read again need not be told apart. */
  #forget(): void {
    for (const [at, ids] of this.#seen) {
      if (at >= this.#floor || this.#gaps.some(({ from, to }) => at >= from && at <= to)) continue;
      this.#seen.delete(at);
      this.#ids -= ids.size;
    }
  }
}
