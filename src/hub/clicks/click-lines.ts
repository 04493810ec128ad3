import { doorsOf } from '../../doors.ts';
import type { PacedFetch } from '../../lib/paced-fetch.ts';
import { Repeating } from '../../lib/repeating.ts';
import type { Line, LineHeard, OpenLine } from '../../notify/notifier.ts';
import type { Settings } from '../../settings.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { ClickDoor } from './click-door.ts';
import type { CommandDoor } from './command-door.ts';

export interface ClickLinesDeps {
  /** Looked at each second: a reload gives others. */
  settings(): Pick<Settings, 'notifiers'>;
  /** Keeps a click or answers a command that came over a line, by the type of notifier whose it is. */
  hear(type: string, heard: LineHeard): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** Hears which lines are down, at each change. */
  onFaults(faults: readonly LineFault[]): void;
  readonly fetch: PacedFetch;
  readonly telemetry: Telemetry;
  readonly now: () => number;
}

/** A line that is down. */
export interface LineFault {
  /** Of the first notifier that uses it. */
  readonly notifier: string;
  readonly why: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** Hands on what came over a line to what handles the same when it is posted. */
export function hearOverLines(
  clicks: Pick<ClickDoor, 'take'>,
  commands: Pick<CommandDoor, 'take'>,
  telemetry: Pick<Telemetry, 'log'>,
): ClickLinesDeps['hear'] {
  const refused = (type: string, { what }: LineHeard, kind: string) =>
    telemetry.log('warn', 'what came over a line was not taken: another workspace or app, or a form that is not known', {
      type,
      what,
      kind,
    });
  return async (type, heard) => {
    if (heard.what === 'click') {
      const taken = await clicks.take(type, heard);
      if (taken === 'refused' || taken === 'unreadable') refused(type, heard, taken);
      return undefined;
    }
    const { kind, ...written } = await commands.take(type, heard);
    if (kind === 'answer') return { response_type: 'ephemeral', ...written };
    refused(type, heard, kind);
    return undefined;
  };
}

const LOOK_MS = 1_000;

interface Held {
  /** Names of those that use it. */
  notifiers: readonly string[];
  readonly open: OpenLine;
  /** Absent while it is up. */
  fault?: { readonly why: string; readonly since: number };
}

/** Holds the lines over which targets tell of clicks without posting to us: those that the settings want, and no others. */
export class ClickLines {
  readonly #deps: ClickLinesDeps;
  readonly #looking: Repeating;
  readonly #held = new Map<string, Held>();
  #lookedUnder: unknown;

  constructor(deps: ClickLinesDeps) {
    this.#deps = deps;
    const onError = (error: unknown) => deps.telemetry.log('error', 'lines could not be looked after', { error: String(error) });
    this.#looking = new Repeating(LOOK_MS, () => this.#look(), onError);
  }

  start(): void {
    void this.#looking.start();
  }

  async stop(): Promise<void> {
    await this.#looking.stop();
    await Promise.all([...this.#held.keys()].map((id) => this.#drop(id)));
  }

  #tellFaults(): void {
    this.#deps.onFaults(
      [...this.#held.values()].flatMap(({ fault, notifiers: [notifier = ''] }) => (fault === undefined ? [] : [{ notifier, ...fault }])),
    );
  }

  async #look(): Promise<void> {
    const { notifiers } = this.#deps.settings();
    if (notifiers === this.#lookedUnder) return;
    this.#lookedUnder = notifiers;
    const wanted = Map.groupBy(
      doorsOf({ notifiers }).flatMap(({ name, clicks: { type, line } }) => (line === undefined ? [] : [{ name, type, line }])),
      ({ line }) => line.id,
    );
    for (const id of [...this.#held.keys()]) if (!wanted.has(id)) await this.#drop(id);
    for (const [id, users] of wanted) this.#hold(id, users);
    this.#tellFaults();
  }

  #hold(id: string, users: readonly { readonly name: string; readonly type: string; readonly line: Line }[]): void {
    const names = users.map(({ name }) => name);
    const held = this.#held.get(id);
    if (held !== undefined) held.notifiers = names;
    const [first] = users;
    if (held !== undefined || first === undefined) return;
    const { telemetry, hear, fetch, now } = this.#deps;
    const open = first.line.open({
      fetch,
      hear: (what, payload) => hear(first.type, { what, payload, line: id }),
      onUnheard: (error) =>
        telemetry.log('error', 'a click or a command could not be kept; it is sent again', { notifiers: names, error: String(error) }),
      onStand: (why) => this.#stands(id, why),
    });
    this.#held.set(id, { notifiers: names, open, fault: { why: 'it is being opened', since: now() } });
    this.#gauge(names, 0);
  }

  #stands(id: string, why: string | undefined): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    const { telemetry, now } = this.#deps;
    if (why === undefined) {
      if (held.fault !== undefined) telemetry.log('info', 'the line for clicks is up', { notifiers: held.notifiers });
      delete held.fault;
    } else {
      if (held.fault?.why !== why) telemetry.log('warn', 'the line for clicks is down', { notifiers: held.notifiers, why });
      held.fault = { why, since: held.fault?.since ?? now() };
    }
    this.#tellFaults();
    this.#gauge(held.notifiers, why === undefined ? 1 : 0);
  }

  async #drop(id: string): Promise<void> {
    const held = this.#held.get(id);
    this.#held.delete(id);
    await held?.open.stop();
  }

  #gauge(notifiers: readonly string[], up: 0 | 1): void {
    for (const notifier of notifiers) this.#deps.telemetry.gauge('earshot_click_line_up', { notifier }, up);
  }
}
