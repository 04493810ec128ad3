import { type ActClickDeps, actClickAudit, runActClick } from './act-clicks.ts';
import type { AlertDetail } from './alert/alerts.ts';
import { alertAudit } from './api/alert-audit.ts';
import { mayWork } from './api/colleagues.ts';
import { visibleAlert } from './api/visible.ts';
import type { App } from './app.ts';
import { disabledUser, doorsOf, unknownPerson, unknownUser } from './doors.ts';
import { Repeating } from './lib/repeating.ts';
import type { AlertAct, AlertChange } from './model/alert-life.ts';
import { isActAsk, standOf } from './model/click.ts';
import { guardedFetch } from './notify/guarded-fetch.ts';
import type { ClickRequest, Delivery } from './notify/notifier.ts';
import type { ConfiguredClicks } from './notify/settings.ts';
import type { User } from './store/state/accounts.ts';
import type { ClickOutcome, KeptClick } from './store/state/clicks.ts';

export type ClicksDeps = Pick<App, 'settings' | 'state' | 'alerts' | 'telemetry' | 'audit'> & ActClickDeps;

/** A click wakes the work; this finds what a hub that was killed has left. */
const LOOK_MS = 1_000;
const PRUNE_EVERY_MS = 3_600_000;
/** So long a click that is sent again is known. */
const KEPT_MS = 7 * 86_400_000;
const LEASE_MS = 60_000;
const AT_ONCE = 50;
const ANSWERS_AT_ONCE = 8;
const ANSWER_TIMEOUT_MS = 5_000;
const ANSWER_ATTEMPTS = 5;
const ANSWER_WAIT_MS = 2_000;
/** After a click that could not be run: a database that is down, or a fault of ours. */
const RUN_WAIT_MS = 5_000;
/** How often an act is decided anew because the alert changed under it. */
const DECISIONS = 5;

/**
 * Does what people ask for by clicks on messages. A click is kept before it is acknowledged; what it asks for is done afterwards, together
 * with the note that it was done, so that neither a click that is sent again nor a kill does it twice.
 */
export class Clicks {
  readonly #deps: ClicksDeps;
  readonly #now: () => number;
  readonly #running: Repeating;
  readonly #telling: Repeating;
  readonly #pruning: Repeating;

  constructor(deps: ClicksDeps, now: () => number = Date.now) {
    this.#deps = deps;
    this.#now = now;
    const onError = (error: unknown) => deps.telemetry.log('error', 'clicks are waiting; it is tried again', { error: String(error) });
    this.#running = new Repeating(LOOK_MS, () => this.#runAll(), onError);
    this.#telling = new Repeating(LOOK_MS, () => this.#tellAll(), onError);
    this.#pruning = new Repeating(PRUNE_EVERY_MS, async () => void (await deps.state.clicks.prune(now() - KEPT_MS)), onError);
  }

  start(): void {
    for (const round of [this.#running, this.#telling, this.#pruning]) void round.start();
  }

  /** Resolves when what is under way is over; the rest stays kept. */
  async stop(): Promise<void> {
    await Promise.all([this.#running, this.#telling, this.#pruning].map((round) => round.stop()));
  }

  /** Whether a notifier of that type hears of clicks. */
  listens(type: string): boolean {
    return doorsOf(this.#deps.settings, type).length > 0;
  }

  /** Keeps a click. Once this has resolved it will be run, whatever happens. Throws EAR_STATE_DOWN. */
  async take(type: string, request: Omit<ClickRequest, 'now'>): Promise<'kept' | 'none' | 'refused' | 'unreadable'> {
    const read = doorsOf(this.#deps.settings, type).map(({ name, clicks }) => ({
      name,
      read: clicks.read({ ...request, now: this.#now() }),
    }));
    for (const each of read) {
      if (each.read.kind !== 'click') continue;
      await this.#deps.state.clicks.keep(each.name, each.read.click);
      this.#running.wake();
      return 'kept';
    }
    const kinds = new Set(read.map((each) => each.read.kind));
    if (kinds.has('none')) return 'none';
    return kinds.has('unreadable') ? 'unreadable' : 'refused';
  }

  #doorOf({ notifier }: KeptClick): ConfiguredClicks | undefined {
    return doorsOf(this.#deps.settings).find(({ name }) => name === notifier)?.clicks;
  }

  /** Of several hubs on one database, one works at clicks at a time. */
  async #isMine(): Promise<boolean> {
    const { state, settings } = this.#deps;
    return (await state.leases.acquire('clicks', `hub-${settings.node}`, LEASE_MS)) !== undefined;
  }

  async #runAll(): Promise<void> {
    const { clicks } = this.#deps.state;
    for (let kept = await clicks.due('kept', AT_ONCE); kept.length > 0; kept = await clicks.due('kept', AT_ONCE)) {
      if (!(await this.#isMine())) return;
      for (const each of kept) await this.#runOrPostpone(each);
      this.#telling.wake();
    }
  }

  /** One that cannot be run holds up none of the others. */
  async #runOrPostpone(kept: KeptClick): Promise<void> {
    try {
      if (await this.#run(kept)) return;
    } catch (error) {
      this.#deps.telemetry.log('error', 'a click could not be run; it is tried again', { error: String(error) });
    }
    await this.#deps.state.clicks.postpone(kept.click.key, this.#now() + RUN_WAIT_MS);
  }

  /** False when the alert changed under it each time. */
  async #run(kept: KeptClick): Promise<boolean> {
    const user = await this.#userOf(kept);
    if (typeof user === 'string') return await this.#refuse(kept, user);
    const { alertId, act, key } = kept.click;
    if (isActAsk(act)) {
      const refused = await runActClick(this.#deps, kept, act, user);
      return refused === undefined || (await this.#refuse(kept, refused, user));
    }
    for (let decision = 0; decision < DECISIONS; decision++) {
      const alert = await this.#deps.alerts.get(alertId);
      if (alert === undefined || visibleAlert(alert, user) === undefined) return await this.#refuse(kept, NO_ALERT, user);
      const other = decidedByAnother(alert, kept, user);
      if (other !== undefined) return await this.#refuse(kept, meanwhile(other), user);
      const outcome = { done: true, user: user.name, answer: `Done: you have ${DONE[act.kind]}.` };
      const changed = await this.#deps.alerts.change(alertId, { act, actor: user.name, revision: alert.revision }, (tx) =>
        this.#deps.state.clicks.run(tx, key, outcome),
      );
      if (changed.ok) return true;
      if (changed.error !== 'conflict') return await this.#refuse(kept, 'Nothing was done: the alert is so already.', user);
    }
    return false;
  }

  async #refuse({ click }: KeptClick, answer: string, user?: User): Promise<true> {
    const outcome: ClickOutcome = { done: false, answer, ...(user !== undefined && { user: user.name }) };
    await this.#deps.state.transaction((tx) => this.#deps.state.clicks.run(tx, click.key, outcome));
    return true;
  }

  /** In whose name the click counts, or why it does not. */
  async #userOf(kept: KeptClick): Promise<User | string> {
    const { by } = kept.click;
    const name = this.#doorOf(kept)?.userOf(by);
    if (name === undefined) return unknownPerson(by, kept.notifier);
    const user = await this.#deps.state.users.byName(name.toLowerCase());
    if (user === undefined) return unknownUser(name, kept.notifier);
    if (user.disabled) return disabledUser(name);
    if (!mayWork(user)) {
      return `Nothing was done: ${name}, with the role ${user.role}, may read alerts and not change them. Ask an administrator for a role that may.`;
    }
    return user;
  }

  async #tellAll(): Promise<void> {
    const { clicks } = this.#deps.state;
    for (let run = await clicks.due('run', ANSWERS_AT_ONCE); run.length > 0; run = await clicks.due('run', ANSWERS_AT_ONCE)) {
      if (!(await this.#isMine())) return;
      await Promise.all(run.map((each) => this.#tell(each)));
    }
  }

  /** Tells who clicked, and the audit trail. After a kill in between both may hear of it again: nothing is done twice for that. */
  async #tell(run: KeptClick): Promise<void> {
    const { state, telemetry } = this.#deps;
    const { click, notifier, attempts, receivedAt } = run;
    if (attempts === 0) this.#audit(run);
    const delivery = await this.#answer(run);
    const again = delivery.verdict === 'retry' && attempts + 1 < ANSWER_ATTEMPTS;
    if (again) {
      const waitMs = Math.max(delivery.afterMs ?? 0, ANSWER_WAIT_MS * 2 ** attempts);
      return await state.clicks.postpone(click.key, this.#now() + waitMs);
    }
    if (delivery.verdict !== 'delivered') {
      telemetry.log('warn', 'who clicked was not answered', { notifier, why: delivery.why, after_ms: this.#now() - receivedAt });
    }
    await state.clicks.told(click.key);
  }

  async #answer(run: KeptClick): Promise<Delivery> {
    const door = this.#doorOf(run);
    const { replyTo } = run.click;
    if (door === undefined) return { verdict: 'reject', why: 'the notifier is not configured any more' };
    if (replyTo === undefined) return { verdict: 'reject', why: "there was no address for an answer, or it was none of the target's" };
    const context = { fetch: guardedFetch(fetch), signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) };
    const { answer: text = '', plan, done = false } = run.outcome ?? {};
    return await door.answer(replyTo, { text, plan, replaces: done && run.click.isPrivate === true }, context);
  }

  #audit({ click, notifier, outcome }: KeptClick): void {
    const { act, alertId, by } = click;
    const done = outcome?.done === true;
    const user = outcome?.user;
    this.#deps.telemetry.count('earshot_clicks_total', { notifier, outcome: done ? 'done' : 'refused' });
    // What was done is in the history of the act, and in the audit trail from there.
    if (isActAsk(act)) {
      if (!done) this.#deps.audit(actClickAudit(act, { alertId, by, user, why: outcome?.answer ?? '' }));
      return;
    }
    this.#deps.audit(
      alertAudit({
        who: user === undefined ? {} : { actor: user, actorKind: 'user' },
        act,
        done,
        what: `the alert ${alertId}`,
        ids: alertId,
        via: { name: 'slack', person: by },
      }),
    );
  }
}

const NO_ALERT = 'Nothing was done: the alert is gone, or its events are not for you to see.';

const DONE: Readonly<Record<AlertAct['kind'], string>> = {
  acknowledge: 'acknowledged the alert',
  take: 'taken the alert',
  snooze: 'put the alert to sleep',
  resolve: 'resolved the alert',
  reopen: 'opened the alert again',
  assign: 'given the alert away',
  unassign: 'taken the alert off somebody',
  comment: 'commented on the alert',
};

const DECIDED: ReadonlySet<AlertChange['change']> = new Set([
  ...(['acknowledged', 'snoozed', 'woke', 'resolved', 'reopened'] as const),
  ...(['assigned', 'unassigned', 'merged'] as const),
]);

/** What another has decided that the message did not show yet: whoever clicked must not undo it without knowing. */
function decidedByAnother({ history, ...alert }: AlertDetail, { click }: KeptClick, user: User): AlertChange | undefined {
  if (standOf(alert) === click.shown) return undefined;
  const last = history.findLast(({ change }) => DECIDED.has(change));
  return last === undefined || last.actor === user.name || last.actor === 'earshot' ? undefined : last;
}

const meanwhile = ({ change, actor, about }: AlertChange): string => {
  const what = Object.values(about).join(' ').replaceAll('_', ' ');
  return `Nothing was done: ${actor} was quicker (${change}${what === '' ? '' : ` ${what}`}). Look at the alert as it is now, and click again if you still want to.`;
};
