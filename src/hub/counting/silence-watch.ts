import { z } from 'zod';
import type { FoundAlerts } from '../../alert/found-alerts.ts';
import type { Silence } from '../../detect/sigma/silence-document.ts';
import { type Clocks, forgottenAt, type TooLong, tooLong } from '../../detect/silence/rhythm.ts';
import { UTC, type Zone, zoneOf } from '../../formats/time-zone.ts';
import { Repeating } from '../../lib/repeating.ts';
import type { Heard } from '../../model/heard.ts';
import type { IngestStatus } from '../../pipeline/ingest-contract.ts';
import type { Settings } from '../../settings.ts';
import { dropKey, dueKeys, lookAgain, markSpoken, markTold, putOff, type SilenceKeyRow } from '../../store/state/silence-keys.ts';
import type { Lease, State, StateTransaction } from '../../store/state/state.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { ListeningClock } from '../listening/listening-clock.ts';
import { dueOf, keepHeard, watchedOf } from './silence-heard.ts';

const EVERY_MS = 1_000;
const LEASE_MS = 30_000;
/** Between receipt and the raw log a message is known to nobody. */
const IN_HAND_MS = 1_000;
/** Looked at in one round; what is left comes in the next. */
const MOST_AT_ONCE = 500;

export interface SilenceWatchDeps {
  readonly state: State;
  readonly alerts: FoundAlerts;
  readonly clock: ListeningClock;
  readonly node: number;
  /** Read at each round: a reload gives others. */
  settings(): Pick<Settings, 'sources' | 'enrich'>;
  silences(): readonly Silence[];
  readonly intake: { isOpen(): boolean; status(): Promise<Pick<IngestStatus, 'rawLog'>> };
  readonly telemetry: Telemetry;
}

/**
 * Tells of what used to speak and does not any more, and takes it back when it speaks again. All that it knows is in the state database,
 * and what was heard comes with the block's commit: a restart or a replay changes nothing.
 */
export class SilenceWatch {
  readonly #deps: SilenceWatchDeps;
  readonly #round: Repeating;
  #silences: readonly Silence[] = [];
  #byIdentity: ReadonlyMap<string, Silence> = new Map();
  #lease: Lease | undefined;
  /** Under which all keys were looked at. */
  #lookedUnder: { readonly settings: unknown; readonly silences: unknown } | undefined;

  constructor(deps: SilenceWatchDeps) {
    this.#deps = deps;
    const onError = (error: unknown) =>
      deps.telemetry.log('error', 'silence could not be looked at; it is tried again', { error: String(error) });
    this.#round = new Repeating(EVERY_MS, () => this.look(), onError);
  }

  start(): void {
    void this.#round.start();
  }

  /** Resolves when what is under way is over. */
  async stop(): Promise<void> {
    await this.#round.stop();
    await this.#deps.clock.close();
    if (this.#lease !== undefined) await this.#deps.state.leases.release(this.#lease);
  }

  /** Keeps what spoke in a block, in the transaction of its commit: nothing is counted twice, and nothing is lost. */
  async keep(tx: StateTransaction, heard: readonly Heard[]): Promise<void> {
    const clocks = this.#clocks();
    const rules = this.#rules();
    for (const [identity, own] of Map.groupBy(heard, (each) => each.identity)) {
      const silence = rules.get(identity);
      // A rule that has gone meanwhile.
      if (silence === undefined) continue;
      const refused = await keepHeard(tx, silence, own, clocks);
      // Should the transaction run twice, it is counted twice: that there are too many is what counts.
      if (refused > 0) this.#deps.telemetry.count('earshot_silence_refused_total', { rule: silence.name }, refused);
    }
  }

  /** One round: what has been silent for too long is told of, what has spoken again is taken back. */
  async look(): Promise<void> {
    const { intake, clock, state } = this.#deps;
    if (!intake.isOpen()) return clock.rest();
    const now = await clock.look();
    const { rawLog } = await intake.status();
    if (!rawLog.open) return clock.rest();
    // A backlog is heard as it is replayed: until then nobody knows who has spoken since.
    const heardUntil = Math.min(now - IN_HAND_MS, rawLog.oldestReceivedAt ?? Number.POSITIVE_INFINITY);
    const lease = await this.#held(now);
    if (lease === undefined) return;
    await this.#lookAgainWhenChanged(lease);
    const rows = await state.read((db) => dueKeys(db, heardUntil, MOST_AT_ONCE));
    const putOffs: { readonly row: SilenceKeyRow; readonly dueAt: number }[] = [];
    for (const row of rows) {
      const dueAt = await this.#lookAt(row, heardUntil, lease);
      if (dueAt !== undefined) putOffs.push({ row, dueAt });
    }
    if (putOffs.length === 0) return;
    await state.fenced(lease, async (tx) => {
      for (const { row, dueAt } of putOffs) await putOff(tx, row, dueAt);
    });
  }

  /** At the start, and after a reload: what decides about keys may be another. */
  async #lookAgainWhenChanged(lease: Lease): Promise<void> {
    const { state, settings, silences } = this.#deps;
    const now = { settings: settings(), silences: silences() };
    if (this.#lookedUnder?.settings === now.settings && this.#lookedUnder.silences === now.silences) return;
    await state.fenced(lease, lookAgain);
    this.#lookedUnder = now;
  }

  async #held(now: number): Promise<Lease | undefined> {
    const { state, node } = this.#deps;
    if (this.#lease !== undefined && this.#lease.expiresAt - now > LEASE_MS / 2) return this.#lease;
    const renewed = this.#lease && (await state.leases.renew(this.#lease, LEASE_MS));
    this.#lease = renewed ?? (await state.leases.acquire('silence', `hub-${node}`, LEASE_MS));
    return this.#lease;
  }

  /** Does what is to be done about it. Gives when to look again, where that is nothing. */
  async #lookAt(row: SilenceKeyRow, at: number, lease: Lease): Promise<number | undefined> {
    const silence = this.#rules().get(row.identity);
    if (silence === undefined) return this.#drop(row, 'not watched any more: its rule is gone, or hears something else', lease);
    if (!this.#isConfigured(row, silence)) return this.#drop(row, 'not watched any more: the source is not configured', lease);
    if (row.told_at !== null && row.told_at !== row.last_at) return this.#takeBack(row, lease);
    const clocks = this.#clocks();
    const watched = watchedOf(row);
    const givenUpAt = forgottenAt(watched, silence, clocks);
    if (at >= givenUpAt) return this.#giveUp(row, silence, lease);
    const found = row.told_at === null ? tooLong(watched, silence, clocks, at) : undefined;
    if (found !== undefined) return this.#tell(row, silence, found, givenUpAt, lease);
    return row.told_at === null ? dueOf(watched, silence, clocks) : givenUpAt;
  }

  /** A source that was taken out of the configuration is silent because somebody wanted it so. */
  #isConfigured(row: SilenceKeyRow, { groupBy }: Silence): boolean {
    if (!groupBy.includes(SOURCE_FIELD)) return true;
    return Object.hasOwn(this.#deps.settings().sources, groupOf(row)[SOURCE_FIELD] ?? '');
  }

  async #tell(row: SilenceKeyRow, silence: Silence, { at, allowedMs }: TooLong, givenUpAt: number, lease: Lease): Promise<undefined> {
    const finding = {
      kind: 'silence' as const,
      ruleId: silence.id,
      identity: row.identity,
      groupKey: row.key,
      group: groupOf(row),
      firstTrigger: at,
      lastTrigger: at,
      gapMs: 0,
      late: false,
    };
    const details = {
      kind: 'silence' as const,
      lastAt: row.last_at,
      expectedMs: allowedMs,
      ...(silence.times > 1 && { times: silence.times }),
      silentMs: this.#deps.clock.listening.between(row.last_at, at),
      learned: silence.expectMs === undefined,
    };
    const found = { firstAt: row.last_at, lastAt: at, count: 0, eventIds: [], events: [], details };
    const mark = async (tx: StateTransaction) => {
      if (!(await markTold(tx, row, givenUpAt))) throw new SpokeMeanwhile();
    };
    await this.#deps.alerts
      .commit([finding], async () => [found], mark, lease)
      .catch((error: unknown) => {
        if (!(error instanceof SpokeMeanwhile)) throw error;
      });
    return undefined;
  }

  async #takeBack(row: SilenceKeyRow, lease: Lease): Promise<undefined> {
    return this.#resolve(row, 'it speaks again', (tx) => markSpoken(tx, row), lease);
  }

  async #giveUp(row: SilenceKeyRow, silence: Silence, lease: Lease): Promise<undefined> {
    const days = Math.round(silence.forgetMs / 86_400_000);
    this.#deps.telemetry.log('info', 'silent for so long that it is given up; it is watched again when it speaks', {
      rule: silence.name,
      ...groupOf(row),
      last_at: new Date(row.last_at).toISOString(),
    });
    return this.#drop(row, `given up after ${days} days of silence; it is watched again when it speaks`, lease);
  }

  #drop(row: SilenceKeyRow, note: string, lease: Lease): Promise<undefined> {
    return this.#resolve(row, note, (tx) => dropKey(tx, row), lease);
  }

  async #resolve(row: SilenceKeyRow, note: string, within: (tx: StateTransaction) => Promise<void>, lease: Lease): Promise<undefined> {
    const ended = row.told_at === null ? [] : [{ identity: row.identity, groupKey: row.key, note }];
    await this.#deps.alerts.resolve(ended, within, lease);
    return undefined;
  }

  #rules(): ReadonlyMap<string, Silence> {
    const silences = this.#deps.silences();
    if (silences !== this.#silences) {
      this.#silences = silences;
      this.#byIdentity = new Map(silences.map((silence) => [silence.identity, silence]));
    }
    return this.#byIdentity;
  }

  #clocks(): Clocks {
    return { listening: this.#deps.clock.listening, zone: zoneNamed(this.#deps.settings().enrich.time_zone) };
  }
}

const SOURCE_FIELD = 'earshot.source';

/** Was heard between the look and the commit: nothing is written, and the next round looks again. */
class SpokeMeanwhile extends Error {}

const texts = z.record(z.string(), z.string());

const groupOf = (row: SilenceKeyRow): Readonly<Record<string, string>> => texts.parse(JSON.parse(row.group_values));

const zoneNamed = (name: string | undefined): Zone => (name === undefined ? UTC : (zoneOf(name) ?? UTC));
