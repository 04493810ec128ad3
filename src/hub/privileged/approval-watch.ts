import { Repeating } from '../../lib/repeating.ts';
import type { AuditEvent } from '../../model/audit.ts';
import type { Intake } from '../../model/record.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { keepAudit } from '../upkeep/audit-trail.ts';
import { everySession } from './every-session.ts';
import { passwordViews } from './password-views.ts';
import { PrivilegedSessions, type PrivilegedSessionsDeps } from './privileged-sessions.ts';
import { sessionBeyondApproval, viewOutsideApproval } from './told-events.ts';

const EVERY_MS = 30_000;
/** Approvals and ends may come a little later than what they belong to. */
const SETTLED_MS = 60_000;
/** Sessions that began so long ago are looked at. */
const WATCHED_MS = 86_400_000;

export interface SessionWatchDeps extends PrivilegedSessionsDeps {
  readonly intake: Pick<Intake, 'append' | 'open'>;
  readonly telemetry: Telemetry;
}

/**
 * Tells of sessions and looks at passwords that are beyond what was approved, by an event of Earshot's own, which rules and alerts take further. Each is told
 * once: the event's key is its session's or look's, and a key that was seen is not stored again, after a restart neither.
 */
export class ApprovalWatch {
  readonly #deps: SessionWatchDeps;
  readonly #sessions: PrivilegedSessions;
  readonly #round: Repeating;
  /** Keys of what was told since the start: asking for them again would cost a look-up each. */
  #told = new Set<string>();

  constructor(deps: SessionWatchDeps) {
    this.#deps = deps;
    this.#sessions = new PrivilegedSessions({ ...deps, now: () => deps.now() - SETTLED_MS });
    const onError = (error: unknown) =>
      deps.telemetry.log('warn', 'sessions and looks at passwords could not be held against their approvals; it is tried again', {
        error: String(error),
      });
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
    const { engine, intake, now } = this.#deps;
    if (!engine.up || !intake.open) return;
    const to = now() - SETTLED_MS;
    const range = { from: to - WATCHED_MS, to };
    const told = new Set<string>();
    const tell = async (key: string, event: AuditEvent): Promise<void> => {
      if (!this.#told.has(key)) await keepAudit(intake, event, key);
      this.#told.add(key);
      told.add(key);
    };
    const beyond = { ...range, approvals: ['outran_window', 'outside_window'] } as const;
    for await (const session of everySession(this.#sessions, beyond, this.#deps.telemetry))
      await tell(`privileged-session:${session.id}:${session.approval}`, sessionBeyondApproval(session));
    for await (const view of passwordViews(this.#deps, range))
      if (view.approval === 'outside_window') await tell(`password-view:${view.id}`, viewOutsideApproval(view));
    this.#told = told;
  }
}
