import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { slackAuditSettings } from '../../src/integrations/slack/audit-settings.ts';
import { startSlackAudit } from '../../src/integrations/slack/audit-source.ts';
import type { Intake } from '../../src/model/record.ts';
import type { Block } from '../../src/raw-log/block.ts';
import { type Opened, openLog, scratchFolder } from '../../src/raw-log/raw-log-fixture.ts';
import { silent } from '../../src/telemetry/telemetry.ts';
import { auditLogEntry, SlackAuditSimulator, serveSlackAudit } from '../simulators/slack-audit-api.ts';
import { eventually, HubProcess } from '../support/hub-process.ts';
import { readEvents } from '../support/no-loss-checks.ts';
import { propertySeed } from '../support/property-seed.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const START = Date.UTC(2026, 0, 30, 12);
const HOUR = 3_600_000;
const SOURCE = 'slack';
/** `SLACK_ENTRIES=200000` takes two minutes. Far more of them fill the raw log, whose blocks nobody takes in some lives. */
const ENTRIES = Number(process.env.SLACK_ENTRIES ?? 20_000);
const AFTER_START = (3 * HOUR * ENTRIES) / 20_000;
const OVERLAP_SECS = 120;

const settings = slackAuditSettings.parse({
  type: 'slack_audit',
  token: 'xoxp-0000000000-made-up',
  backfill_days: 1,
  overlap_secs: OVERLAP_SECS,
  page_size: 60,
  calls_per_minute: 40,
});

const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('base64').slice(0, 20);

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

/** A hub that is killed again and again, on one raw log. */
class Lives {
  readonly clock = new VirtualClock(START);
  readonly slack = new SlackAuditSimulator({ now: () => this.clock.now, cursorMs: 20_000 });
  /** Digests of what came out of the raw log, by seq: a replay gives the same seq again. */
  readonly stored = new Map<number, string>();
  readonly #dir = scratchFolder();
  readonly #state = new CommittedBlocks();
  readonly #chance: () => number;
  kills = 0;

  constructor(seed: number) {
    this.#chance = seededRandom(seed);
  }

  /** The log of a day before the start, and of some hours after it; one entry in four appears late, some by nearly the whole overlap. */
  fill(): string[] {
    const entries = Array.from({ length: ENTRIES }, (_, n) => {
      const span = n < ENTRIES / 2 ? -24 * HOUR : AFTER_START;
      // Bursts: many entries of one second.
      const at = START + span * (n % 40 === 0 ? Math.round(this.#chance() * 50) / 50 : this.#chance());
      const second = Math.floor(at / 1_000);
      const late = this.#chance() < 0.75 ? this.#chance() * 2 : this.#chance() ** 2 * (OVERLAP_SECS - 1);
      return auditLogEntry(n, second, { visibleAt: (second + late) * 1_000 });
    }).filter(({ second }) => second > START / 1_000 - 24 * 3_600);
    for (const entry of entries) this.slack.add(entry);
    return entries.map(({ text }) => digest(Buffer.from(text)));
  }

  /** One life, which ends by a kill or when the time is over. */
  async live(until: number, { mayDie }: { readonly mayDie: boolean }): Promise<void> {
    const log = await this.#openLog(mayDie);
    // The clock of the machine is set anew at each start: hours off, and either way.
    const skew = mayDie ? Math.round((this.#chance() - 0.5) * 4 * HOUR) : 0;
    let dead = false;
    let die: () => void = () => undefined;
    const died = new Promise<void>((resolve) => {
      die = () => {
        dead = true;
        resolve();
      };
    });
    const never = () => new Promise<never>(() => undefined);
    const killedNow = (): boolean => {
      if (!dead && mayDie && this.#chance() < 0.025) die();
      return dead;
    };
    const intake: Intake = {
      open: true,
      whenOpen: async () => undefined,
      append: async (batch) => {
        if (killedNow()) return await never();
        const receipt = await log.log.append(batch);
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
      fetch: async (...request) => {
        if (killedNow()) return await never();
        if (mayDie) this.#trouble();
        return await this.slack.fetch(...request);
      },
      sleep: (ms, signal) => (dead ? never() : this.clock.sleep(ms, signal)),
    });
    await Promise.race([died, this.clock.runTo(until)]);
    if (dead) this.kills++;
    else await source.stop();
    await log.log.close();
    // Most kills cost seconds, some a good part of an hour.
    this.clock.now += dead ? this.#chance() ** 9 * HOUR : 0;
  }

  /** Hands out what is left, until all of it has been seen. */
  async replay(): Promise<void> {
    const log = await this.#openLog(false);
    await log.log.drained();
  }

  #newestCheckpoint({ log }: Opened): string | undefined {
    const waiting = log.checkpoint(SOURCE);
    return waiting !== undefined && waiting.seq > this.#state.watermark ? waiting.checkpoint : this.#state.checkpoint;
  }

  /** Alerting takes blocks or does not, as long as this life lasts; the store passes over some. */
  async #openLog(mayDie: boolean): Promise<Opened> {
    const alerts = !mayDie || this.#chance() < 0.5;
    const take = async (block: Block): Promise<void> => {
      for (const { seq, bytes } of block.records) this.stored.set(seq, digest(bytes));
      const { log } = await opening;
      if (alerts) {
        this.#state.commit(block);
        await log.alerted(block.id);
      }
      if (!mayDie || this.#chance() < 0.7) await log.stored(block.id);
    };
    const opening = openLog(this.#dir, { segmentEvents: 500, onBlock: (block) => void take(block) });
    return await opening;
  }

  #trouble(): void {
    const luck = this.#chance();
    if (luck < 0.02) this.slack.spendElsewhere(50);
    else if (luck < 0.07) this.slack.script({ kind: 'forget_cursors' });
    else if (luck < 0.075) this.slack.script({ kind: 'error', status: 500, error: 'internal_error' });
    else if (luck < 0.08) this.slack.script({ kind: 'answer', status: 502, body: '<html>Bad Gateway' });
    else if (luck < 0.085) this.slack.script({ kind: 'answer', status: 200, body: '{"entries":[{"id":"cut' });
    else if (luck < 0.09) this.slack.script({ kind: 'reset' });
  }
}

describe("Slack's audit log", () => {
  it('is read once each entry, through kills, late entries, used up calls, lost cursors, outages and clocks that are off', async () => {
    const lives = new Lives(propertySeed);
    const sent = lives.fill();
    const end = START + AFTER_START + HOUR;
    while (lives.clock.now < end) await lives.live(end, { mayDie: true });
    await lives.live(Math.max(end, lives.clock.now) + 2 * HOUR, { mayDie: false });
    await lives.replay();

    const times = new Map<string, number>();
    for (const text of lives.stored.values()) times.set(text, (times.get(text) ?? 0) + 1);
    expect(sent.filter((text) => !times.has(text))).toEqual([]);
    expect([...times].filter(([, count]) => count > 1)).toEqual([]);
    expect(times.size).toBe(sent.length);

    const { calls } = lives.slack;
    console.log(`slack audit: ${sent.length} entries, ${calls.length} calls, ${lives.kills} kills`);
    const told = (error: string) => calls.filter((call) => call.error === error).length;
    expect(lives.kills).toBeGreaterThan(20);
    // How many of each there are is a matter of when a life ends.
    expect(told('rate_limited')).toBeGreaterThan(0);
    expect(told('invalid_cursor')).toBeGreaterThan(0);
  });

  it('is found in a hub, each entry once, however the hub ended', async () => {
    const slack = new SlackAuditSimulator({ perMinute: 1_000 });
    const served = await serveSlackAudit(slack);
    const second = Math.floor(Date.now() / 1_000);
    const entries = Array.from({ length: 900 }, (_, n) => auditLogEntry(n, second - 4 * n));
    slack.add(...entries.slice(100));
    const hub = await HubProcess.create({
      sources: {
        slack: {
          type: 'slack_audit',
          token: slack.token,
          api_url: served.apiUrl,
          backfill_days: 1,
          backfill_slice_hours: 24,
          page_size: 100,
          calls_per_minute: 50,
          poll_interval_secs: 1,
        },
      },
    });
    onTestFinished(async () => {
      await hub.kill('SIGTERM');
      await served.stop();
      rmSync(hub.dataDir, { recursive: true, force: true });
    });
    const sent = () => slack.calls.reduce((sum, call) => sum + call.entries, 0);

    await hub.start();
    await eventually(async () => sent() > 300);
    await hub.kill();
    // These have come to Slack's log late, as the hub was down.
    slack.add(...entries.slice(0, 100));
    await hub.start();
    await eventually(
      async () => slack.calls.some(({ query }) => query.oldest !== undefined && Number(query.oldest) < second - 23 * 3_600),
      {
        withinMs: 60_000,
      },
    );
    await hub.post('/api/control/drain', '');
    const originals = await eventually(
      async () => {
        const found = (await readEvents(hub)).map(({ original }) => original);
        return found.length >= entries.length && found;
      },
      { withinMs: 20_000 },
    );
    const found = async (q: string) => (await hub.get(`/api/events?from=now-1d&q=${encodeURIComponent(q)}`)).json as { events: unknown[] };
    expect((await found('event.dataset:slack.audit')).events).not.toHaveLength(0);
    expect((await found('tags:dataset_mismatch')).events).toHaveLength(0);
    expect(originals.toSorted()).toEqual(entries.map(({ text }) => text).toSorted());

    slack.script({ kind: 'error', status: 403, error: 'user_not_authorized' });
    const doors = await eventually(async () => {
      const { json } = await hub.get('/api/sources');
      const text = JSON.stringify(json);
      return text.includes('EAR_SOURCE_REFUSED') && text;
    });
    expect(doors).toContain('user_not_authorized');
  });
});
