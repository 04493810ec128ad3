import type { ClickStore, NewClick } from '../../store/state/clicks.ts';

/** Clicks that are put into the database in one transaction. */
const AT_ONCE = 100;

/** Clicks and commands that were acknowledged and wait for the database: a file of this hub, by whichever thread holds it. */
export interface WaitingClicks {
  first(most: number): readonly NewClick[] | Promise<readonly NewClick[]>;
  forget(count: number): Promise<void>;
}

/**
 * Puts clicks and commands into the state database. They are kept in a file before they are acknowledged: who has clicked is to be answered
 * within half a second, whatever the database has to do, and whether it is there. A click that a kill leaves in both is known there by its key.
 */
export class ClickKeeping {
  readonly #clicks: Pick<ClickStore, 'keep'>;
  readonly #waiting: WaitingClicks;
  /** What is put away by two at once would be forgotten twice. */
  #turn: Promise<void> = Promise.resolve();

  constructor(clicks: Pick<ClickStore, 'keep'>, waiting: WaitingClicks) {
    this.#clicks = clicks;
    this.#waiting = waiting;
  }

  /** Puts what the file has into the database: all that was kept before it was called. */
  move(): Promise<void> {
    const mine = this.#turn.then(() => this.#move());
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #move(): Promise<void> {
    for (let some = await this.#waiting.first(AT_ONCE); some.length > 0; some = await this.#waiting.first(AT_ONCE)) {
      await this.#clicks.keep(some);
      await this.#waiting.forget(some.length);
    }
  }
}
