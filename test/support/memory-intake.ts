import type { Intake, RawBatch, Receipt } from '../../src/model/record.ts';

/** An intake in memory that a test can shut, hold back, and make fail. What `append` resolved for is in `stored`. */
export class MemoryIntake implements Intake {
  readonly stored: RawBatch[] = [];
  /** When set, an append waits for it before it is "on disk". */
  hold: Promise<void> | undefined;
  /** When set, appends fail with it. */
  failure: Error | undefined;
  appends = 0;
  #open = true;
  #seq = 1;
  #openers: (() => void)[] = [];
  #watchers: { done: () => boolean; resolve: () => void }[] = [];
  readonly #keys = new Map<string, Receipt>();

  get open(): boolean {
    return this.#open;
  }

  set open(open: boolean) {
    this.#open = open;
    if (open) for (const resolve of this.#openers.splice(0)) resolve();
  }

  whenOpen(): Promise<void> {
    return this.#open ? Promise.resolve() : new Promise((resolve) => this.#openers.push(resolve));
  }

  async append(batch: RawBatch): Promise<Receipt> {
    this.appends += 1;
    this.#notify();
    await this.hold;
    if (this.failure !== undefined) throw this.failure;
    const seen = batch.key === undefined ? undefined : this.#keys.get(batch.key);
    if (seen !== undefined) return { ...seen, duplicate: true };
    const receipt = { firstSeq: this.#seq, count: batch.messages.length, duplicate: false };
    this.#seq += batch.messages.length;
    if (batch.key !== undefined) this.#keys.set(batch.key, receipt);
    this.stored.push(batch);
    this.#notify();
    return receipt;
  }

  get messages(): string[] {
    return this.stored.flatMap((batch) => batch.messages.map((message) => message.toString('utf8')));
  }

  get count(): number {
    return this.stored.reduce((sum, batch) => sum + batch.messages.length, 0);
  }

  /** The checkpoint of the newest batch that has one. */
  get checkpoint(): string | undefined {
    return this.stored.findLast((batch) => batch.checkpoint !== undefined)?.checkpoint;
  }

  get keys(): string[] {
    return [...this.#keys.keys()];
  }

  /** Resolves as soon as `done` is true; asked after every append. */
  until(done: () => boolean): Promise<void> {
    if (done()) return Promise.resolve();
    return new Promise((resolve) => this.#watchers.push({ done, resolve }));
  }

  atLeast(count: number): Promise<void> {
    return this.until(() => this.count >= count);
  }

  #notify(): void {
    const ready = this.#watchers.filter((watcher) => watcher.done());
    this.#watchers = this.#watchers.filter((watcher) => !ready.includes(watcher));
    for (const watcher of ready) watcher.resolve();
  }
}
