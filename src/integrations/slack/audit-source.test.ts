import { afterEach, describe, expect, it } from 'vitest';
import { auditLogEntry, type SlackAuditOptions, SlackAuditSimulator, serveSlackAudit } from '../../../test/simulators/slack-audit-api.ts';
import { MemoryIntake } from '../../../test/support/memory-intake.ts';
import { RecordingTelemetry } from '../../../test/support/recording-telemetry.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import type { RunningSource } from '../../sources/source.ts';
import { ACTIONS } from './audit-actions.ts';
import { AuditPosition } from './audit-position.ts';
import { type SlackAuditSettings, slackAuditSettings } from './audit-settings.ts';
import { startSlackAudit } from './audit-source.ts';

const START = Date.UTC(2026, 0, 30, 12);
const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const NOW = START / 1_000;
const TOKEN = 'xoxp-0000000000-made-up';

/** One hub and one Slack on one clock; the hub's may be off. */
class Hub {
  readonly clock = new VirtualClock(START);
  readonly slack: SlackAuditSimulator;
  readonly intake = new MemoryIntake();
  readonly telemetry = new RecordingTelemetry();
  skewMs = 0;
  fetch: typeof fetch = (...asked) => this.slack.fetch(...asked);
  running: RunningSource<SlackAuditSettings> | undefined;

  constructor(options: Partial<SlackAuditOptions> = {}) {
    this.slack = new SlackAuditSimulator({ now: () => this.clock.now, ...options });
    started.push(this);
  }

  async start(settings: object = {}): Promise<void> {
    this.running = await startSlackAudit({
      name: 'slack',
      settings: settingsOf(settings),
      intake: this.intake,
      telemetry: this.telemetry,
      now: () => this.clock.now + this.skewMs,
      loadCheckpoint: async () => this.intake.checkpoint,
      fetch: (url, init) => this.fetch(url, init),
      sleep: this.clock.sleep,
    });
  }

  async stop(): Promise<void> {
    await this.running?.stop();
    this.running = undefined;
  }

  /** Lets so many milliseconds pass. */
  pass(ms: number): Promise<void> {
    return this.clock.runTo(this.clock.now + ms);
  }

  get numbers(): number[] {
    return this.intake.messages.map((text) => (JSON.parse(text) as { context: { session_id: number } }).context.session_id);
  }

  get sorted(): number[] {
    return this.numbers.toSorted((a, b) => a - b);
  }
}

const started: Hub[] = [];
const settingsOf = (settings: object) => slackAuditSettings.parse({ type: 'slack_audit', token: TOKEN, backfill_days: 0, ...settings });
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

afterEach(async () => {
  for (const hub of started.splice(0)) await hub.stop();
});

describe('the audit log of Slack', () => {
  it('is read as it grows, byte for byte, the oldest of a page first', async () => {
    const hub = new Hub();
    const entries = range(0, 30).map((n) => auditLogEntry(n, NOW + n));
    hub.slack.add(...entries);
    await hub.start();
    await hub.pass(2 * MINUTE);
    expect(hub.intake.messages).toEqual(entries.map(({ text }) => text));
    expect(hub.intake.stored[1]?.origin).toEqual({ transport: 'http', decoder: 'json', datasets: ['slack.audit'] });
    // As often as the interval says, and once for the clock.
    expect(hub.slack.calls.length).toBeLessThanOrEqual(14);
  });

  it('has an entry within the interval and three seconds of when Slack shows it', async () => {
    const hub = new Hub();
    hub.slack.add(...range(0, 600).map((n) => auditLogEntry(n, NOW + 60 + 3 * n)));
    const delays: number[] = [];
    const append = hub.intake.append.bind(hub.intake);
    hub.intake.append = async (batch) => {
      for (const message of batch.messages)
        delays.push(hub.clock.now / 1_000 - (JSON.parse(message.toString()) as { date_create: number }).date_create);
      return await append(batch);
    };
    await hub.start();
    await hub.pass(HOUR);
    expect(delays).toHaveLength(600);
    expect(Math.max(...delays)).toBeLessThanOrEqual(13);
  });

  it('finds what appears late, up to the overlap, and each entry once', async () => {
    const hub = new Hub();
    hub.slack.add(...range(0, 200).map((n) => auditLogEntry(n, NOW + 10 * n, { visibleAt: START + 10_000 * n + (n % 5) * 145 * SECOND })));
    await hub.start({ page_size: 10 });
    await hub.pass(HOUR);
    expect(hub.sorted).toEqual(range(0, 200));
  });

  it('is read to its end where more entries share a second than a page holds', async () => {
    const hub = new Hub();
    hub.slack.add(...range(0, 95).map((n) => auditLogEntry(n, NOW + Math.floor(n / 40))));
    await hub.start({ page_size: 10 });
    await hub.pass(MINUTE);
    expect(hub.sorted).toEqual(range(0, 95));
  });

  it.each([-3 * HOUR, 3 * HOUR])('does not care for a clock that is %d ms off, over a restart too', async (skewMs) => {
    const hub = new Hub();
    hub.slack.add(...range(0, 100).map((n) => auditLogEntry(n, NOW + 60 * n, { visibleAt: START + MINUTE * n + (n % 9) * MINUTE })));
    hub.skewMs = skewMs;
    await hub.start();
    await hub.pass(30 * MINUTE);
    await hub.stop();
    hub.skewMs = -skewMs;
    hub.clock.now += 20 * MINUTE;
    await hub.start();
    await hub.pass(2 * HOUR);
    expect(hub.sorted).toEqual(range(0, 100));
  });

  it.each([-5 * HOUR, -HOUR, HOUR])('does not care for a clock that was %d ms off and is set right while it reads', async (skewMs) => {
    const hub = new Hub();
    hub.slack.add(...range(0, 240).map((n) => auditLogEntry(n, NOW + 30 * n)));
    hub.skewMs = skewMs;
    await hub.start();
    await hub.pass(MINUTE);
    hub.skewMs = 0;
    await hub.pass(3 * HOUR);
    expect(hub.sorted).toEqual(range(0, 240));
  });

  it('goes on where a cursor was rejected', async () => {
    const hub = new Hub({ cursorMs: -1 });
    hub.slack.add(...range(0, 300).map((n) => auditLogEntry(n, NOW - 7_200 + 10 * n)));
    await hub.start({ page_size: 20, backfill_days: 1 });
    await hub.pass(HOUR);
    expect(hub.sorted).toEqual(range(0, 300));
    expect(hub.slack.calls.some(({ error }) => error === 'invalid_cursor')).toBe(true);
    expect(hub.running?.fault?.()).toBeUndefined();
  });

  it('goes on where the cursor of a page without entries was rejected', async () => {
    const hub = new Hub();
    hub.slack.add(...range(0, 5).map((n) => auditLogEntry(n, NOW + n)));
    hub.slack.script({ kind: 'empty_page' }, { kind: 'empty_page' }, { kind: 'forget_cursors' });
    await hub.start();
    await hub.pass(2 * MINUTE);
    expect(hub.slack.calls.map(({ error }) => error).slice(0, 4)).toEqual([undefined, undefined, 'invalid_cursor', undefined]);
    expect(hub.sorted).toEqual(range(0, 5));
  });

  it.each([
    ['takes too long', 504, '<html>', 'EAR_SOURCE_ANSWER: Slack: 504'],
    ['is refused', 400, '{"ok":false,"error":"invalid_range"}', 'EAR_SOURCE_REFUSED: Slack: invalid_range'],
  ])('has new entries in time while the past %s, says so, and reads it once it can be had', async (_, status, body, fault) => {
    const hub = new Hub();
    hub.slack.add(
      ...range(0, 100).map((n) => auditLogEntry(n, NOW - 86_000 + 800 * n)),
      ...range(100, 160).map((n) => auditLogEntry(n, NOW + 10 * (n - 100))),
    );
    let isBroken = true;
    hub.fetch = async (url, init) =>
      isBroken && new URL(String(url)).searchParams.has('latest') ? new Response(body, { status }) : await hub.slack.fetch(url, init);
    await hub.start({ backfill_days: 1, page_size: 20 });
    for (let minute = 1; minute <= 10; minute++) {
      await hub.pass(MINUTE);
      expect(hub.numbers.filter((n) => n >= 100).length).toBeGreaterThanOrEqual(6 * minute - 2);
      expect(hub.running?.fault?.()).toMatch(fault);
    }
    expect(hub.telemetry.logs.filter(({ message }) => message.includes(fault))).toHaveLength(1);
    isBroken = false;
    await hub.pass(HOUR);
    expect(hub.sorted).toEqual(range(0, 160));
    expect(hub.running?.fault?.()).toBeUndefined();
  });

  it('reads the past in slices, the newest first, while new entries come in time', async () => {
    const hub = new Hub();
    hub.slack.add(
      ...range(0, 1_000).map((n) => auditLogEntry(n, NOW - 86_400 + 86 * n)),
      ...range(1_000, 1_060).map((n) => auditLogEntry(n, NOW + n)),
    );
    await hub.start({ page_size: 40, backfill_days: 1, backfill_slice_hours: 4, overlap_secs: 60, calls_per_minute: 12 });
    await hub.pass(2 * MINUTE);
    const half = AuditPosition.parse(hub.intake.checkpoint ?? '');
    expect(half?.past.of).toBe(86_400);
    expect(half?.past.left).toBeLessThan(86_400);
    expect(half?.past.left).toBeGreaterThan(0);
    expect(hub.running?.polling?.()).toMatchObject({ intervalSecs: 10, perMinute: 12, past: half?.past });
    expect(hub.running?.polling?.().lagSecs).toBeLessThan(15);
    await hub.stop();
    await hub.start({ page_size: 40, backfill_days: 1, backfill_slice_hours: 4, overlap_secs: 60, calls_per_minute: 12 });
    await hub.pass(HOUR);
    expect(hub.sorted).toEqual(range(0, 1_060));
    expect(AuditPosition.parse(hub.intake.checkpoint ?? '')?.past.left).toBe(0);
    for (const { query } of hub.slack.calls)
      if (query.latest !== undefined) expect(Number(query.latest) - Number(query.oldest)).toBeLessThan(4 * 3_600);
  });

  it('reads what an outage has left as it reads the past, and new entries before it', async () => {
    const hub = new Hub();
    await hub.start({ page_size: 20 });
    await hub.pass(MINUTE);
    await hub.stop();
    hub.slack.add(...range(0, 500).map((n) => auditLogEntry(n, NOW + 60 + 60 * n)));
    hub.clock.now += 8 * HOUR;
    await hub.start({ page_size: 20 });
    await hub.pass(MINUTE);
    expect(hub.numbers.slice(0, 10).every((n) => n > 450)).toBe(true);
    await hub.pass(2 * HOUR);
    expect(hub.sorted).toEqual(range(0, 500));
  });

  it('stays within its share, and gives way when the calls of the organization are used up', async () => {
    const hub = new Hub();
    hub.slack.add(...range(0, 3_000).map((n) => auditLogEntry(n, NOW - 86_400 + 20 * n)));
    await hub.start({ page_size: 10, backfill_days: 2, calls_per_minute: 12 });
    for (let minute = 0; minute < 20; minute++) {
      if (minute === 10) hub.slack.spendElsewhere(1_000);
      const before = hub.slack.calls.length;
      await hub.pass(MINUTE);
      expect(hub.slack.calls.length - before).toBeLessThanOrEqual(12 + 3);
    }
    const refused = hub.slack.calls.filter(({ status }) => status === 429);
    expect(refused.length).toBeLessThanOrEqual(1);
  });

  it('waits as long as Retry-After says', async () => {
    const hub = new Hub();
    hub.slack.script({ kind: 'answer', status: 429, body: '{"ok":false,"error":"rate_limited"}', headers: { 'retry-after': '47' } });
    await hub.start();
    await hub.pass(2 * MINUTE);
    const [first, second] = hub.slack.calls;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(47 * SECOND);
  });

  it.each([
    ['an outage', { kind: 'answer', status: 503, body: '<html>' }, 'EAR_SOURCE_ANSWER: Slack: 503'],
    [
      'what is no JSON',
      { kind: 'answer', status: 200, body: '<html>' },
      'EAR_SOURCE_ANSWER: Slack: 200, and an answer that cannot be read',
    ],
    ['a broken connection', { kind: 'reset' }, 'EAR_SOURCE_ANSWER: Slack: cannot be reached (ECONNRESET)'],
    ['a missing plan', { kind: 'error', status: 403, error: 'feature_not_enabled' }, 'EAR_SOURCE_REFUSED: Slack: feature_not_enabled'],
    ['a redirect', { kind: 'answer', status: 302, body: '' }, 'EAR_SOURCE_REFUSED: Slack: 302'],
  ] as const)('says what is wrong, once, and goes on after it: %s', async (_, step, fault) => {
    const hub = new Hub();
    hub.slack.add(auditLogEntry(1, NOW));
    hub.slack.script(step, step);
    await hub.start();
    await hub.pass(500);
    expect(hub.running?.fault?.()).toMatch(fault);
    await hub.pass(5 * MINUTE);
    expect(hub.running?.fault?.()).toBeUndefined();
    expect(hub.sorted).toEqual([1]);
    expect(hub.telemetry.logs.filter(({ message }) => message.includes(fault))).toHaveLength(1);
  });

  it('says that the token is wrong, shows nothing of it, and takes a new one at once', async () => {
    const hub = new Hub();
    hub.slack.add(auditLogEntry(1, NOW));
    await hub.start({ token: 'xoxp-wrong-secret' });
    await hub.pass(SECOND);
    expect(hub.running?.fault?.()).toBe('EAR_SOURCE_REFUSED: Slack: invalid_auth: use the token of an owner of the organization');
    expect(JSON.stringify(hub.telemetry.logs)).not.toContain('wrong-secret');
    await hub.running?.reload(settingsOf({}));
    await hub.pass(5 * SECOND);
    expect(hub.sorted).toEqual([1]);
  });

  it('asks for fewer entries after an answer that is too long', async () => {
    const hub = new Hub();
    hub.slack.add(
      ...range(0, 40).map((n) =>
        auditLogEntry(n, NOW + n, {
          text: `{"id":"${n}","date_create":${NOW + n},"context":{"session_id":${n}},"x":"${'x'.repeat(60_000)}"}`,
        }),
      ),
    );
    await hub.start({ max_body_bytes: 1024 ** 2 });
    await hub.pass(10 * MINUTE);
    expect(hub.sorted).toEqual(range(0, 40));
    // A burst of long entries does not make it slow for good.
    const limits = hub.slack.calls.map(({ query }) => Number(query.limit));
    expect(Math.min(...limits.slice(1))).toBeLessThan(40);
    await hub.pass(HOUR);
    expect(Number(hub.slack.calls.at(-1)?.query.limit)).toBe(2_000);
  });

  it('passes filters on', async () => {
    const hub = new Hub();
    hub.slack.add(
      auditLogEntry(1, NOW, { action: 'anomaly', actor: 'W0000000001', entity: 'W0000000001' }),
      auditLogEntry(2, NOW, { action: 'user_login', actor: 'W0000000001', entity: 'W0000000001' }),
      auditLogEntry(3, NOW, { action: 'user_login', actor: 'W0000000002', entity: 'W0000000002' }),
    );
    await hub.start({ actions: ['user_login', 'user_logout'], actor: 'W0000000001' });
    await hub.pass(MINUTE);
    expect(hub.sorted).toEqual([2]);
    await hub.running?.reload(settingsOf({ anomalies_only: true }));
    await hub.pass(MINUTE);
    expect(hub.sorted).toEqual([1, 2]);
  });

  it('asks for nothing while nothing is taken in', async () => {
    const hub = new Hub();
    hub.slack.add(auditLogEntry(1, NOW));
    hub.intake.open = false;
    await hub.start();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(hub.slack.calls).toHaveLength(0);
    hub.intake.open = true;
    await hub.pass(MINUTE);
    expect(hub.sorted).toEqual([1]);
  });

  it('keeps entries until the raw log takes them', async () => {
    const hub = new Hub();
    await hub.start();
    await hub.pass(MINUTE);
    hub.intake.failure = new Error('no space left');
    hub.slack.add(auditLogEntry(1, NOW + 61));
    await hub.pass(MINUTE);
    hub.intake.failure = undefined;
    await hub.pass(2 * MINUTE);
    expect(hub.sorted).toEqual([1]);
  });

  it('remembers no more entries than it may, says what that costs, and stores none twice', async () => {
    const hub = new Hub({ perMinute: 10_000 });
    hub.slack.add(...range(0, 3_000).map((n) => auditLogEntry(n, NOW + Math.floor(n / 10))));
    await hub.start({ max_ids: 1_000 });
    await hub.pass(10 * MINUTE);
    expect(hub.sorted).toEqual(range(0, 3_000));
    expect(hub.telemetry.logs.some(({ message }) => message.includes('max_ids 1000'))).toBe(true);
  });

  it('speaks HTTP', async () => {
    const slack = new SlackAuditSimulator();
    const second = Math.floor(Date.now() / 1_000);
    slack.add(...range(0, 30).map((n) => auditLogEntry(n, second - n)));
    const served = await serveSlackAudit(slack);
    const intake = new MemoryIntake();
    const source = await startSlackAudit({
      name: 'slack',
      settings: settingsOf({ api_url: served.apiUrl, page_size: 15, poll_interval_secs: 1, calls_per_minute: 50 }),
      intake,
      telemetry: new RecordingTelemetry(),
      now: Date.now,
      loadCheckpoint: async () => undefined,
      fetch,
      sleep: (ms, signal) => new Promise((resolve) => setTimeout(resolve, signal.aborted ? 0 : Math.min(ms, 50))),
    });
    await intake.atLeast(30);
    await source.stop();
    await served.stop();
    expect(intake.count).toBe(30);
  });
});

describe('its settings', () => {
  it('take each action that Slack names', () => {
    const refused = [...ACTIONS.keys()].filter(
      (action) => !slackAuditSettings.safeParse({ type: 'slack_audit', token: TOKEN, actions: [action] }).success,
    );
    expect(refused).toEqual([]);
  });

  it.each([
    [{ token: 'xoxb-a-bot' }, 'user token'],
    [{ api_url: 'https://api.slack.com.example.com/audit/v1/' }, 'must be https'],
    [{ api_url: 'http://api.slack.com/audit/v1/' }, 'must be https'],
    [{ actions: range(0, 31).map((n) => `a${n}`) }, '30'],
    [{ actor: 'someone' }, 'ID'],
  ])('are refused: %j', (settings, why) => {
    const parsed = slackAuditSettings.safeParse({ type: 'slack_audit', token: TOKEN, ...settings });
    expect(JSON.stringify(parsed.error?.issues)).toContain(why);
  });
});
