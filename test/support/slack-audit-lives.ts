import { setTimeout as sleep } from 'node:timers/promises';
import { slackAuditSettings } from '../../src/integrations/slack/audit-settings.ts';
import { startSlackAudit } from '../../src/integrations/slack/audit-source.ts';
import type { Intake } from '../../src/model/record.ts';
import type { Block } from '../../src/raw-log/block.ts';
import { RawLog } from '../../src/raw-log/raw-log.ts';
import { scratchFolder } from '../../src/raw-log/raw-log-fixture.ts';
import type { RunningSource } from '../../src/sources/source.ts';
import { silent } from '../../src/telemetry/telemetry.ts';
import { auditLogEntry, SlackAuditSimulator } from '../simulators/slack-audit-api.ts';
import { seededRandom } from './seeded-random.ts';
import { VirtualClock } from './virtual-clock.ts';

const START = Date.UTC(2026, 0, 30, 12);
const HOUR = 3_600_000;
/** A first life may end before it has noted where it begins: what is older than this might then be older than the day that is read. */
const BEFORE_START = 23 * HOUR;
const SOURCE = 'slack';
const OVERLAP_SECS = 120;

/** So long, in real milliseconds, a full raw log is waited for. */
const STUCK_MS = 100;
const MOST_HOURS = 200;

const settings = slackAuditSettings.parse({
  type: 'slack_audit',
  token: 'xoxp-0000000000-made-up',
  backfill_days: 1,
  overlap_secs: OVERLAP_SECS,
  page_size: 60,
  calls_per_minute: 40,
});

/** What a hub made of Slack's log that was killed again and again. */
export interface AuditLivesReport {
  readonly entries: number;
  /** Numbers of the entries that are not stored. */
  readonly lost: readonly number[];
  /** Numbers of the entries that are stored more than once. */
  readonly doubled: readonly number[];
  /** Stored messages that are no entry byte for byte as it was sent, or another one than before under the same seq. */
  readonly wrong: readonly string[];
  readonly kills: number;
  /** Lives that began with a clock that was off by more than a minute. */
  readonly skewed: number;
  /** Entries that appeared more than a minute late. */
  readonly late: number;
  readonly calls: number;
  readonly sent: number;
  readonly limited: number;
  readonly rejected: number;
  readonly outages: number;
}

/** Reads so many entries of a simulated Slack on a virtual clock, through all that may come in between. The same seed gives the same log. */
export async function liveThroughAudit(entries: number, seed: number): Promise<AuditLivesReport> {
  const lives = new Lives(entries, seed);
  const { end } = lives;
  while (lives.clock.now < end) await lives.live(end, { mayDie: true });
  await lives.live(Math.max(end, lives.clock.now) + HOUR, { mayDie: false });
  await lives.replay();
  return lives.report();
}

/** Whether there is something left that Slack showed more than minutes ago. */
function isBehind(source: RunningSource<unknown>): boolean {
  const polling = source.polling?.();
  return polling === undefined || polling.past.left > 0 || polling.lagSecs > 600;
}

/** What the state database knows: it commits blocks in order, and may be behind the raw log. */
class CommittedBlocks {
  watermark = 0;
  checkpoint: string | undefined;

  commit({ lastSeq, checkpoints }: Block): void {
    if (lastSeq <= this.watermark) return;
    this.watermark = lastSeq;
    this.checkpoint = checkpoints.findLast(({ source }) => source === SOURCE)?.checkpoint ?? this.checkpoint;
  }
}

/** What came out of the raw log, held against what Slack had. A replay gives the same seq again. */
class StoredEntries {
  /** By number: when it was made, in seconds; 0 for one that is not in the log. */
  readonly #seconds: Float64Array;
  readonly #times: Uint8Array;
  readonly #bySeq = new Map<number, number>();
  readonly wrong: string[] = [];
  sent = 0;

  constructor(entries: number) {
    this.#seconds = new Float64Array(entries);
    this.#times = new Uint8Array(entries);
  }

  expect(n: number, second: number): void {
    this.#seconds[n] = second;
    this.sent += 1;
  }

  take(seq: number, bytes: Buffer): void {
    const text = bytes.toString();
    const n = Number(/"title":"n (\d+)"/.exec(text)?.[1] ?? -1);
    const second = this.#seconds[n] ?? 0;
    if (second === 0 || text !== auditLogEntry(n, second).text) this.wrong.push(`seq ${seq}: ${text}`);
    const before = this.#bySeq.get(seq);
    if (before === n) return;
    if (before !== undefined) this.wrong.push(`seq ${seq}: entry ${before}, then ${n}`);
    this.#bySeq.set(seq, n);
    this.#times[n] = (this.#times[n] ?? 0) + 1;
  }

  /** Numbers of the entries that are stored so many times. */
  stored(is: (times: number) => boolean): number[] {
    const found: number[] = [];
    for (const [n, times] of this.#times.entries()) if (this.#seconds[n] !== 0 && is(times)) found.push(n);
    return found;
  }
}

/** A hub that is killed again and again, on one raw log. */
class Lives {
  readonly clock = new VirtualClock(START);
  /** When the last entry was shown, and an hour more. */
  readonly end: number;
  readonly #slack = new SlackAuditSimulator({ now: () => this.clock.now, cursorMs: 20_000 });
  readonly #stored: StoredEntries;
  readonly #dir = scratchFolder();
  readonly #state = new CommittedBlocks();
  readonly #chance: () => number;
  #kills = 0;
  #skewed = 0;
  #late = 0;
  #outages = 0;

  constructor(entries: number, seed: number) {
    this.#chance = seededRandom(seed);
    this.#stored = new StoredEntries(entries);
    const afterStart = (3 * HOUR * entries) / 20_000;
    this.end = START + afterStart + HOUR;
    this.#fill(entries, afterStart);
  }

  report(): AuditLivesReport {
    const { calls } = this.#slack;
    const told = (error: string) => calls.filter((call) => call.error === error).length;
    return {
      entries: this.#stored.sent,
      lost: this.#stored.stored((times) => times === 0),
      doubled: this.#stored.stored((times) => times > 1),
      wrong: this.#stored.wrong,
      kills: this.#kills,
      skewed: this.#skewed,
      late: this.#late,
      calls: calls.length,
      sent: calls.reduce((sum, call) => sum + call.entries, 0),
      limited: told('rate_limited'),
      rejected: told('invalid_cursor'),
      outages: this.#outages,
    };
  }

  /** The log of the day before the start, and of some hours after it; one entry in four appears late, some by nearly the whole overlap. */
  #fill(entries: number, afterStart: number): void {
    for (let n = 0; n < entries; n++) {
      const span = n < entries / 2 ? -BEFORE_START : afterStart;
      // Bursts: many entries of one second.
      const at = START + span * (n % 40 === 0 ? Math.round(this.#chance() * 50) / 50 : this.#chance());
      const second = Math.floor(at / 1_000);
      const late = this.#chance() < 0.75 ? this.#chance() * 2 : this.#chance() ** 2 * (OVERLAP_SECS - 1);
      if (late > 60) this.#late += 1;
      this.#stored.expect(n, second);
      this.#slack.add(auditLogEntry(n, second, { visibleAt: (second + late) * 1_000 }));
    }
  }

  /** One life, which ends by a kill or when the time is over. */
  async live(until: number, { mayDie }: { readonly mayDie: boolean }): Promise<void> {
    const log = await this.#openLog(mayDie);
    // The clock of the machine is set anew at each start, and now and then in between: hours off, and either way.
    const setAnew = () => (mayDie ? Math.round((this.#chance() - 0.5) * 4 * HOUR) : 0);
    let skew = setAnew();
    if (Math.abs(skew) > 60_000) this.#skewed += 1;
    let dead = false;
    let die: () => void = () => undefined;
    const died = new Promise<void>((resolve) => {
      die = () => {
        dead = true;
        resolve();
      };
    });
    const never = (): Promise<never> => new Promise(() => undefined);
    const killedNow = (): boolean => {
      if (!dead && mayDie && this.#chance() < 0.025) die();
      return dead;
    };
    const intake: Intake = {
      get open() {
        return log.open;
      },
      // Nobody takes blocks in some lives, so that the raw log fills: somebody starts such a hub anew.
      whenOpen: () =>
        Promise.race([
          log.whenOpen(),
          sleep(STUCK_MS)
            .then(() => (mayDie && !log.open ? die() : undefined))
            .then(never),
        ]),
      append: async (batch) => {
        if (killedNow()) return await never();
        const receipt = await log.append(batch);
        return killedNow() ? await never() : receipt;
      },
    };
    const source = await startSlackAudit({
      name: SOURCE,
      settings,
      intake,
      telemetry: silent,
      now: () => this.clock.now + skew,
      loadCheckpoint: async () => this.#newestCheckpoint(log),
      fetch: async (url, init) => {
        if (killedNow()) return await never();
        if (mayDie) this.#trouble();
        return await this.#slack.fetch(url, init);
      },
      sleep: async (ms, signal) => {
        if (dead) return await never();
        await this.clock.sleep(ms, signal);
        if (this.#chance() < 0.01) skew = setAnew();
      },
    });
    await Promise.race([died, this.clock.runTo(until)]);
    // The last one has the time that it needs.
    for (let hours = 0; !mayDie && hours < MOST_HOURS && isBehind(source); hours++) await this.clock.runTo(this.clock.now + HOUR);
    if (dead) this.#kills++;
    else await source.stop();
    await log.close();
    // Most kills cost seconds, some a good part of an hour.
    this.clock.now += dead ? this.#chance() ** 9 * HOUR : 0;
  }

  /** Hands out what is left, until all of it has been seen. */
  async replay(): Promise<void> {
    const log = await this.#openLog(false);
    await log.drained();
    await log.close();
  }

  #newestCheckpoint(log: RawLog): string | undefined {
    const waiting = log.checkpoint(SOURCE);
    return waiting !== undefined && waiting.seq > this.#state.watermark ? waiting.checkpoint : this.#state.checkpoint;
  }

  /** Alerting takes blocks or does not, as long as this life lasts; the store passes over some. */
  async #openLog(mayDie: boolean): Promise<RawLog> {
    const alerts = !mayDie || this.#chance() < 0.5;
    const take = async (block: Block): Promise<void> => {
      for (const { seq, bytes } of block.records) this.#stored.take(seq, bytes);
      const log = await opening;
      if (alerts) {
        this.#state.commit(block);
        await log.alerted(block.id);
      }
      if (!mayDie || this.#chance() < 0.7) await log.stored(block.id);
    };
    const opening = RawLog.open({
      dir: this.#dir,
      node: 1,
      maxBlocks: 100,
      maxBytes: 64 * 1024 * 1024,
      segmentEvents: 500,
      segmentMs: 2,
      commitMs: 1,
      now: () => this.clock.now,
      telemetry: silent,
      isKeyKnown: async () => undefined,
      onBlock: (block) => void take(block),
    });
    return await opening;
  }

  #trouble(): void {
    const luck = this.#chance();
    if (luck < 0.02) this.#slack.spendElsewhere(50);
    else if (luck < 0.07) this.#slack.script({ kind: 'forget_cursors' });
    else if (luck > 0.98) this.#slack.script({ kind: 'empty_page' });
    else if (luck < 0.09) {
      this.#outages += 1;
      if (luck < 0.075) this.#slack.script({ kind: 'error', status: 500, error: 'internal_error' });
      else if (luck < 0.08) this.#slack.script({ kind: 'answer', status: 502, body: '<html>Bad Gateway' });
      else if (luck < 0.085) this.#slack.script({ kind: 'answer', status: 200, body: '{"entries":[{"id":"cut' });
      else this.#slack.script({ kind: 'reset' });
    }
  }
}
