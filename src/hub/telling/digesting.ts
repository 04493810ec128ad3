import { digestAlerts } from '../../alert/digest-alerts.ts';
import { quietOnes } from '../../api/overview/quiet.ts';
import { visible } from '../../api/visible.ts';
import type { Digest } from '../../digest/digest.ts';
import { lastDue, momentText, nextDue, type Period, periodAt, type Range } from '../../digest/period.ts';
import type { DigestSettings } from '../../digest/settings.ts';
import { digestChart, digestWords } from '../../digest/words.ts';

import { Repeating } from '../../lib/repeating.ts';
import type { Answer } from '../../model/answer.ts';
import type { AuditEvent } from '../../model/audit.ts';
import { chartLines } from '../../model/chart.ts';
import { atLeast, LEVELS } from '../../model/severity.ts';
import { nameOf } from '../../notify/answered.ts';
import { queueWhispers } from '../../notify/whisper-rows.ts';
import type { IngestStatus } from '../../pipeline/ingest-contract.ts';
import type { Settings } from '../../settings.ts';
import type { QueryNode } from '../../store/search/node.ts';
import { speakerRhythms } from '../../store/search/speakers.ts';
import { beginDigest, deafSince, keptSince, passDigest, toldDigest } from '../../store/state/digests.ts';
import { HeldLease } from '../../store/state/held-lease.ts';
import type { Lease, State } from '../../store/state/state.ts';
import type { EventEngine } from '../../store/store.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';

export interface DigestingDeps {
  readonly state: State;
  readonly engine: EventEngine;
  readonly holder: string;
  settings(): Pick<Settings, 'digests' | 'node'>;
  /** Rejects while the ingest thread is being restarted. */
  intake(): Promise<Pick<IngestStatus, 'rawLog' | 'sources'>>;
  /** Something waits in the outbox. */
  onQueued(): void;
  audit(event: AuditEvent): void;
  readonly telemetry: Telemetry;
  readonly now: () => number;
}

/** A digest as its settings have it, and when it comes. Milliseconds since the epoch. */
export interface PlannedDigest {
  readonly settings: DigestSettings;
  readonly nextAt: number;
  /** When the last one was due that was put on its way; absent where none was seen yet. */
  readonly lastAt?: number | undefined;
}

const EVERY_MS = 5_000;
const LEASE_MS = 60_000;
/** For so long it waits for what does not answer; then it is told without, and says so. */
const PATIENCE_MS = 600_000;
/** Later than that it says that it is late. */
const LATE_MS = 1_800_000;
const QUIET_SHOWN = 5;
const ENGINE_MS = 60_000;
const ALL: QueryNode = { type: 'all' };

/**
 * Tells digests when they are due: each once, whatever is restarted when. That it was put on its way is written in the transaction that does so.
 * Of those that were missed the last is told, late.
 */
export class Digesting {
  readonly #deps: DigestingDeps;
  readonly #rounds: Repeating;
  readonly #lease: HeldLease;
  readonly #stopping = new AbortController();
  /** Since when each waits for what does not answer, by name. */
  readonly #waiting = new Map<string, number>();

  constructor(deps: DigestingDeps) {
    const { state, holder, now, telemetry } = deps;
    this.#deps = deps;
    this.#lease = new HeldLease(state.leases, { name: 'digests', holder, ttlMs: LEASE_MS, now });
    const onError = (error: unknown) => telemetry.log('error', 'digests wait; it is tried again', { error: String(error) });
    this.#rounds = new Repeating(EVERY_MS, () => this.look(), onError);
  }

  start(): void {
    void this.#rounds.start();
  }

  /** Resolves when what is under way is over. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#rounds.stop();
    await this.#lease.release();
  }

  async planned(): Promise<PlannedDigest[]> {
    const { state, settings, now } = this.#deps;
    return await Promise.all(
      settings().digests.map(async (each) => {
        const row = await state.read((db) => toldDigest(db, each.name));
        return { settings: each, nextAt: nextDue(each, now()), lastAt: row?.due_at };
      }),
    );
  }

  /** What a digest would say if it were due now; undefined where there is none of that name. */
  async preview(name: string): Promise<Answer | undefined> {
    const { settings, now } = this.#deps;
    const digest = settings().digests.find((each) => each.name === name);
    return digest && shown(await this.#compose(digest, periodAt(digest, now())));
  }

  /** One round: what is due is put on its way. */
  async look(): Promise<void> {
    const { digests } = this.#deps.settings();
    if (digests.length === 0) return;
    const lease = await this.#lease.hold();
    if (lease === undefined) return;
    for (const digest of digests) if (!this.#stopping.signal.aborted) await this.#lookAt(digest, lease);
  }

  async #lookAt(digest: DigestSettings, lease: Lease): Promise<void> {
    const { state, now } = this.#deps;
    const dueAt = lastDue(digest, now());
    const row = { name: digest.name, terms: termsOf(digest), due_at: dueAt };
    const last = await state.read((db) => toldDigest(db, digest.name));
    if (last?.terms !== row.terms) return void (await state.fenced(lease, (tx) => beginDigest(tx, row)));
    if (last.due_at >= dueAt) return;
    const composed = await this.#compose(digest, periodAt(digest, dueAt));
    if (!isWhole(composed) && this.#waits(digest.name)) return;
    const late = now() - dueAt > LATE_MS ? { dueAt, missed: missedBetween(digest, last.due_at, dueAt) } : undefined;
    // It may have been put together for longer than the lease lasts.
    const held = await this.#lease.hold();
    if (held !== undefined) await this.#tell({ ...composed, late }, row, held);
  }

  /** Whether there is still time for what does not answer. */
  #waits(name: string): boolean {
    const now = this.#deps.now();
    const since = this.#waiting.get(name) ?? now;
    this.#waiting.set(name, since);
    return now - since < PATIENCE_MS;
  }

  async #tell(
    digest: Digest,
    row: { readonly name: string; readonly terms: string; readonly due_at: number },
    lease: Lease,
  ): Promise<void> {
    const { state, onQueued, audit, now } = this.#deps;
    const { to: notifier, channel = null, name, datasets } = digest.settings;
    const key = `digest.${name}.${row.due_at}`;
    const isTold = await state.fenced(lease, async (tx) => {
      if (!(await passDigest(tx, row))) return false;
      await queueWhispers(
        tx,
        [{ key, notifier, place: channel, listener: `digest/${name}`, answer: digestWords(digest), chart: digestChart(digest) }],
        now(),
      );
      return true;
    });
    if (isTold === undefined) return this.#lease.lost();
    this.#waiting.delete(name);
    if (!isTold) return;
    onQueued();
    audit({
      action: 'digest_told',
      category: ['configuration'],
      type: ['info'],
      outcome: 'success',
      message: `the digest ${name} of ${momentText(digest.period.from, digest.settings)} to ${momentText(digest.period.to, digest.settings)} is told by ${notifier}`,
      about: { digest: name, notifier, place: channel ?? '', datasets, due: new Date(row.due_at).toISOString() },
    });
  }

  async #compose(settings: DigestSettings, period: Period): Promise<Digest> {
    const { state, now } = this.#deps;
    const at = now();
    const levels = LEVELS.filter((level) => atLeast(level, settings.least_level));
    const { node } = this.#deps.settings();
    const [alerts, deaf, since, quiet, intake] = await Promise.all([
      state.read((db) => digestAlerts(db, { ...period, datasets: settings.datasets, levels })),
      state.read((db) => deafSince(db, { node, since: period.before.from, now: at })),
      state.read(keptSince),
      this.#quiet(settings, at),
      this.#intake(settings, period),
    ]);
    return { settings, period, at, alerts, quiet, ...intake, deaf: united(deaf), keptSince: since };
  }

  /** As the overview finds them. */
  async #quiet({ datasets, name }: DigestSettings, at: number): Promise<Digest['quiet']> {
    const { engine, telemetry, now } = this.#deps;
    try {
      const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(ENGINE_MS)]);
      const rhythms = await speakerRhythms(engine, { query: visible(ALL, { datasets }), to: at, signal }, now);
      const quiet = quietOnes(rhythms, at);
      const sources = quiet.slice(0, QUIET_SHOWN).map(({ dataset, host, peer, lastAt, longestPauseMs }) => ({
        dataset,
        from: host === '' ? peer : host,
        silentMs: at - lastAt,
        longestPauseMs,
      }));
      return { sources, total: quiet.length };
    } catch (error) {
      telemetry.log('warn', 'a digest does not know who is quiet: the engine did not answer', { digest: name, error: nameOf(error) });
      return undefined;
    }
  }

  async #intake({ datasets }: DigestSettings, period: Range): Promise<Pick<Digest, 'faults' | 'behindSince'>> {
    try {
      const { sources, rawLog } = await this.#deps.intake();
      const faulty = sources.flatMap(({ name, fault }) => (fault === undefined ? [] : [{ source: name, fault }]));
      const oldest = rawLog.oldestReceivedAt;
      const behindSince = oldest !== undefined && oldest < period.to ? oldest : undefined;
      return { faults: datasets.includes('*') ? faulty : [], behindSince };
    } catch {
      return { faults: undefined };
    }
  }
}

const isWhole = ({ quiet, faults, behindSince }: Digest): boolean =>
  quiet !== undefined && faults !== undefined && behindSince === undefined;

/** The words, and the chart in signs. */
function shown(digest: Digest): Answer {
  const chart = digestChart(digest);
  return [...digestWords(digest), ...(chart === undefined ? [] : chartLines(chart))];
}

const termsOf = ({ every, weekday, at, time_zone: zone }: DigestSettings): string =>
  JSON.stringify(every === 'week' ? [every, weekday, at, zone] : [every, at, zone]);

/** How many were due after the one and before the other. */
function missedBetween(terms: DigestSettings, after: number, before: number): number {
  let missed = 0;
  for (let due = nextDue(terms, after); due < before; due = nextDue(terms, due)) missed++;
  return missed;
}

/** In order, and none twice: two hubs may have been deaf at the same time. */
function united(ranges: readonly Range[]): Range[] {
  const all: Range[] = [];
  for (const range of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last !== undefined && range.from <= last.to) all[all.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
    else all.push(range);
  }
  return all;
}
