import { CallBudget } from '../../lib/call-budget.ts';
import type { PacedFetch } from '../../lib/paced-fetch.ts';
import type { Origin } from '../../model/record.ts';
import type { Polling, RunningSource, SourceContext } from '../../sources/source.ts';
import { type AuditAnswer, type AuditQuery, callAuditLogs } from './audit-call.ts';
import type { AuditEntry, AuditPage } from './audit-page.ts';
import { AuditPosition } from './audit-position.ts';
import type { SlackAuditSettings } from './audit-settings.ts';

export interface SlackAuditContext extends SourceContext<SlackAuditSettings> {
  /** The newest checkpoint of this source that is on disk, wherever it is: also one that still waits in the raw log. */
  loadCheckpoint(): Promise<string | undefined>;
  readonly fetch: PacedFetch;
  /** Resolves after so many milliseconds, or when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

const ORIGIN: Origin = { transport: 'http', decoder: 'json', datasets: ['slack.audit'] };
/** Calls that may come at once, when none came for a while: so that a page is not waited for. */
const BURST = 3;
/** Entries of one batch: a whole page of the largest size would hold up what others send. */
const BATCH = 2_000;
/** How far Slack's clock, by the header of its answers, may be from the times of its entries. */
const CLOCK_MARGIN_SECS = 60;
/** Before it there are no entries ("Using the Audit Logs API"). */
const FIRST_SECOND = Date.UTC(2018, 2, 1) / 1_000;
const DAY_SECS = 86_400;
const LEAST_LIMIT = 10;
/** After an answer that was too long fewer entries are asked for, and with each that is not, so many times more again. */
const LIMIT_RECOVERY = 1.1;
/** Cursors that may be rejected one after the other, without anything read between. */
const MOST_REJECTIONS = 5;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;
const REFUSED_RETRY_MS = 60_000;

/**
 * Starts to read Slack's audit log. Each entry is stored exactly once: which ones were read goes to disk in the same batch as the entries.
 * New entries come first; what is left of the calls goes to the past, the newest of it first.
 */
export async function startSlackAudit(context: SlackAuditContext): Promise<RunningSource<SlackAuditSettings>> {
  const text = await context.loadCheckpoint();
  const position = text === undefined ? undefined : AuditPosition.parse(text);
  if (text !== undefined && position === undefined)
    context.telemetry.log('warn', `${context.name}: the checkpoint cannot be read; the log is read anew, and entries may come twice`);
  const source = new SlackAuditSource(context, position);
  source.begin();
  return source;
}

type Page = Extract<AuditAnswer, { kind: 'page' }>;
/** What cannot be had of the one may be had of the other. */
type Reading = 'new' | 'past';

class SlackAuditSource implements RunningSource<SlackAuditSettings> {
  readonly #context: SlackAuditContext;
  readonly #stopping = new AbortController();
  readonly #pace: CallBudget;
  #settings: SlackAuditSettings;
  /** Ends a sleep when the settings change. */
  #waking = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #position: AuditPosition | undefined;
  #limit: number;
  #calls = 0;
  /** How far Slack's clock is ahead of ours, in seconds. */
  #ahead = 0;
  #pollAt = 0;
  #pollMs = 0;
  /** The listing of the past that is being read. */
  #listing: AuditQuery | undefined;
  #rejections = 0;
  readonly #faults = new Map<Reading, string>();
  /** The past is not asked for again before, once it could not be had. */
  #pastAt = 0;
  #pastWaitMs = 0;
  /** When the last reading began that came to its end. */
  #readAt: number;

  constructor(context: SlackAuditContext, position: AuditPosition | undefined) {
    this.#context = context;
    this.#settings = context.settings;
    this.#limit = context.settings.page_size;
    this.#position = position;
    this.#readAt = context.now();
    this.#pace = new CallBudget({ perMinute: context.settings.calls_per_minute, burst: BURST, now: context.now });
  }

  begin(): void {
    this.#running = this.#run();
  }

  addresses(): readonly [] {
    return [];
  }

  fault(): string | undefined {
    return this.#faults.get('new') ?? this.#faults.get('past');
  }

  polling(): Polling {
    return {
      lagSecs: Math.max(0, Math.round((this.#context.now() - this.#readAt) / 1_000)),
      intervalSecs: Math.round(this.#pollMs / 1_000),
      perMinute: Math.round(this.#pace.perMinute),
      past: this.#position?.past ?? { left: 0, of: 0 },
    };
  }

  async reload(settings: SlackAuditSettings): Promise<void> {
    this.#settings = settings;
    this.#limit = settings.page_size;
    this.#pace.share = settings.calls_per_minute;
    // What was listed under other filters has no next page.
    this.#listing = undefined;
    this.#pollAt = 0;
    this.#pastAt = 0;
    this.#waking.abort();
    this.#waking = new AbortController();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #run(): Promise<void> {
    const position = await this.#begun();
    while (position !== undefined && !this.#stopped) {
      const wait = this.#until(this.#pollAt, this.#pollMs);
      if (wait === 0) await this.#readNew(position);
      else await this.#readPast(position, wait);
    }
  }

  /** Where reading goes on. Slack's clock must be known first; a first start is noted before anything is read. */
  async #begun(): Promise<AuditPosition | undefined> {
    if ((await this.#ask({}, 1))?.kind !== 'page') return undefined;
    if (this.#position !== undefined) return this.#position;
    const floor = this.#slackNow() - this.#settings.overlap_secs;
    const past = Math.min(this.#settings.backfill_days * DAY_SECS, Math.max(0, floor - FIRST_SECOND));
    this.#position = AuditPosition.fresh(floor, past);
    return (await this.#append(this.#position, [])) ? this.#position : undefined;
  }

  /** All from the floor on, page by page: so what appears late is found, and a kill between pages costs calls and nothing else. */
  async #readNew(position: AuditPosition): Promise<void> {
    const [startedAt, calls] = [this.#context.now(), this.#calls];
    await this.#leaveBehind(position);
    const oldest = position.floor;
    let floor: number | undefined;
    for (let query: AuditQuery | undefined = { oldest }, lowest: number | undefined; query !== undefined; ) {
      const answer = await this.#ask(query);
      if (answer === undefined) return;
      if (answer.kind === 'cursor_rejected') {
        if (!this.#mayGoOn('new')) break;
        query = { oldest, latest: lowest };
        continue;
      }
      floor ??= this.#floorAfter(answer);
      const dated = datedEntries(answer.page, oldest).filter(({ at }) => at >= oldest);
      if (!(await this.#store(position, dated, () => false))) return;
      lowest = dated.reduce<number | undefined>((least, { at }) => Math.min(least ?? at, at), lowest);
      query = answer.page.cursor === undefined ? undefined : { ...query, cursor: answer.page.cursor };
      if (query === undefined) this.#readWhole(position, floor, startedAt);
    }
    this.#planPoll(startedAt, this.#calls - calls, position);
  }

  #readWhole(position: AuditPosition, floor: number, startedAt: number): void {
    this.#rejections = 0;
    this.#readAt = startedAt;
    position.advance(floor);
    const { max_ids: most } = this.#settings;
    if (position.bound(most))
      this.#context.telemetry.log(
        'warn',
        `${this.#context.name}: more than max_ids ${most} entries in overlap_secs: entries that Slack shows later than ${this.#slackNow() - position.floor} s are not found`,
      );
  }

  /** Where the next reading begins. An entry of a clock that is ahead must not move it, nor may a silence hold it. */
  #floorAfter({ page, date }: Page): number {
    const { overlap_secs: overlap } = this.#settings;
    const now = date ?? this.#slackNow();
    const newest = page.entries.reduce((most, { second }) => Math.max(most, second ?? 0), 0);
    const quiet = date === undefined ? 0 : date - CLOCK_MARGIN_SECS;
    return Math.max(Math.min(newest, now), quiet) - overlap;
  }

  /**
   * After an outage there may be very much to read: it is read as the past is, and what happens now does not wait for it. Or the hub's clock was
   * set since Slack told its own, which is asked again: from a floor in the future on, what happens before it would never be read.
   */
  async #leaveBehind(position: AuditPosition): Promise<void> {
    const isFar = () => this.#slackNow() - position.floor > 2 * (this.#settings.overlap_secs + CLOCK_MARGIN_SECS);
    if (!isFar() || (await this.#ask({}, 1)) === undefined || !isFar()) return;
    position.leaveBehind(this.#slackNow() - this.#settings.overlap_secs - CLOCK_MARGIN_SECS);
    this.#listing = undefined;
  }

  /** A page of the past, when a call is left for it; else it waits, no longer than this. */
  async #readPast(position: AuditPosition, mostMs: number): Promise<void> {
    const slice = position.slice(this.#settings.backfill_slice_hours * 3_600);
    const wait = slice === undefined ? mostMs : Math.min(mostMs, Math.max(this.#pace.wait(1), this.#until(this.#pastAt, this.#pastWaitMs)));
    if (slice === undefined || wait > 0) return await this.#sleep(wait);
    const listing = this.#listing ?? { oldest: slice.from, latest: slice.to };
    this.#listing = undefined;
    const answer = await this.#askOnce(listing, 'past');
    if (answer === undefined) return;
    // It goes on at the second that it had come to.
    if (isRejected(answer, listing)) return void this.#mayGoOn('past');
    if (answer.kind !== 'page') return await this.#putPastOff(answer);
    this.#pastWaitMs = 0;
    const { cursor } = answer.page;
    const { oldest = slice.from } = listing;
    const dated = datedEntries(answer.page, slice.to).filter(({ at }) => at >= oldest && at <= slice.to);
    const lowest = dated.reduce((least, { at }) => Math.min(least, at), slice.to);
    const stored = await this.#store(position, dated, () => {
      position.readDownTo(cursor === undefined ? oldest - 1 : lowest);
      return cursor === undefined;
    });
    if (stored && cursor !== undefined) this.#listing = { ...listing, cursor };
  }

  /** New entries do not wait for a past that cannot be had, unless there are no calls for either. */
  async #putPastOff(answer: Fault): Promise<void> {
    this.#pastWaitMs = this.#afterFault(answer, Math.min(Math.max(FIRST_RETRY_MS, this.#pastWaitMs * 2), LAST_RETRY_MS), 'past');
    this.#pastAt = this.#context.now() + this.#pastWaitMs;
    if (answer.kind === 'limited') await this.#sleep(this.#pastWaitMs);
  }

  /** Stores what is new, the oldest first. `whole` counts in that all of it is stored, and says whether that is worth a note of its own. */
  async #store(position: AuditPosition, dated: readonly Dated[], whole: () => boolean): Promise<boolean> {
    const batches: Dated[][] = [];
    for (let end = dated.length; end > 0; end -= BATCH) batches.push(dated.slice(Math.max(0, end - BATCH), end).reverse());
    const last = batches.pop() ?? [];
    for (const batch of batches) {
      const messages = fresh(position, batch);
      if (messages.length > 0 && !(await this.#append(position, messages))) return false;
    }
    const messages = fresh(position, last);
    const noted = whole();
    return messages.length === 0 && !noted ? true : await this.#append(position, messages);
  }

  /** One batch at a time, so that a checkpoint never counts in entries that are not on disk. False when the source stops before. */
  async #append(position: AuditPosition, messages: readonly Buffer[]): Promise<boolean> {
    const { name: source, intake, telemetry, now } = this.#context;
    const batch = { source, origin: ORIGIN, messages, checkpoint: position.toText() };
    for (let wait = FIRST_RETRY_MS; ; wait = Math.min(wait * 2, LAST_RETRY_MS)) {
      await this.#whenOpen();
      if (this.#stopped) return false;
      try {
        await intake.append({ ...batch, receivedAt: now() });
        this.#rejections = 0;
        return true;
      } catch (error) {
        telemetry.log('warn', `${source}: entries wait, the raw log does not take them: ${String(error)}`);
        await this.#sleep(wait);
      }
    }
  }

  /** Asks until there is an answer to go on with; undefined when the source stops before. */
  async #ask(query: AuditQuery, most?: number): Promise<Page | Rejected | undefined> {
    for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(retryMs * 2, LAST_RETRY_MS)) {
      const answer = await this.#askOnce(query, 'new', most);
      if (answer === undefined || answer.kind === 'page' || isRejected(answer, query)) return answer;
      await this.#sleep(this.#afterFault(answer, retryMs, 'new'));
    }
  }

  /** Undefined when the source stops before there is an answer. */
  async #askOnce(query: AuditQuery, reading: Reading, most = this.#limit): Promise<AuditAnswer | undefined> {
    await this.#whenCall();
    if (this.#stopped) return undefined;
    const limit = Math.min(this.#limit, most);
    this.#calls++;
    const { fetch } = this.#context;
    const answer = await callAuditLogs(query, { settings: this.#settings, limit, fetch, signal: this.#stopping.signal });
    if (this.#stopped) return undefined;
    if (answer.kind === 'page') this.#heard(answer, reading);
    return answer;
  }

  #heard({ date }: Page, reading: Reading): void {
    const { name, now, telemetry } = this.#context;
    this.#pace.succeeded();
    this.#limit = Math.min(this.#settings.page_size, Math.ceil(this.#limit * LIMIT_RECOVERY));
    if (date !== undefined) this.#ahead = date - Math.floor(now() / 1_000);
    if (this.#faults.delete(reading)) telemetry.log('info', `${name}: Slack answers again`);
  }

  /** Milliseconds to wait after an answer that has no entries. */
  #afterFault(answer: Fault, retryMs: number, reading: Reading): number {
    switch (answer.kind) {
      case 'limited':
        this.#pace.refused();
        return answer.afterMs ?? LAST_RETRY_MS / 2;
      case 'too_long':
        if (this.#limit === LEAST_LIMIT)
          this.#complain(reading, 'EAR_SOURCE_ANSWER', `${LEAST_LIMIT} entries are longer than max_body_bytes`);
        this.#limit = Math.max(LEAST_LIMIT, Math.floor(this.#limit / 2));
        return 0;
      case 'cursor_rejected':
        this.#complain(reading, 'EAR_SOURCE_ANSWER', 'Slack: invalid_cursor, where none was sent');
        return retryMs;
      case 'refused':
        this.#complain(reading, 'EAR_SOURCE_REFUSED', answer.why);
        return REFUSED_RETRY_MS;
      case 'failed':
        this.#complain(reading, 'EAR_SOURCE_ANSWER', answer.why);
        return Math.max(answer.afterMs ?? 0, retryMs);
    }
  }

  /** After a rejected cursor the listing begins again at the second that was reached, unless that led nowhere too often. */
  #mayGoOn(reading: Reading): boolean {
    this.#rejections++;
    if (this.#rejections <= MOST_REJECTIONS) return true;
    this.#rejections = 0;
    this.#complain(reading, 'EAR_SOURCE_ANSWER', 'Slack rejects each cursor that it gives');
    return false;
  }

  /** Once until it works again, or fails in another way. */
  #complain(reading: Reading, code: 'EAR_SOURCE_ANSWER' | 'EAR_SOURCE_REFUSED', why: string): void {
    const fault = `${code}: ${why}`;
    if (fault !== this.#faults.get(reading)) this.#context.telemetry.log('warn', `${this.#context.name}: ${fault}`);
    this.#faults.set(reading, fault);
  }

  /** The interval is the shortest that the share allows; while there is a past to read, half of the share is left for that. */
  #planPoll(startedAt: number, calls: number, position: AuditPosition): void {
    const share = position.past.left > 0 ? 2 : 1;
    this.#pollMs = Math.max(this.#settings.poll_interval_secs * 1_000, (calls * share * 60_000) / this.#pace.perMinute);
    this.#pollAt = startedAt + this.#pollMs;
  }

  /** Milliseconds until what comes again after `everyMs`; a clock that was set back does not make it longer. */
  #until(at: number, everyMs: number): number {
    const wait = at - this.#context.now();
    return wait > everyMs ? 0 : Math.max(0, wait);
  }

  #slackNow(): number {
    return Math.floor(this.#context.now() / 1_000) + this.#ahead;
  }

  async #whenCall(): Promise<void> {
    for (;;) {
      await this.#whenOpen();
      const wait = this.#pace.wait();
      if (wait === 0 || this.#stopped) break;
      await this.#sleep(wait);
    }
    this.#pace.take();
  }

  async #whenOpen(): Promise<void> {
    const { intake } = this.#context;
    const { signal } = this.#stopping;
    if (intake.open || signal.aborted) return;
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
      void intake.whenOpen().then(resolve);
    });
  }

  async #sleep(ms: number): Promise<void> {
    await this.#context.sleep(ms, AbortSignal.any([this.#stopping.signal, this.#waking.signal]));
  }
}

type Rejected = Extract<AuditAnswer, { kind: 'cursor_rejected' }>;
type Fault = Exclude<AuditAnswer, Page>;

const isRejected = (answer: AuditAnswer, { cursor }: AuditQuery): answer is Rejected =>
  answer.kind === 'cursor_rejected' && cursor !== undefined;

interface Dated {
  readonly entry: AuditEntry;
  readonly at: number;
}

/** Entries with their seconds. One without a time of its own is where its neighbor is. */
function datedEntries({ entries }: AuditPage, otherwise: number): Dated[] {
  let at = otherwise;
  return entries.map((entry) => {
    at = entry.second ?? at;
    return { entry, at };
  });
}

const fresh = (position: AuditPosition, dated: readonly Dated[]): Buffer[] =>
  dated.flatMap(({ entry, at }) => (position.add(entry, at) ? [entry.bytes] : []));
