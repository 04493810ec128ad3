import { Repeating } from '../../lib/repeating.ts';
import { keepAudit } from '../upkeep/audit-trail.ts';
import type { SessionWatchDeps } from './approval-watch.ts';
import { everySession } from './every-session.ts';
import { PrivilegedSessions } from './privileged-sessions.ts';
import { sessionNeverEnded } from './told-events.ts';

const HOUR = 3_600_000;
const EVERY_MS = HOUR / 6;
/** Ends may come a little later than they happened. */
const SETTLED_MS = 60_000;
/** Those whose time was over so long ago are looked at: the hub may have been away. */
const WATCHED_MS = 48 * HOUR;

/**
 * Tells of sessions of which no end was heard in time, by an event of Earshot's own. An end counts for the session that it belongs to, as on the page: that of another
 * session with the same account on the same machine is not taken for it. Each is told once, as the approval watch does.
 */
export class NeverEndedWatch {
  readonly #deps: SessionWatchDeps;
  readonly #sessions: PrivilegedSessions;
  readonly #round: Repeating;

  constructor(deps: SessionWatchDeps) {
    this.#deps = deps;
    this.#sessions = new PrivilegedSessions(deps);
    const onError = (error: unknown) =>
      deps.telemetry.log('warn', 'sessions that never ended could not be looked for; it is tried again', { error: String(error) });
    this.#round = new Repeating(EVERY_MS, () => this.look(), onError);
  }

  start(): void {
    void this.#round.start();
  }

  /** Resolves when what is under way is over. */
  stop(): Promise<void> {
    return this.#round.stop();
  }

  /** One round. Throws EngineError, and when an event could not be kept: the next round tries again. */
  async look(): Promise<void> {
    const { engine, intake, settings, telemetry, now } = this.#deps;
    if (!engine.up || !intake.open) return;
    const hours = settings().never_ended_after_hours;
    const to = now() - SETTLED_MS - hours * HOUR;
    const wanted = { from: to - WATCHED_MS, to, state: 'never_ended' } as const;
    for await (const session of everySession(this.#sessions, wanted, telemetry))
      await keepAudit(intake, sessionNeverEnded(session, hours), `privileged-session:${session.id}:never_ended`);
  }
}
