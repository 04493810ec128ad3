import { randomBytes } from 'node:crypto';
import { noteOnAlert } from '../../alert/alert-notes.ts';
import { lockAlerts } from '../../alert/alert-rows.ts';
import type { Alerts } from '../../alert/alerts.ts';
import { noteAnswer } from '../../alert/answered.ts';
import type { AskFault, AskLook, AskWish } from '../../api/deps.ts';
import { visibleAlert } from '../../api/visible.ts';
import { askLetter } from '../../ask/ask-letter.ts';
import { answered, begun, expired, failed, isOpen, posted } from '../../ask/ask-life.ts';
import { newSecret, opens, readLink } from '../../ask/ask-link.ts';
import { seenThings } from '../../ask/seen-things.ts';
import { actingIn, isGone, whoIsAsked } from '../../ask/who-is-asked.ts';
import { NOTIFIERS } from '../../integrations/index.ts';
import type { PacedFetch } from '../../lib/paced-fetch.ts';
import { Repeating } from '../../lib/repeating.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { WisherKind } from '../../model/act.ts';
import type { Alert } from '../../model/alert.ts';
import { type Ask, type AskAnswer, askNumber, askStand } from '../../model/ask.ts';
import type { AuditEvent } from '../../model/audit.ts';
import type { PersonNames } from '../../model/person.ts';
import { answered as answeredBy } from '../../notify/answered.ts';
import type { Delivery } from '../../notify/notifier.ts';
import { type ConfiguredNotifier, configuredNotifiers } from '../../notify/settings.ts';
import type { Settings } from '../../settings.ts';
import { HeldLease } from '../../store/state/held-lease.ts';
import type { State, StateTransaction } from '../../store/state/state.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';

export interface AskingDeps {
  readonly fetch: PacedFetch;
  readonly state: State;
  readonly alerts: Pick<Alerts, 'get'>;
  settings(): Settings;
  /** The identity directory, as it counts now. */
  names(): PersonNames;
  /** Something waits in the outbox. */
  onQueued(): void;
  audit(event: AuditEvent): void;
  /** This hub's name in the cluster, the same after a restart. */
  readonly holder: string;
  readonly telemetry: Telemetry;
  readonly now: () => number;
}

/** What is written with it, in the same transaction. */
type Within = (tx: StateTransaction, ask: Ask) => Promise<void>;
const NOTHING: Within = async () => undefined;

interface Asker {
  readonly name: string;
  readonly kind: WisherKind;
}

const LOOK_MS = 1_000;
const PRUNE_EVERY_MS = 3_600_000;
/** An ask holds an address of mail: what matters of it is in the alert's history. */
const KEPT_MS = 90 * 86_400_000;
const LEASE_MS = 60_000;
const AT_ONCE = 20;
/** Questions that one person may have open: whoever asks more should go there. */
const MOST_OPEN = 5;

/**
 * Asks people of whom alerts tell whether it was them, by mail, and takes their answers. An answer is evidence: it is noted on the alert and
 * told, and decides nothing.
 */
export class Asking {
  readonly #deps: AskingDeps;
  readonly #lease: HeldLease;
  readonly #round: Repeating;
  readonly #pruning: Repeating;
  readonly #stopping = new AbortController();

  constructor(deps: AskingDeps) {
    const { state, holder, telemetry, now } = deps;
    this.#deps = deps;
    // Of several hubs on one database, one writes the mails.
    this.#lease = new HeldLease(state.leases, { name: 'asks', holder, ttlMs: LEASE_MS, now });
    const onError = (error: unknown) => telemetry.log('error', 'asks are waiting; it is tried again', { error: String(error) });
    this.#round = new Repeating(LOOK_MS, () => this.#lookAll(), onError);
    this.#pruning = new Repeating(PRUNE_EVERY_MS, async () => void (await state.asks.prune(now() - KEPT_MS)), onError);
  }

  start(): void {
    for (const each of [this.#round, this.#pruning]) void each.start();
  }

  /** Resolves when what is under way is over. A mail without an answer by then goes again. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([this.#round.stop(), this.#pruning.stop()]);
  }

  /** Names of those in an alert who could be asked; none where nobody is asked. */
  askable(alert: Pick<Alert, 'evidence'>): readonly string[] {
    return this.#deps.settings().asking.by === undefined ? [] : actingIn(alert);
  }

  /** Asks somebody whom the alert names: the mail goes out right after. */
  async ask(wish: AskWish, by: Asker, within: Within = NOTHING): Promise<Result<Ask, AskFault>> {
    const asked = await this.#ask(wish, by, within);
    if (asked.ok) this.#auditAsk('person_asked', asked.value, `${by.name} asks ${asked.value.person.name} by mail whether it was them`, by);
    else this.#auditRefusal(wish, by, asked.error);
    return asked;
  }

  async #ask({ alertId, person: name, datasets }: AskWish, by: Asker, within: Within): Promise<Result<Ask, AskFault>> {
    const { state, alerts, settings, names, now } = this.#deps;
    const { asking } = settings();
    if (asking.by === undefined) return refused('EAR_ASK_SETUP', 'Nobody can be asked: asking.by is not set.');
    const alert = await alerts.get(alertId);
    const seen = alert && visibleAlert(alert, { datasets });
    if (alert === undefined || seen === undefined) return refused('EAR_API_NOT_FOUND', `There is no alert ${alertId.slice(0, 100)}.`);
    const at = now();
    const who = whoIsAsked({
      ...{ alert: seen, datasets: alert.evidence.map(({ dataset }) => dataset), name, asker: by.kind === 'user' ? by.name : undefined },
      ...{ names: names(), notFor: asking.not_for, today: new Date(at).toISOString().slice(0, 10) },
    });
    if (!who.ok) return refused('EAR_ASK_REFUSED', `Nobody was asked: ${who.error}.`);
    const { person, isTheirs } = who.value;
    const ask: Ask = {
      id: randomBytes(8).toString('hex'),
      state: 'sending',
      alertId: alert.id,
      person,
      by: by.name,
      byKind: by.kind,
      seen: seenThings(alert.evidence, isTheirs),
      notifier: asking.by,
      askedAt: at,
      expiresAt: at + asking.answer_within_hours * 3_600_000,
      hashes: [],
      attempts: 0,
    };
    const fault = await state.transaction(async (tx) => {
      // One after the other: two clicks at once ask once.
      await lockAlerts(tx);
      const open = (await state.asks.open(tx, person.id)).filter((each) => isOpen(each, at));
      const same = open.find((each) => each.alertId === alert.id);
      if (same !== undefined) return conflict(same);
      if (open.length >= MOST_OPEN)
        return {
          code: 'EAR_ASK_REFUSED',
          message: `Nobody was asked: ${person.name} has ${open.length} questions open; speak with them.`,
        } as const;
      await state.asks.add(tx, { ask, dueAt: at });
      await this.#note(tx, ask, by.name);
      await within(tx, ask);
      return undefined;
    });
    if (fault !== undefined) return err(fault);
    this.#round.wake();
    return ok(ask);
  }

  /** What the page behind a link shows. Looking changes nothing. */
  async look(link: string): Promise<AskLook> {
    const read = readLink(link);
    const ask = read && (await this.#deps.state.asks.get(read.id));
    if (read === undefined || ask === undefined || !opens(ask, read)) return { kind: 'unknown' };
    if (ask.state === 'answered') return { kind: 'answered', ask };
    return isOpen(ask, this.#deps.now()) ? { kind: 'open', ask } : { kind: 'expired', ask };
  }

  /** Takes the answer of whoever has the link, once. `given`: it counts, and this is it. Else how it stands. */
  async answer(link: string, answer: Omit<AskAnswer, 'at'>): Promise<AskLook | { readonly kind: 'given'; readonly ask: Ask }> {
    const looked = await this.look(link);
    if (looked.kind !== 'open') return looked;
    const { state, now, names, onQueued } = this.#deps;
    const at = now();
    const { person } = looked.ask;
    // What they are now: mail of who has left is read by others.
    const known = names().find(person.id);
    const hasLeft = known !== undefined && isGone(known, new Date(at).toISOString().slice(0, 10));
    const after = await state.asks.change(
      looked.ask.id,
      (each) => answered(each, { ...answer, at }),
      async (tx, each) => {
        const about = { ...aboutOf(each), said: answer.said, ...(hasLeft && { doubt: 'they had left by then' }) };
        const line = { actor: 'earshot', note: answer.note, about };
        await noteAnswer(tx, { alertId: each.alertId, ask: each.id, isAlarming: answer.said === 'not_me', line }, at);
      },
    );
    if (after === undefined) return await this.look(link);
    onQueued();
    this.#deps.telemetry.count('earshot_asks_total', { outcome: answer.said });
    this.#auditAsk('person_answered', after, `${person.name} ${askStand(after)}`, undefined, {
      said: answer.said,
      note: answer.note,
      ...(hasLeft && { doubt: 'they had left by then' }),
    });
    return { kind: 'given', ask: after };
  }

  async #lookAll(): Promise<void> {
    const { state, now } = this.#deps;
    const due = await state.asks.due(now(), AT_ONCE);
    for (const ask of due) {
      if (this.#stopping.signal.aborted || (await this.#lease.hold()) === undefined) return;
      if (expired(ask, now()) !== undefined) await this.#end(ask, (each) => expired(each, now()), '');
      else await this.#send(ask);
    }
  }

  async #send(ask: Ask): Promise<void> {
    const { state, settings, names, now } = this.#deps;
    const { api } = settings();
    const notifier = this.#notifierOf(ask);
    const person = names().find(ask.person.id);
    const why =
      notifier?.writeTo === undefined || api.public_url === undefined
        ? 'people are not asked any more (asking.by, api.public_url)'
        : person === undefined || isGone(person, new Date(now()).toISOString().slice(0, 10))
          ? 'they have left, or are not in the identity directory any more'
          : undefined;
    if (why !== undefined || notifier === undefined) return await this.#end(ask, failed, why ?? '');
    const { secret, hash } = newSecret();
    const sending = await state.asks.change(ask.id, (each) => begun(each, hash, now()), NOTHING);
    if (sending === undefined) return;
    const delivery = await this.#post(notifier, sending, askLetter(sending, api.public_url ?? '', secret));
    const said = delivery.verdict === 'delivered' ? '' : delivery.why;
    if (delivery.verdict !== 'delivered')
      this.#deps.telemetry.log('warn', 'a person could not be asked', { ask: ask.id, notifier: notifier.name, why: delivery.why });
    await this.#end(sending, (each) => posted(each, delivery, now()), said);
  }

  #post(notifier: ConfiguredNotifier, ask: Ask, letter: ReturnType<typeof askLetter>): Promise<Delivery> {
    const { fetch, settings } = this.#deps;
    const { outbox, api } = settings();
    const context = { fetch, pageUrl: api.public_url };
    const { writeTo } = notifier;
    if (writeTo === undefined) throw new TypeError(`notifier ${notifier.name} writes to nobody`);
    return answeredBy(outbox, this.#stopping.signal, (signal) => writeTo(ask.person.email, letter, ask.id, { ...context, signal }));
  }

  #notifierOf({ notifier }: Ask): ConfiguredNotifier | undefined {
    return configuredNotifiers(this.#deps.settings().notifiers, NOTIFIERS).find(({ name }) => name === notifier);
  }

  /** Writes down how it stands, and on the alert where that is another state. */
  async #end(before: Ask, decide: Parameters<State['asks']['change']>[1], note: string): Promise<void> {
    const after = await this.#deps.state.asks.change(before.id, decide, async (tx, each) => {
      if (each.state !== before.state) await this.#note(tx, each, 'earshot', note);
    });
    if (after === undefined || after.state === before.state) return;
    this.#deps.telemetry.count('earshot_asks_total', { outcome: after.state });
    this.#auditAsk(`person_asked_${after.state}`, after, `${after.person.name} was asked: ${askStand(after)}`, undefined, { note });
  }

  #note(tx: StateTransaction, ask: Ask, actor: string, note = ''): Promise<void> {
    return noteOnAlert(tx, ask.alertId, { change: 'asked', actor, note, about: aboutOf(ask) }, this.#deps.now());
  }

  #auditAsk(action: string, ask: Ask, message: string, by: Asker | undefined, more: AuditEvent['about'] = {}): void {
    this.#deps.audit({
      action,
      category: ['iam'],
      type: [action === 'person_asked_failed' ? 'error' : 'info'],
      outcome: action === 'person_asked_failed' ? 'failure' : 'success',
      ...(by !== undefined && { actor: by.name, actorKind: by.kind }),
      target: ask.person.id,
      ...(ask.answer !== undefined && ask.answer.address !== '' && { address: ask.answer.address }),
      message,
      about: { ask_id: ask.id, alert_id: ask.alertId, number: askNumber(ask), to: ask.person.email, asked_by: ask.by, ...more },
    });
  }

  #auditRefusal({ alertId, person }: AskWish, { name, kind }: Asker, { message }: AskFault): void {
    this.#deps.audit({
      action: 'ask_refused',
      category: ['iam'],
      type: ['denied'],
      outcome: 'failure',
      actor: name,
      actorKind: kind,
      message: `${name} wanted to ask ${(person ?? 'somebody').slice(0, 200)}: ${message}`,
      about: { alert_id: alertId.slice(0, 100) },
    });
  }
}

/** What the alert's history says of it. The secret of the link is not in it. */
const aboutOf = (ask: Ask): Readonly<Record<string, string>> => ({
  ask: ask.id,
  number: askNumber(ask),
  person: ask.person.name,
  by: ask.by,
  state: ask.state,
  stand: askStand(ask),
});

const conflict = (ask: Ask): AskFault => ({
  code: 'EAR_API_CONFLICT',
  message: `${ask.person.name} was asked already, by ${ask.by} on ${new Date(ask.askedAt).toISOString().slice(0, 16).replace('T', ' at ')} UTC: ${askStand(ask)}.`,
});

const refused = (code: AskFault['code'], message: string) => err<AskFault>({ code, message });
