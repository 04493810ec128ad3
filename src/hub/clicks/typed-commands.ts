import { setTimeout as sleep } from 'node:timers/promises';
import { doorsOf } from '../../doors.ts';
import { EarshotError } from '../../lib/errors.ts';
import { Repeating } from '../../lib/repeating.ts';
import { within } from '../../lib/within.ts';
import type { Answer } from '../../model/answer.ts';
import type { TypedCommand } from '../../model/click.ts';
import type { Delivery } from '../../notify/notifier.ts';
import type { KeptClick, NewClick } from '../../store/state/clicks.ts';
import { HeldLease } from '../../store/state/held-lease.ts';
import type { StateTransaction } from '../../store/state/state.ts';
import { ClickKeeping, type WaitingClicks } from './click-keeping.ts';
import { answerTo, type CommandsDeps } from './commands.ts';

/** Before an answer that may have gone with the acknowledgement is told by itself. */
const GRACE_MS = 2_000;
const LOOK_MS = 1_000;
const LEASE_MS = 60_000;
const AT_ONCE = 50;
const RETRY_MS = 1_000;
const ATTEMPTS = 3;
const TELL_TIMEOUT_MS = 5_000;
const TELL_ATTEMPTS = 5;
const TELL_WAIT_MS = 2_000;
/** Commands whose answers are at hand when Slack tells of them again: some minutes of them, in which it gives up. */
const REMEMBERED = 1_000;
const STOP_MS = 3_000;

const FAULT: Answer = [['It could not be worked out: a fault of Earshot, which its log names.']];
const DONE_BEFORE: Answer = [
  [
    'It was done. Earshot was interrupted before it could say more: ',
    { code: '/earshot mute list' },
    ' and ',
    { code: '/earshot listen list' },
    ' say how it is now.',
  ],
];
const NO_DOOR: Answer = [['Nothing was done: the notifier is not configured any more.']];

/** A command of this hub's, and whether somebody waits for its answer now. */
interface Heard {
  readonly answer: Promise<Answer | undefined>;
  waits: boolean;
}

/**
 * Runs what people type. A command was kept in a file before (`command-door.ts`), and what it changes is written in one transaction with the
 * note that it was run: neither one that Slack tells again nor a kill does it twice. Its answer goes with the acknowledgement where it comes
 * in time, and else to the place that Slack has named, also by the next life of the hub.
 */
export class TypedCommands {
  readonly #deps: CommandsDeps;
  readonly #now: () => number;
  readonly #keeping: ClickKeeping;
  readonly #heard = new Map<string, Heard>();
  readonly #underWay = new Map<string, Promise<unknown>>();
  /** Of several hubs on one database, one tells at a time; each runs what it has heard itself. */
  readonly #lease: HeldLease;
  readonly #looking: Repeating;
  readonly #telling: Repeating;
  readonly #stopping = new AbortController();
  /** Whether an earlier life may have left something that is not due for others yet. */
  #hasOwn = true;

  constructor(deps: CommandsDeps, waiting: WaitingClicks, now: () => number = Date.now) {
    this.#deps = deps;
    this.#now = now;
    this.#keeping = new ClickKeeping(deps.state.clicks, waiting);
    const onError = (error: unknown) => deps.telemetry.log('error', 'commands are waiting; it is tried again', { error: String(error) });
    this.#lease = new HeldLease(deps.state.leases, { name: 'commands', holder: `hub-${deps.settings.node}`, ttlMs: LEASE_MS, now });
    this.#looking = new Repeating(LOOK_MS, () => this.#look(), onError);
    this.#telling = new Repeating(LOOK_MS, () => this.#tellAll(), onError);
  }

  /** Goes on with what an earlier life has kept. */
  start(): void {
    for (const round of [this.#looking, this.#telling]) void round.start();
  }

  /** What is under way has a moment; the rest stays kept. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([this.#looking.stop(), this.#telling.stop()]);
    await within(Promise.all(this.#underWay.values()), STOP_MS);
  }

  /** Runs a command that is kept, once however often it is told; undefined when the hub stops before. Somebody waits for the answer until {@link acknowledged}. */
  run(kept: NewClick<TypedCommand>): Promise<Answer | undefined> {
    return (this.#heard.get(kept.click.key) ?? this.#begin(kept, true)).answer;
  }

  /** Nobody waits for the answer to the command of this key any more; `withAnswer`: they have it. */
  acknowledged(key: string, withAnswer: boolean): void {
    const heard = this.#heard.get(key);
    if (heard !== undefined) heard.waits = false;
    // Where this is not written, the same answer comes a second time.
    if (withAnswer) void this.#deps.state.clicks.told([key]).catch(() => undefined);
  }

  #begin(kept: NewClick<TypedCommand>, waits: boolean): Heard {
    const { key } = kept.click;
    const heard: Heard = { waits, answer: this.#work(kept, () => heard.waits) };
    this.#heard.set(key, heard);
    this.#underWay.set(key, heard.answer);
    void heard.answer.finally(() => this.#underWay.delete(key));
    const [oldest] = this.#heard.keys();
    if (oldest !== undefined && this.#heard.size > REMEMBERED) this.#heard.delete(oldest);
    return heard;
  }

  /** Runs it as soon as the database takes it; undefined when the hub stops before. */
  async #work(kept: NewClick<TypedCommand>, waits: () => boolean): Promise<Answer | undefined> {
    for (let failures = 0; !this.#stopping.signal.aborted; ) {
      try {
        await this.#keeping.move();
        return await this.#run(kept, waits, failures >= ATTEMPTS);
      } catch (error) {
        if (!(error instanceof EarshotError && error.code === 'EAR_STATE_DOWN')) failures++;
        this.#deps.telemetry.log('error', 'a command could not be run; it is tried again', { failures, error: String(error) });
        await sleep(RETRY_MS, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      }
    }
    return undefined;
  }

  async #run({ notifier, click }: NewClick<TypedCommand>, waits: () => boolean, isHopeless: boolean): Promise<Answer> {
    const { state, settings } = this.#deps;
    const { key } = click;
    const known = await state.clicks.outcomeOf(key);
    if (known?.said !== undefined) return known.said;
    const door = doorsOf(settings).find(({ name }) => name === notifier);
    const alongside = async (tx: StateTransaction) => {
      if (!(await state.clicks.begin(tx, key))) throw new Error('the command was run before');
    };
    const answer = async (): Promise<Answer> => {
      if (known !== undefined) return DONE_BEFORE;
      if (isHopeless) return FAULT;
      return door === undefined ? NO_DOOR : await answerTo(this.#deps, door, { ...click, alongside });
    };
    const said = await answer();
    const tellAt = this.#now() + (waits() ? GRACE_MS : 0);
    await state.transaction((tx) => state.clicks.run(tx, key, { done: true, answer: '', said }, tellAt));
    if (!waits()) this.#telling.wake();
    return said;
  }

  /** Takes up what nobody runs: what was kept when a hub was killed. Its own a hub takes up as it starts. */
  async #look(): Promise<void> {
    const { state, settings } = this.#deps;
    await this.#keeping.move();
    this.#takeUp(await state.clicks.dueCommands('kept', AT_ONCE));
    if (this.#hasOwn)
      this.#takeUp(
        (await state.clicks.dueCommands('kept', AT_ONCE, Number.MAX_SAFE_INTEGER)).filter(({ click }) => click.node === settings.node),
      );
    this.#hasOwn = false;
  }

  #takeUp(some: readonly NewClick<TypedCommand>[]): void {
    for (const kept of some) if (!this.#underWay.has(kept.click.key)) this.#begin(kept, false);
  }

  async #tellAll(): Promise<void> {
    const { clicks } = this.#deps.state;
    const run = await clicks.dueCommands('run', AT_ONCE);
    if (run.length === 0 || (await this.#lease.hold()) === undefined) return;
    await Promise.all(run.map((each) => this.#tell(each)));
  }

  async #tell(kept: KeptClick<TypedCommand>): Promise<void> {
    const { state, telemetry } = this.#deps;
    const { click, notifier, attempts } = kept;
    const delivery = await this.#deliver(kept);
    if (delivery.verdict === 'retry' && attempts + 1 < TELL_ATTEMPTS) {
      const waitMs = Math.max(delivery.afterMs ?? 0, TELL_WAIT_MS * 2 ** attempts);
      return await state.clicks.postpone(click.key, this.#now() + waitMs);
    }
    if (delivery.verdict !== 'delivered') {
      telemetry.log('warn', 'who asked was not answered', { notifier, why: delivery.why, after_ms: this.#now() - click.at });
    }
    await state.clicks.told([click.key]);
  }

  async #deliver({ click: { replyTo }, notifier, outcome }: KeptClick<TypedCommand>): Promise<Delivery> {
    const { settings, fetch } = this.#deps;
    const door = doorsOf(settings).find(({ name }) => name === notifier);
    if (door === undefined) return { verdict: 'reject', why: 'the notifier is not configured any more' };
    if (replyTo === undefined) return { verdict: 'reject', why: "there was no address for an answer, or it was none of the target's" };
    const signal = AbortSignal.timeout(TELL_TIMEOUT_MS);
    return await door.clicks.answer(replyTo, outcome?.said ?? FAULT, { fetch, signal, pageUrl: settings.api.public_url });
  }
}
