import { type Door, doorsOf } from '../../doors.ts';
import { within } from '../../lib/within.ts';
import type { Answer } from '../../model/answer.ts';
import type { TypedCommand } from '../../model/click.ts';
import type { ClickRequest, Command, LineHeard, PostedRequest, Written } from '../../notify/notifier.ts';
import type { Settings } from '../../settings.ts';
import type { NewClick } from '../../store/state/clicks.ts';

/** An answer for the one who asked alone. `refused`: nothing proves whose request it is. */
export type Answered = ({ readonly kind: 'answer' } & Written) | { readonly kind: 'refused' | 'unreadable' };

/** Each command is acknowledged within half a second. What takes longer than this is answered where Slack has said that it may be. */
const PATIENCE_MS = 400;

const LOOKING: Answer = [['Looking. What is found comes here in a moment.']];

export interface CommandDoorDeps {
  readonly notifiers: () => Settings['notifiers'];
  /** Of this hub. */
  readonly node: number;
  readonly pageUrl: string | undefined;
  /** Resolves when it is on disk and will be run, whatever happens; throws when it is not. */
  keep(command: NewClick<TypedCommand>): Promise<void>;
  /** Runs one that is kept, once for each key; undefined when its answer does not come from here any more. */
  run(command: NewClick<TypedCommand>): Promise<Answer | undefined>;
  /** Whether the answer to the command of this key goes with the acknowledgement, or is to be told by itself. */
  acknowledged(key: string, withAnswer: boolean): void;
  readonly now: () => number;
}

/** Where commands come in: they are proved, read and kept here, run elsewhere, and acknowledged in time with or without their answer. */
export class CommandDoor {
  readonly #deps: CommandDoorDeps;

  constructor(deps: CommandDoorDeps) {
    this.#deps = deps;
  }

  /** Keeps a command, has it run and gives its answer, or a word that it comes. Throws when it could not be kept. */
  async take(type: string, told: PostedRequest | LineHeard): Promise<Answered> {
    const { notifiers, node, pageUrl, keep, run, acknowledged, now } = this.#deps;
    const [heardAt, at] = [performance.now(), now()];
    const heard = heardCommand(notifiers(), type, { ...told, now: at });
    if ('kind' in heard) return heard;
    const { door, command } = heard;
    const kept = { notifier: door.name, click: { ...command, at, node } };
    await keep(kept);
    // Whatever becomes of that: it is kept, and so it will be run.
    const running = run(kept).catch(() => undefined);
    const answer = await within(running, PATIENCE_MS - (performance.now() - heardAt));
    acknowledged(command.key, answer !== undefined);
    return { kind: 'answer', ...door.clicks.write(answer ?? LOOKING, pageUrl) };
  }
}

/** Whose settings a command counts by, and what it says. */
function heardCommand(
  notifiers: Settings['notifiers'],
  type: string,
  request: ClickRequest,
): { readonly door: Door; readonly command: Command } | { readonly kind: 'refused' | 'unreadable' } {
  const read = doorsOf({ notifiers }, type).map((door) => ({ door, command: door.clicks.readCommand(request) }));
  const heard = read.flatMap(({ door, command }) => (command.kind === 'command' ? [{ door, command: command.command }] : []));
  const knowing = heard.filter(({ door, command }) => door.clicks.userOf(command.by) !== undefined);
  // Of several notifiers of one app, the one that tells alerts where it was typed.
  const here = knowing.find(({ door, command: { channel } }) => channel !== undefined && door.clicks.tellsIn(channel));
  return here ?? knowing[0] ?? heard[0] ?? { kind: read.some(({ command }) => command.kind === 'unreadable') ? 'unreadable' : 'refused' };
}
