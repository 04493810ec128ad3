import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { administratorGoesRound, liveIncident, SCRAPING_FROM } from './acme/incidents.ts';
import { DOORS, type Door, type Line } from './acme/line.ts';
import { type Senders, senderOf, type Way } from './acme/senders.ts';
import { EARSHOT_IN_SLACK, salesmanScrapes, slackEntries, slackPeople } from './acme/slack-log.ts';
import { linesOf, type Story } from './acme/week.ts';
import { startSlackApi } from './slack-api.ts';
import { SlackAuditSimulator, serveSlackAudit } from './slack-audit-api.ts';
import { SlackSessionsSimulator, serveSlackSessions } from './slack-sessions.ts';

/**
 * Acme's systems, as one process: `node test/simulators/acme.ts PLAN.json`. They send what happened since `from`, then what happens now,
 * each by its own protocol, as the real ones would; Slack has an audit log, sessions that can be ended, and a channel that takes what the hub tells.
 */
interface Plan extends Omit<Story, 'density'> {
  /** Milliseconds since the epoch: where the past begins. */
  readonly from: number;
  /** Whether to go on with the present. */
  readonly live: boolean;
  /** How many times as much as usual happens in the present. */
  readonly speed: number;
  /** What begins before the eyes of whoever watches: somebody breaks in, or the story of the guide "Acme". */
  readonly begins: 'break-in' | 'acme';
  readonly slack: {
    /** Ports of the channel, of the audit log and of what administrators may do. */
    readonly channel: number;
    readonly audit: number;
    readonly admin: number;
    /** Where the hub hears of clicks, and who looks at the channel. */
    readonly app: { readonly url: string; readonly user: string };
  };
  readonly doors: Readonly<Record<Door, Way>>;
}

/** What the starter hears. */
export type Told =
  | { readonly kind: 'sent'; readonly lines: number /** Of the past, 0 to 1. */; readonly share: number; readonly until: number }
  | { readonly kind: 'backfilled'; readonly lines: number; readonly until: number }
  | { readonly kind: 'live'; readonly until: number; readonly lines: number };

/** Lines of the past that go at a time: all doors keep step, so that the hub sees the week in its order. */
const STEP_LINES = 4_000;
/** What is in memory at a time. */
const PAST_AT_A_TIME_MS = 3 * 86_400_000;
const TICK_MS = 250;
const HOURS_AHEAD_MS = 3_600_000;
const TELL_EVERY_MS = 2_000;
/** Slack's log is read again a little. */
const OVERLAP_MS = 3_600_000;

const plan = JSON.parse(readFileSync(process.argv[2] ?? '/dev/stdin', 'utf8')) as Plan;
const stop = new AbortController();
// Ctrl-C reaches the whole group; the starter decides when this process ends.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => stop.abort());
process.on('disconnect', () => stop.abort());

const slack = await startSlackApi({ port: plan.slack.channel, app: plan.slack.app });
const audit = new SlackAuditSimulator();
const sessions = new SlackSessionsSimulator({ people: slackPeople(), owner: EARSHOT_IN_SLACK, audit, lateMs: 2_000 });
const slackServers = [await serveSlackAudit(audit, plan.slack.audit), await serveSlackSessions(sessions, plan.slack.admin)];
const senders = Object.fromEntries(DOORS.map((door) => [door, senderOf(plan.doors[door])])) as Senders;
try {
  const until = await backfill();
  if (plan.live) await live(until);
  else await sleep(2 ** 31 - 1, undefined, { signal: stop.signal });
} catch (error) {
  if (!stop.signal.aborted) throw error;
} finally {
  for (const sender of Object.values(senders)) sender.close();
  for (const server of [slack, ...slackServers]) await server.stop();
  if (process.connected) process.disconnect();
}

async function backfill(): Promise<number> {
  const until = Date.now();
  audit.add(...slackEntries({ from: plan.from - OVERLAP_MS, to: until }, plan));
  let sent = 0;
  for (let from = plan.from; from < until; from += PAST_AT_A_TIME_MS) {
    const lines = linesOf({ from, to: Math.min(from + PAST_AT_A_TIME_MS, until) }, { ...plan, density: 1 });
    for (let i = 0; i < lines.length; i += STEP_LINES) {
      const step = lines.slice(i, i + STEP_LINES);
      await hand(step);
      sent += step.length;
      const reached = step.at(-1)?.at ?? from;
      tell({ kind: 'sent', lines: sent, share: (reached - plan.from) / (until - plan.from), until: reached });
    }
  }
  tell({ kind: 'backfilled', lines: sent, until });
  return until;
}

async function live(from: number): Promise<void> {
  const story = { ...plan, density: plan.speed };
  let known = from;
  let ahead = opening(Date.now());
  let sent = 0;
  let told = 0;
  for (;;) {
    const now = Date.now();
    if (known < now + HOURS_AHEAD_MS / 2) {
      const to = known + HOURS_AHEAD_MS;
      ahead = [...ahead, ...linesOf({ from: known, to }, story)].sort((one, other) => one.at - other.at);
      audit.add(...slackEntries({ from: known, to }, story));
      known = to;
    }
    const due = ahead.filter(({ at }) => at <= now);
    ahead = ahead.slice(due.length);
    await hand(due);
    sent += due.length;
    if (now - told > TELL_EVERY_MS) {
      tell({ kind: 'live', until: now, lines: sent });
      told = now;
    }
    await sleep(TICK_MS, undefined, { signal: stop.signal });
  }
}

/** What happens in the first two minutes. */
function opening(now: number): Line[] {
  if (plan.begins === 'break-in') return liveIncident(now);
  audit.add(...salesmanScrapes(now + 10_000, SCRAPING_FROM));
  return administratorGoesRound(now + 45_000);
}

async function hand(lines: readonly Line[]): Promise<void> {
  await Promise.all(
    DOORS.map((door) => {
      const own = lines.filter((line) => line.door === door);
      return own.length === 0 ? undefined : senders[door].send(own, stop.signal);
    }),
  );
}

function tell(told: Told): void {
  if (process.connected) process.send?.(told);
  else console.error(JSON.stringify(told));
}
