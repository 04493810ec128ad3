import { setTimeout as sleep } from 'node:timers/promises';
import type { Spool } from './lib/spool.ts';
import { Together } from './lib/together.ts';
import type { ClickStore, NewClick } from './store/state/clicks.ts';

/** Clicks that are put into the database in one transaction. */
const AT_ONCE = 50;
/** Who has clicked is to be answered within half a second, whatever the database has to do, and whether it is there. */
const PATIENCE_MS = 200;

/**
 * Keeps clicks before they are acknowledged: in the state database, or, where that does not take them at once, in a file of this hub, from
 * where they go there. What is in both is known there by its key.
 */
export class ClickKeeping {
  readonly #clicks: Pick<ClickStore, 'keep'>;
  readonly #spool: Spool<NewClick> | undefined;
  readonly #storing: Together<NewClick>;

  /** Without a `spool` the database is waited for. */
  constructor(clicks: Pick<ClickStore, 'keep'>, spool: Spool<NewClick> | undefined) {
    this.#clicks = clicks;
    this.#spool = spool;
    this.#storing = new Together(AT_ONCE, (some) => clicks.keep(some));
  }

  /** Resolves when it is kept. Throws EAR_STATE_DOWN when neither database nor file takes it. */
  async keep(click: NewClick): Promise<void> {
    const stored = this.#storing.add(click);
    if (this.#spool === undefined) return await stored;
    const soon = await Promise.race([
      stored.then(
        () => true,
        () => false,
      ),
      sleep(PATIENCE_MS, false, { ref: false }),
    ]);
    if (!soon) await this.#spool.add(click).catch(() => stored);
  }

  /** Puts what the file has into the database. Gives how many that were. */
  async move(): Promise<number> {
    let moved = 0;
    for (let some = this.#some(); some.length > 0; some = this.#some()) {
      await this.#clicks.keep(some);
      await this.#spool?.forget(some.length);
      moved += some.length;
    }
    return moved;
  }

  #some(): readonly NewClick[] {
    return this.#spool?.first(AT_ONCE) ?? [];
  }
}
