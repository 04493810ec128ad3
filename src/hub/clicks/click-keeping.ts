import type { Spool } from '../../lib/spool.ts';
import type { ClickStore, NewClick } from '../../store/state/clicks.ts';

/** Clicks that are put into the database in one transaction. */
const AT_ONCE = 100;

/**
 * Keeps clicks and commands before they are acknowledged: in a file of this hub, from where they go into the state database. Who has clicked is to be
 * answered within half a second, whatever the database has to do, and whether it is there. A click that a kill leaves in both is known
 * there by its key.
 */
export class ClickKeeping {
  readonly #clicks: Pick<ClickStore, 'keep'>;
  readonly #spool: Spool<NewClick> | undefined;
  /** What is put away by two at once would be forgotten twice. */
  #turn: Promise<void> = Promise.resolve();

  /** Without a `spool` they go into the database at once. */
  constructor(clicks: Pick<ClickStore, 'keep'>, spool: Spool<NewClick> | undefined) {
    this.#clicks = clicks;
    this.#spool = spool;
  }

  /** Resolves when it is kept. Throws EAR_STATE_DOWN when neither file nor database takes it. */
  async keep(click: NewClick): Promise<void> {
    if (this.#spool === undefined) return await this.#clicks.keep([click]);
    await this.#spool.add(click).catch(() => this.#clicks.keep([click]));
  }

  /** Puts what the file has into the database: all that was kept before it was called. */
  move(): Promise<void> {
    const mine = this.#turn.then(() => this.#move());
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #move(): Promise<void> {
    for (let some = this.#first(); some.length > 0; some = this.#first()) {
      await this.#clicks.keep(some);
      await this.#spool?.forget(some.length);
    }
  }

  #first(): readonly NewClick[] {
    return this.#spool?.first(AT_ONCE) ?? [];
  }
}
