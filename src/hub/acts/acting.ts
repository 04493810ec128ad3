import { randomBytes } from 'node:crypto';
import { noteOnAlert } from '../../alert/alert-notes.ts';
import type { ActFault, ActWish } from '../../api/deps.ts';
import type { PacedFetch } from '../../lib/paced-fetch.ts';
import { Repeating } from '../../lib/repeating.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { type Act, type ActProof, type ActSystem, type ExpectedAct, standText } from '../../model/act.ts';
import type { AuditEvent } from '../../model/audit.ts';
import { auditOf } from '../../respond/act-audit.ts';
import {
  again,
  askedAgain,
  begun,
  cancelled,
  confirmed,
  ended,
  notBegun,
  overdue,
  RUN_BOUND_MS,
  type Wisher,
  withProof,
} from '../../respond/act-life.ts';
import type { Outcome } from '../../respond/responder.ts';
import type { ConfiguredResponder } from '../../respond/settings.ts';
import type { Settings } from '../../settings.ts';
import type { State, StateTransaction } from '../../store/state/state.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { ActPlanning, type ActPlanningDeps, type AskIo, LOOK_AT_MS } from './act-planning.ts';

export interface ActingDeps extends ActPlanningDeps {
  readonly state: State;
  /** Resolves when every event that comes in from then on is looked at for these. */
  awaitActs(expected: readonly ExpectedAct[]): Promise<void>;
  audit(event: AuditEvent): void;
  /** This hub's name in the cluster, the same after a restart. */
  readonly holder: string;
  readonly fetch: PacedFetch;
  readonly telemetry: Telemetry;
  readonly now: () => number;
}

/** What is written with it, in the same transaction. */
type Within = (tx: StateTransaction, act: Act) => Promise<void>;
const NOTHING: Within = async () => undefined;

const LOOK_MS = 1_000;
const AT_ONCE = 20;
const CALL_MS = 20_000;
const GRACE_MS = 3_000;
/** How far the other system's clock may be from ours. */
const SKEW_MS = 120_000;
/** A job of the other system, for many people at once, takes its time. */
const WORKS_MS = 600_000;

/** Does what people ask for in other systems: planned, confirmed, run once, and proven by the other system's own log. */
export class Acting {
  readonly #deps: ActingDeps;
  readonly #planning: ActPlanning;
  readonly #round: Repeating;
  /** Acts that this hub is running, or asks another system about. */
  readonly #running = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();
  #recovered = false;
  #expected: readonly ExpectedAct[] = [];
  #told = '[]';
  #publishing: Promise<unknown> = Promise.resolve();

  constructor(deps: ActingDeps) {
    this.#deps = deps;
    this.#planning = new ActPlanning(deps);
    const onError = (error: unknown) => deps.telemetry.log('error', 'acts are waiting; it is tried again', { error: String(error) });
    this.#round = new Repeating(LOOK_MS, () => this.#lookAll(), onError);
  }

  /** What is awaited: a thread that starts anew begins with it. */
  get expected(): readonly ExpectedAct[] {
    return this.#expected;
  }

  /** Reads what is awaited, before events are judged. */
  async load(): Promise<void> {
    this.#expected = await this.#readExpected();
    this.#told = JSON.stringify(this.#expected);
  }

  start(): void {
    void this.#round.start();
  }

  /** Resolves when what is under way is over. A system that does not answer is not waited for: what came of it is then not known. */
  async stop(): Promise<void> {
    await this.#round.stop();
    const timer = setTimeout(() => this.#stopping.abort(), GRACE_MS);
    await Promise.all(this.#running.values());
    clearTimeout(timer);
  }

  /** Names of the systems in which something can be done. */
  systems(): readonly ActSystem[] {
    return this.#planning.responders().map(({ name, type, does, trusted }) => ({ name, type, does, trusts: trusted !== undefined }));
  }

  get(id: string): Promise<Act | undefined> {
    return this.#deps.state.acts.get(id);
  }

  list(query: { readonly alertId?: string | undefined; readonly limit: number }): Promise<Act[]> {
    return this.#deps.state.acts.list(query);
  }

  /** Plans it and changes nothing yet. */
  async plan(wish: ActWish, by: Wisher, within: Within = NOTHING): Promise<Result<Act, ActFault>> {
    const planned = await this.#planning.look(wish, (work, withinMs) => this.#asked(work, withinMs));
    if (!planned.ok) {
      this.#auditRefusal(wish, by, planned.error);
      return planned;
    }
    const { system, targets, effect, did } = planned.value;
    const { second_person: needsSecond, confirm_within_mins: mins } = this.#deps.settings().acts;
    const now = this.#deps.now();
    const act: Act = {
      id: randomBytes(8).toString('hex'),
      state: 'planned',
      system: system.name,
      type: system.type,
      targets,
      devices: wish.devices,
      ...(wish.session !== undefined && { session: wish.session }),
      effect,
      did,
      reason: wish.reason,
      ...(wish.alertId !== undefined && { alertId: wish.alertId }),
      wantedBy: needsSecond && by.kind === 'user' ? [by.name] : [],
      needsSecond,
      expiresAt: now + mins * 60_000,
      history: [{ at: now, state: 'planned', by: by.name, byKind: by.kind, note: wish.reason }],
      audited: 0,
      attempts: 0,
      proofMissed: false,
      proofs: [],
      dueAt: now + mins * 60_000,
    };
    await this.#deps.state.acts.add(act, async (tx) => {
      await this.#noteOnAlert(tx, act);
      await within(tx, act);
    });
    this.#round.wake();
    return ok(act);
  }

  /** Confirms a plan; it is run right after. */
  confirm(id: string, by: Wisher, within: Within = NOTHING): Promise<Result<Act, ActFault>> {
    return this.#decide(id, (act) => confirmed(act, by, this.#deps.now()), within);
  }

  cancel(id: string, by: Wisher, within: Within = NOTHING): Promise<Result<Act, ActFault>> {
    return this.#decide(id, (act) => cancelled(act, by, this.#deps.now()), within);
  }

  /** Takes up what entries prove, in the transaction of their block. */
  async prove(tx: StateTransaction, proofs: readonly ActProof[]): Promise<void> {
    for (const proof of proofs) {
      const act = await this.#deps.state.acts.changeIn(tx, proof.act, (each) => withProof(each, proof, this.#deps.now()));
      if (act !== undefined) await this.#noteOnAlert(tx, act);
    }
  }

  async #decide(id: string, decide: (act: Act) => Result<Act, string>, within: Within): Promise<Result<Act, ActFault>> {
    let fault: ActFault = { code: 'EAR_API_NOT_FOUND', message: `There is no act ${id.slice(0, 40)}.` };
    const decideOrSay = (before: Act) => {
      const decided = decide(before);
      if (decided.ok) return decided.value;
      fault = { code: 'EAR_API_CONFLICT', message: `Nothing was done: ${decided.error}.` };
      return undefined;
    };
    const act = await this.#change(id, decideOrSay, within);
    this.#round.wake();
    return act === undefined ? err(fault) : ok(act);
  }

  #change(id: string, decide: (act: Act) => Act | undefined, within: Within = NOTHING): Promise<Act | undefined> {
    return this.#deps.state.acts.change(id, decide, async (tx, act) => {
      await this.#noteOnAlert(tx, act);
      await within(tx, act);
    });
  }

  /** The alert that it is about has each line, too: with it its messages are brought up to date. */
  async #noteOnAlert(tx: StateTransaction, act: Act): Promise<void> {
    const line = act.history.at(-1);
    if (act.alertId === undefined || line === undefined || line.state === 'running') return;
    const about = { act: act.id, state: act.state, stand: standText(act), effect: act.effect, did: act.did };
    await noteOnAlert(tx, act.alertId, { change: 'acted', actor: line.by, note: line.note, about }, this.#deps.now());
  }

  #asked<T>(work: (io: AskIo) => Promise<T>, withinMs = CALL_MS): Promise<T> {
    const { fetch } = this.#deps;
    return work({ fetch, signal: AbortSignal.any([AbortSignal.timeout(withinMs), this.#stopping.signal]) });
  }

  async #lookAll(): Promise<void> {
    const { state, now } = this.#deps;
    await this.#publish();
    // What an earlier life of this hub was asking when it ended.
    if (!this.#recovered) for (const act of await state.acts.running()) await this.#tick(act);
    this.#recovered = true;
    for (const act of await state.acts.due(now(), AT_ONCE)) await this.#tick(act);
    await this.#tellAudit();
  }

  async #tick(act: Act): Promise<void> {
    const isMine = this.#running.has(act.id);
    if (act.isAsked === true && (act.state === 'done' || act.state === 'unknown')) {
      if (!isMine) this.#aside(act, () => this.#ask(act));
      return;
    }
    const about = { now: this.#deps.now(), runner: this.#deps.holder, isMine };
    if ((await this.#change(act.id, (each) => overdue(each, about))) !== undefined || isMine) return;
    if (act.state !== 'confirmed') return;
    this.#aside(act, () => this.#run(act).finally(() => this.#round.wake()));
  }

  /** Beside the round: a system that does not answer holds up no other act. */
  #aside({ id }: Act, work: () => Promise<void>): void {
    const done = work()
      .catch((error: unknown) => this.#deps.telemetry.log('error', 'an act failed', { act: id, error: String(error) }))
      .finally(() => this.#running.delete(id));
    this.#running.set(
      id,
      done.then(() => undefined),
    );
  }

  /** Asks the other system whether it was done, where no log of it tells. */
  async #ask(act: Act): Promise<void> {
    const { now } = this.#deps;
    const system = this.#planning.systemOf(act.system);
    const proofs = system.ok ? await this.#asked((io) => system.value.check(act, io), LOOK_AT_MS) : [];
    for (const proof of proofs) await this.#change(act.id, (each) => withProof(each, proof, now()));
    await this.#deps.state.acts.change(act.id, (each) => askedAgain(each, now()), NOTHING);
    // After it was asked: after an outage of ours the other system knows what became of it.
    await this.#change(act.id, (each) => overdue(each, { now: now(), runner: this.#deps.holder, isMine: true }));
  }

  /** Written down before the other system is asked, so that nobody asks a second time, whatever becomes of this hub. */
  async #run(act: Act): Promise<void> {
    const { settings, holder, now } = this.#deps;
    const system = this.#planning.systemOf(act.system);
    const why = system.ok ? this.#planning.shieldOf(act.targets, system.value) : system.error.message;
    if (!system.ok || why !== undefined) {
      // Nobody was asked.
      await this.#change(act.id, (each) => notBegun(each, 'refused', why ?? '', now()));
      return;
    }
    const prepared = await this.#asked((io) => system.value.prepare(act, io));
    if (!prepared.ok)
      return await this.#settle(act.id, prepared.error.kind === 'unknown' ? { ...prepared.error, kind: 'retry' } : prepared.error);
    const isHeard = prepared.value === 'asked' || sourcesOf(settings(), prepared.value.sources).length > 0;
    const proofMs = isHeard ? settings().acts.proof_within_mins * 60_000 : undefined;
    const running = await this.#change(act.id, (each) =>
      each.state === 'confirmed' ? begun(each, holder, prepared.value, proofMs, now()) : undefined,
    );
    if (running === undefined) return;
    await this.#settle(act.id, await this.#call(running, system.value));
  }

  async #call(act: Act, system: ConfiguredResponder): Promise<Outcome> {
    try {
      // Before it is asked: the entry may be here before the answer is.
      await this.#publish();
    } catch (error) {
      return { kind: 'retry', why: `events are not judged now (${String(error)})` };
    }
    return await this.#asked((io) => system.run(act, io)).catch((error: unknown) => ({ kind: 'unknown', why: String(error) }));
  }

  async #settle(id: string, outcome: Outcome): Promise<void> {
    const { now, telemetry } = this.#deps;
    const act = await this.#change(id, (each) => {
      if (each.state === 'running') return ended(each, outcome, now());
      // It has not begun.
      if (outcome.kind === 'done' || outcome.kind === 'unknown') return undefined;
      if (outcome.kind === 'retry') return each.state === 'confirmed' ? again(each, outcome, now()) : undefined;
      return notBegun(each, 'failed', outcome.why, now());
    });
    if (act !== undefined) telemetry.count('earshot_acts_total', { system: act.system, outcome: outcome.kind });
  }

  /** One after the other: what was read last counts. */
  #publish(): Promise<void> {
    const done = this.#publishing.then(() => this.#publishNow());
    this.#publishing = done.catch(() => undefined);
    return done;
  }

  async #publishNow(): Promise<void> {
    const expected = await this.#readExpected();
    const text = JSON.stringify(expected);
    if (text === this.#told) return;
    this.#expected = expected;
    await this.#deps.awaitActs(expected);
    this.#told = text;
  }

  async #readExpected(): Promise<readonly ExpectedAct[]> {
    const { state, settings, now } = this.#deps;
    const acts = await state.acts.expected(now());
    return acts.flatMap((act) => expectedOf(act, settings()));
  }

  /** Each line of each act, at least once: after a kill the last ones may come again. */
  async #tellAudit(): Promise<void> {
    const { state, audit } = this.#deps;
    for (const act of await state.acts.unaudited(AT_ONCE)) {
      for (const line of act.history.slice(act.audited)) audit(auditOf(act, line));
      const told = act.history.length;
      await state.acts.change(act.id, (each) => ({ ...each, audited: told }), NOTHING);
    }
  }

  #auditRefusal(wish: ActWish, { name, kind }: Wisher, { message }: ActFault): void {
    this.#deps.audit({
      action: 'act_refused',
      category: ['iam'],
      type: ['denied'],
      outcome: 'failure',
      actor: name,
      actorKind: kind,
      message: `${name} planned an act on ${wish.targets.join(', ').slice(0, 300)}: ${message}`,
      about: { targets: wish.targets.slice(0, 20), devices: wish.devices, ...(wish.alertId !== undefined && { alert_id: wish.alertId }) },
    });
  }
}

const sourcesOf = ({ sources }: Settings, types: readonly string[]): string[] =>
  Object.entries(sources).flatMap(([name, { type }]) => (types.includes(type) ? [name] : []));

function expectedOf({ id, targets, pattern, startedAt, proofs }: Act, settings: Settings): ExpectedAct[] {
  if (pattern === undefined || startedAt === undefined) return [];
  const sources = sourcesOf(settings, pattern.sources);
  const until = startedAt + RUN_BOUND_MS + SKEW_MS + (targets.length > 1 ? WORKS_MS : 0);
  const ids = targets.map((target) => target.id);
  return sources.length === 0
    ? []
    : [{ act: id, targets: ids, pattern, sources, askedAt: startedAt, from: startedAt - SKEW_MS, until, proofs }];
}
