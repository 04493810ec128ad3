import { setTimeout as sleep } from 'node:timers/promises';
import type { StoredAlert } from '../../alert/alert-rows.ts';
import type { AlertDetail } from '../../alert/alerts.ts';
import { alertAudit } from '../../api/alert-audit.ts';
import { mayWork } from '../../api/colleagues.ts';
import { visibleAlert } from '../../api/visible.ts';
import type { App } from '../../app.ts';
import { doorsOf, userBehind } from '../../doors.ts';
import { Repeating } from '../../lib/repeating.ts';
import type { AlertAct, AlertChange, AlertChangeWish } from '../../model/alert-life.ts';
import { type Click, isActAsk, standOf } from '../../model/click.ts';
import type { Delivery } from '../../notify/notifier.ts';
import type { ConfiguredClicks } from '../../notify/settings.ts';
import type { User } from '../../store/state/accounts.ts';
import type { ClickOutcome, KeptClick } from '../../store/state/clicks.ts';
import { HeldLease } from '../../store/state/held-lease.ts';
import { type ActClickDeps, type AskClickDeps, actClickAudit, runActClick, runAskClick } from '../acts/act-clicks.ts';
import { ClickKeeping, type WaitingClicks } from './click-keeping.ts';
import { personalPage } from './personal-page.ts';

export type ClicksDeps = Pick<App, 'settings' | 'state' | 'alerts' | 'telemetry' | 'audit' | 'fetch'> & ActClickDeps & AskClickDeps;

/** A click wakes the work; this finds what a hub that was killed has left. */
const LOOK_MS = 1_000;
const PRUNE_EVERY_MS = 3_600_000;
/** So long a click that is sent again is known. */
const KEPT_MS = 7 * 86_400_000;
const LEASE_MS = 60_000;
const GATHER_MS = 100;
/** Clicks that are run in one transaction. */
const AT_ONCE = 50;
const ANSWERS_AT_ONCE = 32;
const ANSWER_TIMEOUT_MS = 5_000;
const ANSWER_ATTEMPTS = 5;
const ANSWER_WAIT_MS = 2_000;
/** After a click that could not be run: a database that is down, or a fault of ours. */
const RUN_WAIT_MS = 5_000;
/** How often acts are decided anew because all of their alerts have changed under them. */
const DECISIONS = 5;

/**
 * Does what people ask for by clicks on messages. A click was kept before it was acknowledged (`click-door.ts`); what it asks for is done
 * together with the note that it was done, so that neither a click that is sent again nor a kill does it twice.
 */
export class Clicks {
  readonly #deps: ClicksDeps;
  readonly #now: () => number;
  readonly #keeping: ClickKeeping;
  /** Of several hubs on one database, one works at clicks at a time. */
  readonly #lease: HeldLease;
  readonly #running: Repeating;
  readonly #telling: Repeating;
  readonly #pruning: Repeating;

  constructor(deps: ClicksDeps, waiting: WaitingClicks, now: () => number = Date.now) {
    this.#deps = deps;
    this.#now = now;
    const onError = (error: unknown) => deps.telemetry.log('error', 'clicks are waiting; it is tried again', { error: String(error) });
    this.#keeping = new ClickKeeping(deps.state.clicks, waiting);
    this.#lease = new HeldLease(deps.state.leases, { name: 'clicks', holder: `hub-${deps.settings.node}`, ttlMs: LEASE_MS, now });
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

  /** Another click is kept: it is run at once. */
  wake(): void {
    this.#running.wake();
  }

  #doorOf({ notifier }: KeptClick): ConfiguredClicks | undefined {
    return doorsOf(this.#deps.settings).find(({ name }) => name === notifier)?.clicks;
  }

  async #runAll(): Promise<void> {
    for (let kept = await this.#next(); kept.length > 0; kept = await this.#next()) {
      if ((await this.#lease.hold()) === undefined) return;
      const [alone, together] = [kept.filter(asksOthers), kept.filter((each) => !asksOthers(each))];
      for (const each of alone) {
        // Another system takes its time over each.
        if ((await this.#lease.hold()) === undefined) return;
        await this.#runOrPostpone([each]);
      }
      if (together.length > 0) await this.#runOrPostpone(together);
      this.#telling.wake();
      // The first is run at once; those that come meanwhile share a commit.
      await sleep(GATHER_MS);
    }
  }

  async #next(): Promise<readonly KeptClick[]> {
    await this.#keeping.move();
    return await this.#deps.state.clicks.due('kept', AT_ONCE);
  }

  /** Where they cannot be run together, each is run by itself: one that cannot be run holds up none of the others. */
  async #runOrPostpone(kept: readonly KeptClick[]): Promise<void> {
    let left = kept;
    try {
      left = await this.#run(kept);
    } catch (error) {
      if (kept.length > 1) {
        for (const each of kept) await this.#runOrPostpone([each]);
        return;
      }
      this.#deps.telemetry.log('error', 'a click could not be run; it is tried again', { error: String(error) });
    }
    for (const { click } of left) await this.#deps.state.clicks.postpone(click.key, this.#now() + RUN_WAIT_MS);
  }

  /** Gives those whose alerts changed under them each time. */
  async #run(kept: readonly KeptClick[]): Promise<readonly KeptClick[]> {
    let left = kept;
    for (let without = 0; left.length > 0 && without < DECISIONS; ) {
      const again = await this.#decideAndDo(left);
      without = again.length < left.length ? 0 : without + 1;
      left = again;
    }
    return left;
  }

  /** Decides on each, and does it all in one transaction. Gives those whose alerts changed meanwhile, such as by another of them. */
  async #decideAndDo(kept: readonly KeptClick[]): Promise<KeptClick[]> {
    const known = await this.#lookUp(kept);
    const decisions: Decision[] = [];
    for (const each of kept) decisions.push(await this.#decide(each, known));
    const looked = decisions.flatMap((each) => ('look' in each ? [each.kept] : []));
    const refused = decisions.flatMap((each) => ('refusal' in each ? [each] : []));
    const wished = decisions.flatMap((each) => ('wish' in each ? [each] : []));
    const changed = await this.#deps.alerts.changeEach(
      wished.map(({ kept: { click }, wish, user }) => ({
        id: click.alertId,
        wish,
        alongside: (tx) =>
          this.#deps.state.clicks.run(tx, click.key, { done: true, user, answer: `Done: you have ${DONE[wish.act.kind]}.` }),
      })),
    );
    const unchanged = wished.flatMap(({ kept, user }, i) =>
      changed[i]?.outcome === 'changed' || changed[i]?.outcome === 'conflict' ? [] : [{ kept, user, refusal: SO_ALREADY }],
    );
    await this.#note([
      ...[...refused, ...unchanged].map(({ kept: { click }, user, refusal }) => ({
        key: click.key,
        outcome: { done: false, answer: refusal, ...(user !== undefined && { user }) },
      })),
      ...looked.map(({ click }) => ({ key: click.key, outcome: { done: true, answer: '' } })),
    ]);
    return wished.flatMap((each, i) => (changed[i]?.outcome === 'conflict' ? [each.kept] : []));
  }

  /** Whose they are and what they are about, asked for once: many at a time are mostly of a few people. */
  async #lookUp(kept: readonly KeptClick[]): Promise<Known> {
    const ids = new Set(kept.flatMap(({ click }) => ('act' in click ? [click.alertId] : [])));
    const found = await this.#deps.alerts.byIds([...ids]);
    const users = new Map<string, User | string>();
    for (const each of kept) {
      const who = whoOf(each);
      if (!users.has(who)) users.set(who, await this.#userOf(each));
    }
    return { users, alerts: new Map(found.map((alert) => [alert.id, alert])) };
  }

  async #decide(kept: KeptClick, { users, alerts }: Known): Promise<Decision> {
    const { click } = kept;
    // It asks for nothing but what is shown afterwards.
    if (!('act' in click)) return { kept, look: true };
    const user = users.get(whoOf(kept));
    if (user === undefined || typeof user === 'string') return { kept, refusal: user ?? NO_ALERT };
    const { alertId, act } = click;
    if (isActAsk(act)) {
      const refusal = await runActClick(this.#deps, { ...kept, click }, act, user);
      return refusal === undefined ? { kept, asked: true } : { kept, user: user.name, refusal };
    }
    if (act.kind === 'ask_person') {
      const refusal = await runAskClick(this.#deps, { ...kept, click }, act, user);
      return refusal === undefined ? { kept, asked: true } : { kept, user: user.name, refusal };
    }
    const alert = alerts.get(alertId);
    if (alert === undefined || visibleAlert(alert, user) === undefined) return { kept, user: user.name, refusal: NO_ALERT };
    const other = standOf(alert) === click.shown ? undefined : decidedByAnother(await this.#deps.alerts.get(alertId), user);
    if (other !== undefined) return { kept, user: user.name, refusal: meanwhile(other) };
    return { kept: { ...kept, click }, user: user.name, wish: { act, actor: user.name, revision: alert.revision, via: 'slack' } };
  }

  /** Writes down what became of those that have changed nothing. */
  async #note(run: readonly { readonly key: string; readonly outcome: ClickOutcome }[]): Promise<void> {
    if (run.length === 0) return;
    await this.#deps.state.transaction(async (tx) => {
      for (const { key, outcome } of run) await this.#deps.state.clicks.run(tx, key, outcome);
    });
  }

  /** In whose name the click counts, or why it does not. */
  async #userOf(kept: KeptClick): Promise<User | string> {
    const user = await userBehind(this.#deps.state, kept.notifier, this.#doorOf(kept), kept.click.by);
    if (typeof user === 'string' || mayWork(user)) return user;
    return `Nothing was done: ${user.name}, with the role ${user.role}, may read alerts and not change them. Ask an administrator for a role that may.`;
  }

  async #tellAll(): Promise<void> {
    const { clicks } = this.#deps.state;
    for (let run = await clicks.due('run', ANSWERS_AT_ONCE); run.length > 0; run = await clicks.due('run', ANSWERS_AT_ONCE)) {
      if ((await this.#lease.hold()) === undefined) return;
      const over = await Promise.all(run.map(async (each) => ((await this.#tell(each)) ? [each.click.key] : [])));
      const keys = over.flat();
      if (keys.length > 0) await clicks.told(keys);
      await sleep(GATHER_MS);
    }
  }

  /**
   * Tells who clicked, and the audit trail; false when it is to be tried again. After a kill in between both may hear of it again: nothing is
   * done twice for that.
   */
  async #tell(run: KeptClick): Promise<boolean> {
    const { state, telemetry } = this.#deps;
    const { click, notifier, attempts, receivedAt } = run;
    if (attempts === 0) this.#audit(run);
    const delivery = await this.#answer(run);
    const again = delivery.verdict === 'retry' && attempts + 1 < ANSWER_ATTEMPTS;
    if (again) {
      const waitMs = Math.max(delivery.afterMs ?? 0, ANSWER_WAIT_MS * 2 ** attempts);
      await state.clicks.postpone(click.key, this.#now() + waitMs);
      return false;
    }
    if (delivery.verdict !== 'delivered') {
      telemetry.log('warn', 'who clicked was not answered', { notifier, why: delivery.why, after_ms: this.#now() - receivedAt });
    }
    return true;
  }

  async #answer(run: KeptClick): Promise<Delivery> {
    const door = this.#doorOf(run);
    const { click, outcome } = run;
    if (door === undefined) return { verdict: 'reject', why: 'the notifier is not configured any more' };
    const pageUrl = this.#deps.settings.api.public_url;
    const context = { fetch: this.#deps.fetch, signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS), pageUrl };
    if (click.home !== undefined) {
      const user = await userBehind(this.#deps.state, run.notifier, door, click.by);
      return await door.showHome(click.by, await personalPage(this.#deps.alerts, user, outcome?.answer, this.#now()), context);
    }
    if (click.replyTo === undefined)
      return { verdict: 'reject', why: "there was no address for an answer, or it was none of the target's" };
    const { answer: text = '', plan, done = false } = outcome ?? {};
    return await door.answer(click.replyTo, { text, plan, replaces: done && click.isPrivate === true }, context);
  }

  #audit({ click, notifier, outcome }: KeptClick): void {
    if (!('act' in click)) return;
    const { act, alertId, by } = click;
    const done = outcome?.done === true;
    const user = outcome?.user;
    this.#deps.telemetry.count('earshot_clicks_total', { notifier, outcome: done ? 'done' : 'refused' });
    // What was done is in the history of the act, or the ask, and in the audit trail from there.
    if (isActAsk(act) || act.kind === 'ask_person') {
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

/** What asks for something in another system, or asks somebody, is run by itself: it writes down its own outcome, and must not be decided on twice. */
const asksOthers = ({ click }: KeptClick): boolean => 'act' in click && (isActAsk(click.act) || click.act.kind === 'ask_person');

interface Known {
  /** By {@link whoOf}: in whose name it counts, or why it does not. */
  readonly users: ReadonlyMap<string, User | string>;
  readonly alerts: ReadonlyMap<string, StoredAlert>;
}

const whoOf = ({ notifier, click }: KeptClick): string => `${notifier} ${click.by}`;

/** What becomes of a click. */
type Decision =
  | Refused
  | { readonly kept: KeptClick<Click>; readonly user: string; readonly wish: AlertChangeWish }
  | { readonly kept: KeptClick; readonly look: true }
  /** It was run, and that is written down. */
  | { readonly kept: KeptClick; readonly asked: true };

interface Refused {
  readonly kept: KeptClick;
  readonly user?: string;
  /** For the one who clicked. */
  readonly refusal: string;
}

const SO_ALREADY = 'Nothing was done: the alert is so already.';

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

/** What another has decided, where the message did not show it yet: whoever clicked must not undo it without knowing. */
function decidedByAnother(alert: AlertDetail | undefined, user: User): AlertChange | undefined {
  const last = alert?.history.findLast(({ change }) => DECIDED.has(change));
  return last === undefined || last.actor === user.name || last.actor === 'earshot' ? undefined : last;
}

const meanwhile = ({ change, actor, about }: AlertChange): string => {
  const { via: _, ...rest } = about;
  const what = Object.values(rest).join(' ').replaceAll('_', ' ');
  return `Nothing was done: ${actor} was quicker (${change}${what === '' ? '' : ` ${what}`}). Look at the alert as it is now, and click again if you still want to.`;
};
