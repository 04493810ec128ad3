import { randomUUID } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import type { EpisodeChanges } from '../../alert/episodes.ts';
import { Repeating } from '../../lib/repeating.ts';
import { type Account, allowed, bounded, decide, type HeardPart, joined, NEW_ACCOUNT, sum, type Waiting } from '../../listen/budget.ts';
import { quietUntil } from '../../listen/quiet-hours.ts';
import { WordIndex } from '../../listen/word-index.ts';
import type { AuditEvent } from '../../model/audit.ts';
import type { DetectedBlock } from '../../model/detected.ts';
import { type NewWhisper, queueWhispers, whoseAreUnsent } from '../../notify/whisper-rows.ts';
import {
  accountsOf,
  forgetAccounts,
  forgetOverheard,
  isAccountDue,
  keepAccounts,
  keepOverheard,
  type ListeningAccountRow,
  type OverheardRow,
  overheard,
} from '../../store/state/overheard.ts';
import type { Lease, State, StateTransaction } from '../../store/state/state.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { type Ear, Ears } from './ears.ts';
import { countText, heardText } from './listen-text.ts';
import { type MayHear, type WhoMayListenDeps, whoMayListen } from './who-may-listen.ts';

export interface ListeningDeps extends WhoMayListenDeps {
  readonly state: State;
  readonly holder: string;
  /** Whether it is muted there. */
  hushes(ear: Ear, heard: { readonly phrase: string } | { readonly rule: string }): boolean;
  /** Hands the phrases to the judge thread; resolves when every event from then on is asked for them. */
  publish(phrases: readonly string[]): Promise<void>;
  /** Something waits in the outbox. */
  onQueued(): void;
  audit(event: AuditEvent): void;
  readonly telemetry: Telemetry;
  readonly now: () => number;
}

const EVERY_MS = 1_000;
const LEASE_MS = 30_000;
/** What is taken of what was heard in one transaction, and ears for which something is due. */
const AT_ONCE = 300;

/** Told to somebody in this turn. */
interface Told {
  readonly ear: Ear;
  readonly what: Waiting;
}

/**
 * Brings people what they listen for. What was heard in a block is written in the block's transaction; a turn takes it from there, asks who may
 * hear of it now, and puts it in the outbox, or into the account of whoever is not to be disturbed, all in one transaction: nothing is lost, and
 * nothing told twice.
 */
export class Listening {
  readonly #deps: ListeningDeps;
  readonly #rounds: Repeating;
  #ears = new Ears([], []);
  #index = new WordIndex([]);
  #version = -1;
  #configured: unknown;
  #lease: Lease | undefined;

  constructor(deps: ListeningDeps) {
    this.#deps = deps;
    const onError = (error: unknown) => deps.telemetry.log('error', 'listening waits; it is tried again', { error: String(error) });
    this.#rounds = new Repeating(EVERY_MS, () => this.#round(), onError);
  }

  /** What is listened for, each once. */
  get phrases(): readonly string[] {
    return this.#index.phrases;
  }

  /** Reads who listens: before the judge thread is started, which takes `phrases` with it. */
  async load(): Promise<void> {
    await this.#read();
  }

  start(): void {
    void this.#rounds.start();
  }

  /** Resolves when what is under way is over. */
  async stop(): Promise<void> {
    await this.#rounds.stop();
    if (this.#lease !== undefined) await this.#deps.state.leases.release(this.#lease);
  }

  /** Takes up what has changed, here or by another hub. Resolves when every event from then on is asked for it. */
  async refresh(): Promise<void> {
    if (await this.#read()) await this.#deps.publish(this.phrases);
  }

  /** Keeps what was heard in a block, in the block's transaction. */
  async keep(tx: StateTransaction, { node, firstSeq, overheard: heard = [] }: DetectedBlock): Promise<void> {
    const at = this.#deps.now();
    const rows = heard.map(({ phrases, dataset, count, events }, i): OverheardRow => {
      const part: HeardPart = { datasets: [dataset], events: count, alerts: 0, shownEvents: events, shownAlerts: [] };
      return { key: `${node}-${firstSeq}-${i}`, phrases: JSON.stringify(phrases), part: JSON.stringify(part), at };
    });
    await keepOverheard(tx, rows);
  }

  /**
   * Keeps alerts that have the words in their titles or subjects, in the transaction that opens them. Of what came late nobody hears; silence
   * has no event that could be late.
   */
  async keepAlerts(tx: StateTransaction, { opened, subjects }: Pick<EpisodeChanges, 'opened' | 'subjects'>): Promise<void> {
    if (this.phrases.length === 0) return;
    const byAlert = Map.groupBy(subjects, ({ alert_id }) => alert_id);
    const rows = opened
      .filter(({ kind, count, late_count: late }) => count > late || kind === 'silence')
      .flatMap(({ id, opened_at: at, title, level, rule_id: rule, rule_name: name, group_values: group }): OverheardRow[] => {
        const own = byAlert.get(id) ?? [];
        const phrases = this.#heardIn([title, name, group, ...own.map(({ value }) => value)]);
        if (phrases.length === 0) return [];
        const datasets = own.flatMap(({ kind, value }) => (kind === 'dataset' ? [value] : []));
        const part: HeardPart = { datasets, events: 0, alerts: 1, shownEvents: [], shownAlerts: [{ id, at, rule, title, level }] };
        return [{ key: `alert-${id}`, phrases: JSON.stringify(phrases), part: JSON.stringify(part), at: this.#deps.now() }];
      });
    await keepOverheard(tx, rows);
  }

  #heardIn(texts: readonly string[]): string[] {
    const index = this.#index;
    index.begin();
    for (const text of texts) index.lookThrough(text);
    return index.found.map((number) => index.phrases[number] ?? '');
  }

  /** True when something else is listened for than before. */
  async #read(): Promise<boolean> {
    const { state, settings } = this.#deps;
    const configured = settings().listening;
    const version = await state.listening.version();
    if (version === this.#version && configured === this.#configured) return false;
    const ears = new Ears(configured, await state.listening.listeners());
    this.#ears = ears;
    this.#version = version;
    this.#configured = configured;
    const isSame = ears.phrases.join('\n') === this.phrases.join('\n');
    if (!isSame) this.#index = new WordIndex(ears.phrases);
    return !isSame;
  }

  async #round(): Promise<void> {
    await this.refresh();
    if (!(await this.#hold())) return;
    while (await this.#turn());
  }

  async #hold(): Promise<boolean> {
    const { leases } = this.#deps.state;
    if (this.#lease !== undefined) this.#lease = await leases.renew(this.#lease, LEASE_MS);
    this.#lease ??= await leases.acquire('listening', this.#deps.holder, LEASE_MS);
    return this.#lease !== undefined;
  }

  /** Tells some of what was heard; true when there may be more. */
  async #turn(): Promise<boolean> {
    const { state, onQueued, now } = this.#deps;
    const lease = this.#lease;
    const isAny = await state.read(async (db) => (await overheard(db, 1)).length > 0 || (await isAccountDue(db, now())));
    if (!isAny || lease === undefined) return false;
    const may = await whoMayListen(this.#deps);
    const rows = await state.read((db) => overheard(db, AT_ONCE));
    const heard = await this.#heardBy(rows, may);
    const told = await state.fenced(lease, (tx) => this.#tell(tx, rows, heard, may));
    if (told === undefined) {
      this.#lease = undefined;
      return false;
    }
    for (const each of told.all) this.#audit(each);
    if (told.all.length > 0) onQueued();
    return told.more;
  }

  /** What is not told now waits in the accounts. Nobody else takes these rows while the lease is held. */
  async #tell(
    tx: StateTransaction,
    rows: readonly OverheardRow[],
    heard: ReadonlyMap<Ear, Waiting>,
    may: MayHear,
  ): Promise<{ readonly all: readonly Told[]; readonly more: boolean }> {
    const at = this.#deps.now();
    const kept = await accountsOf(
      tx,
      [...heard.keys()].map(({ id }) => id),
      at,
      AT_ONCE,
    );
    const accounts = new Map(kept.map(({ listener, account }) => [listener, JSON.parse(account) as Account]));
    const ears = new Set([...heard.keys(), ...kept.flatMap(({ listener }) => this.#ears.byId(listener) ?? [])]);
    const unsent = await whoseAreUnsent(tx);
    const changed: ListeningAccountRow[] = [];
    const whispers: NewWhisper[] = [];
    const all: Told[] = [];
    for (const ear of ears) {
      const account = accounts.get(ear.id) ?? NEW_ACCOUNT;
      const waiting = bounded(allowed(joined(account.waiting, heard.get(ear)), (datasets) => may(ear, datasets)));
      const quiet = ear.quiet && quietUntil(ear.quiet, at);
      const turn = { now: at, perHour: ear.perHour, quietUntil: quiet, isOnItsWay: unsent.has(ear.id) };
      const { account: after, tell, dueAt, isLast } = decide({ ...account, waiting }, turn);
      changed.push({ listener: ear.id, account: JSON.stringify(after), due_at: dueAt ?? null });
      if (tell === undefined) continue;
      const { id: listener, notifier, place } = ear;
      const answer = heardText(ear, tell, isLast === true);
      whispers.push({ key: `heard.${randomUUID()}`, notifier, place, listener, answer });
      all.push({ ear, what: tell });
    }
    await queueWhispers(tx, whispers, at);
    await keepAccounts(tx, changed);
    await forgetAccounts(
      tx,
      kept.flatMap(({ listener }) => (this.#ears.byId(listener) === undefined ? [listener] : [])),
    );
    await forgetOverheard(tx, rows);
    return { all, more: rows.length === AT_ONCE || kept.length >= AT_ONCE };
  }

  async #heardBy(rows: readonly OverheardRow[], may: MayHear): Promise<Map<Ear, Waiting>> {
    const heard = new Map<Ear, Waiting[]>();
    // What has the same words is put together before it is given to each of those who listen for them: there may be thousands.
    for (const some of Map.groupBy(rows, ({ phrases }) => phrases).values()) {
      const phrases = JSON.parse(some[0]?.phrases ?? '[]') as string[];
      const all = some.map(({ part, at }) => ({ since: at, phrases, parts: [JSON.parse(part) as HeardPart] }));
      const together = joined(...all);
      const alerts = all.filter((each) => sum(each.parts, 'alerts') > 0);
      for (const ear of this.#ears.hearing(phrases)) {
        const own = phrases.filter((phrase) => ear.words.has(phrase) && !this.#deps.hushes(ear, { phrase }));
        const isMuted = (each: Waiting) => this.#isRuleMuted(ear, each);
        const unmuted = alerts.some(isMuted) ? joined(...all.filter((each) => !isMuted(each))) : together;
        // Before it is put together with the rest: that a word was heard at all tells of what has it.
        const told = allowed(unmuted, (datasets) => may(ear, datasets));
        if (own.length === 0 || told === undefined) continue;
        const list = heard.get(ear);
        if (list === undefined) heard.set(ear, [{ ...told, phrases: own }]);
        else list.push({ ...told, phrases: own });
      }
      // Clicks and pages do not wait for all of it.
      await breathe();
    }
    const together = new Map<Ear, Waiting>();
    for (const [ear, list] of heard) {
      const all = joined(...list);
      if (all !== undefined) together.set(ear, all);
    }
    return together;
  }

  #isRuleMuted(ear: Ear, { parts }: Waiting): boolean {
    return parts.some(({ shownAlerts }) => shownAlerts.some(({ rule }) => this.#deps.hushes(ear, { rule })));
  }

  /** Who was told of what words is recorded; what was said is in the outbox. */
  #audit({ ear: { id, owner, notifier, place }, what: { phrases, parts } }: Told): void {
    const [alerts, events] = [sum(parts, 'alerts'), sum(parts, 'events')];
    this.#deps.audit({
      action: 'listening_told',
      category: ['database'],
      type: ['access'],
      outcome: 'success',
      ...(owner !== undefined && { actor: owner.name, actorKind: 'user' as const }),
      message: `${owner?.name ?? id} was told of ${countText(alerts, events)} with: ${phrases.join(', ')}`,
      about: { listener: id, notifier, place: place ?? '', words: phrases, alerts, events },
    });
  }
}
