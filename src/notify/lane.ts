import type { PacedFetch } from '../lib/paced-fetch.ts';
import type { ToldAlert } from '../model/alert.ts';
import type { AlertContext } from '../model/alert-context.ts';
import type { Lease, State } from '../store/state/state.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { answered, nameOf } from './answered.ts';
import { backoffMs } from './backoff.ts';
import { MessageBudget } from './message-budget.ts';
import type { Delivery, Notification } from './notifier.ts';
import { type Batch, bringForward, claim, type Errand, isGrave, nextDue, settle } from './outbox-rows.ts';
import type { ConfiguredNotifier, OutboxSettings } from './settings.ts';

export interface LaneDeps {
  readonly state: State;
  readonly settings: OutboxSettings;
  /** Alerts by id, in any order; those that are gone are left out. What is told anew does not wait long for what is known of them; an edit may. */
  loadAlerts(ids: readonly string[], isNews: boolean): Promise<readonly ToldAlert[]>;
  /** What is known around an alert; undefined where it names nobody. Takes seconds. */
  loadContext(alert: ToldAlert): Promise<AlertContext | undefined>;
  readonly fetch: PacedFetch;
  /** Where people reach the page; absent where nobody has said. */
  readonly pageUrl?: string | undefined;
  readonly telemetry: Telemetry;
  readonly now: () => number;
  readonly random: () => number;
}

/** How long a lane looks away when nothing is due: another hub may have put something in. */
const LOOK_MS = 2_000;
/** The longest pause after failures. The target is asked at most this seldom while anything waits for it. */
const PAUSE_MS = 30_000;

/** When a target may be sent to again, and how often it has failed: one for all lanes of a notifier, as the target counts all its messages. */
export class Pace {
  notBefore = 0;
  failures = 0;
  readonly budget: MessageBudget;
  readonly gatherMs: number;
  /** What there is to tell gathers until then. */
  gatherUntil = 0;
  /** From then on something grave may go before that, with all that has gathered. */
  graveFrom = 0;

  constructor({ burst, gather_secs: secs }: OutboxSettings) {
    this.gatherMs = secs * 1_000;
    this.budget = new MessageBudget(burst, this.gatherMs);
  }
}

/** One notifier's way out, for one errand. No notifier waits for another. */
export class Lane {
  readonly notifier: ConfiguredNotifier;
  readonly #errand: Errand;
  readonly #deps: LaneDeps;
  readonly #pace: Pace;
  /** An outcome that the state database did not take yet. Nothing else is sent before it is written down. */
  #unwritten: { batch: Batch; delivery: Delivery } | undefined;

  constructor(notifier: ConfiguredNotifier, deps: LaneDeps, errand: Errand = 'news', pace: Pace = new Pace(deps.settings)) {
    this.notifier = notifier;
    this.#errand = errand;
    this.#pace = pace;
    this.#deps = deps;
  }

  /** Sends at most one message. Gives the milliseconds until the next look, or `lost` when the lease is another's. */
  async step(lease: () => Lease, stop: AbortSignal): Promise<number | 'lost'> {
    const { state, now } = this.#deps;
    if (this.#unwritten !== undefined) return this.#write(lease(), this.#unwritten.batch, this.#unwritten.delivery);
    if (now() < this.#pace.notBefore) return this.#pace.notBefore - now();
    if (await this.#gathers()) return Math.min(LOOK_MS, this.#pace.gatherUntil - now());
    const storm = this.#errand === 'context' ? this.#pace.budget.scarceFor(now()) : 0;
    if (storm > 0) return storm;
    const claimed = await state.fenced(lease(), async (tx) => (await claim(tx, this.notifier.name, now(), this.#errand)) ?? 'none');
    if (claimed === undefined) return 'lost';
    if (claimed === 'none') return this.#untilDue();
    this.#pace.notBefore = Math.max(this.#pace.notBefore, now() + Math.ceil(1_000 / this.notifier.perSecond));
    const delivery = await this.#send(claimed, stop);
    this.#unwritten = { batch: claimed, delivery };
    return this.#write(lease(), claimed, delivery);
  }

  async #write(lease: Lease, batch: Batch, delivery: Delivery): Promise<number | 'lost'> {
    const { state, settings, telemetry, now, random } = this.#deps;
    const delayMs = (attempts: number) => backoffMs(attempts, settings.max_backoff_secs * 1_000, random);
    const written = await state.fenced(lease, async (tx) => {
      const { name: notifier, edit, wantsContext = false } = this.notifier;
      const wants = { edits: edit !== undefined, wantsContext };
      await settle(tx, batch, delivery, { now: now(), notifier, ...wants, maxAttempts: settings.max_attempts, delayMs });
      if (delivery.verdict === 'delivered' && this.#pace.failures > 0) await bringForward(tx, this.notifier.name, now());
      return true;
    });
    this.#unwritten = undefined;
    if (written === undefined) return 'lost';
    this.#keepPace(delivery);
    telemetry.count('earshot_notifications_total', { notifier: this.notifier.name, verdict: delivery.verdict });
    if (delivery.verdict !== 'delivered') {
      const level = delivery.verdict === 'reject' ? 'error' : 'warn';
      telemetry.log(level, 'notification not delivered', { notifier: this.notifier.name, ...delivery, attempts: batch.attempts });
    }
    if (delivery.verdict === 'delivered' && delivery.missed !== undefined)
      telemetry.log('warn', 'notification did not reach everybody', { notifier: this.notifier.name, missed: delivery.missed });
    return Math.max(0, this.#pace.notBefore - now());
  }

  /** After many messages, or a failure, the whole lane pauses; what comes meanwhile gathers in one message. Context costs no news its place. */
  #keepPace(delivery: Delivery): void {
    if (delivery.verdict === 'delivered' && this.#errand === 'news') this.#spend(this.#deps.now());
    if (delivery.verdict !== 'retry') {
      this.#pace.failures = 0;
      return;
    }
    this.#pace.failures++;
    const pause = Math.max(delivery.afterMs ?? 0, backoffMs(this.#pace.failures, PAUSE_MS, this.#deps.random));
    this.#pace.notBefore = Math.max(this.#pace.notBefore, this.#deps.now() + pause);
  }

  #spend(now: number): void {
    const pace = this.#pace;
    if (now < pace.gatherUntil) pace.graveFrom = now + pace.gatherMs;
    pace.gatherUntil = now + pace.budget.spend(now);
  }

  /** Whether what there is to tell is to gather now. An alert of level high or critical does not wait for it, at most once in that time. */
  async #gathers(): Promise<boolean> {
    const { state, now } = this.#deps;
    if (this.#errand !== 'news' || now() >= this.#pace.gatherUntil) return false;
    return now() < this.#pace.graveFrom || !(await state.read((db) => isGrave(db, this.notifier.name, now())));
  }

  async #send(batch: Batch, stop: AbortSignal): Promise<Delivery> {
    const { settings, loadAlerts, fetch, pageUrl } = this.#deps;
    const alerts = await loadAlerts(batch.shown, true).catch((error: unknown) => error);
    if (!Array.isArray(alerts)) return { verdict: 'retry', why: `the alerts could not be read: ${nameOf(alerts)}` };
    const notification = notificationOf(batch, alerts);
    if (batch.kind === 'context') return this.#sendContext(notification, stop);
    return answered(settings, stop, (signal) => this.notifier.send(notification, { fetch, pageUrl, signal }));
  }

  /** What cannot be told any more, or is nothing, is no failure. */
  async #sendContext(notification: Notification, stop: AbortSignal): Promise<Delivery> {
    const { settings, loadContext, fetch, pageUrl } = this.#deps;
    const [alert] = notification.alerts;
    if (alert === undefined || notification.thread === undefined) {
      return { verdict: 'reject', why: 'the message that it belongs to is gone', gone: true };
    }
    return answered(settings, stop, async (signal) => {
      const context = await loadContext(alert);
      if (context === undefined) return { verdict: 'delivered', ref: '' };
      return this.notifier.send({ ...notification, context }, { fetch, pageUrl, signal });
    });
  }

  async #untilDue(): Promise<number> {
    const { state, now } = this.#deps;
    const due = await state.read((db) => nextDue(db, this.notifier.name, this.#errand));
    if (due === undefined || due <= now()) return LOOK_MS;
    return Math.min(LOOK_MS, due - now());
  }
}

function notificationOf(
  { key, kind, shown, more, possibleRepeat, triedAt, thread, joined, said }: Batch,
  loaded: readonly ToldAlert[],
): Notification {
  return { key, kind, alerts: inOrder(shown, loaded), more, possibleRepeat, triedAt, thread: thread?.ref, joined, said };
}

/** The alerts that are still there, in the order of their ids. */
export function inOrder(ids: readonly string[], loaded: readonly ToldAlert[]): ToldAlert[] {
  const byId = new Map(loaded.map((alert) => [alert.id, alert]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}
