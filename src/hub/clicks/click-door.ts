import { doorsOf } from '../../doors.ts';
import type { LineHeard, PostedRequest } from '../../notify/notifier.ts';
import type { Settings } from '../../settings.ts';
import type { NewClick } from '../../store/state/clicks.ts';

export interface ClickDoorDeps {
  readonly notifiers: () => Settings['notifiers'];
  /** Resolves when it is on disk and will be run, whatever happens; throws when it is not. */
  keep(click: NewClick): Promise<void>;
  readonly now: () => number;
}

/** Where clicks come in: they are proved, read and kept here, and run elsewhere. */
export class ClickDoor {
  readonly #deps: ClickDoorDeps;

  constructor(deps: ClickDoorDeps) {
    this.#deps = deps;
  }

  /** Whether targets of that type may post clicks to us. */
  listens(type: string): boolean {
    return doorsOf({ notifiers: this.#deps.notifiers() }, type).some(({ clicks }) => clicks.posted);
  }

  /** Keeps a click. Throws when it could not be kept: then it is to be told again. */
  async take(type: string, told: PostedRequest | LineHeard): Promise<'kept' | 'none' | 'refused' | 'unreadable'> {
    const { notifiers, keep, now } = this.#deps;
    const request = { ...told, now: now() };
    const read = doorsOf({ notifiers: notifiers() }, type).map((door) => ({ door, read: door.clicks.read(request) }));
    const heard = read.flatMap(({ door, read }) => (read.kind === 'click' ? [{ door, click: read.click }] : []));
    // What is done in no channel, every notifier of the app hears of: the one counts that knows who it was.
    const kept = heard.find(({ door, click }) => door.clicks.userOf(click.by) !== undefined) ?? heard[0];
    if (kept !== undefined) {
      await keep({ notifier: kept.door.name, click: kept.click });
      return 'kept';
    }
    const kinds = new Set(read.map((each) => each.read.kind));
    if (kinds.has('none')) return 'none';
    return kinds.has('unreadable') ? 'unreadable' : 'refused';
  }
}
