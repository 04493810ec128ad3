import { Repeating } from '../../lib/repeating.ts';
import type { AuditEvent } from '../../model/audit.ts';
import type { PrivilegedSession } from '../../model/privileged-session.ts';
import type { Intake } from '../../model/record.ts';
import { sql } from '../../store/sql.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { auditTo } from '../upkeep/audit-trail.ts';
import { PrivilegedSessions, type PrivilegedSessionsDeps } from './privileged-sessions.ts';

const EVERY_MS = 30_000;
/** Approvals and ends may come a little later than what they belong to. */
const SETTLED_MS = 60_000;
/** Sessions that began so long ago are looked at. */
const WATCHED_MS = 86_400_000;
const MOST_AT_ONCE = 200;

export interface ApprovalWatchDeps extends PrivilegedSessionsDeps {
  readonly intake: Pick<Intake, 'append' | 'open'>;
  readonly telemetry: Telemetry;
}

/**
 * Tells of sessions that are beyond what was approved, by an event of Earshot's own, which rules and alerts take further. Each is told once: the event's key is
 * its session's, and a key that was seen is not stored again, after a restart neither.
 */
export class ApprovalWatch {
  readonly #deps: ApprovalWatchDeps;
  readonly #sessions: PrivilegedSessions;
  readonly #round: Repeating;
  /** Keys of what was told since the start: asking for them again would cost a look-up each. */
  #told = new Set<string>();

  constructor(deps: ApprovalWatchDeps) {
    this.#deps = deps;
    this.#sessions = new PrivilegedSessions({ ...deps, now: () => deps.now() - SETTLED_MS });
    const onError = (error: unknown) =>
      deps.telemetry.log('warn', 'sessions could not be held against their approvals; it is tried again', { error: String(error) });
    this.#round = new Repeating(EVERY_MS, () => this.look(), onError);
  }

  start(): void {
    void this.#round.start();
  }

  /** Resolves when what is under way is over. */
  stop(): Promise<void> {
    return this.#round.stop();
  }

  /** One round. Throws EngineError. */
  async look(): Promise<void> {
    const { engine, intake, telemetry, now } = this.#deps;
    if (!engine.up || !intake.open) return;
    const to = now() - SETTLED_MS;
    const { sessions } = await this.#sessions.list({
      from: to - WATCHED_MS,
      to,
      limit: MOST_AT_ONCE,
      approvals: ['outran_window', 'outside_window'],
      only: () => sql`1`,
      lane: 'background',
    });
    const told = new Set<string>();
    for (const session of sessions) {
      const key = `privileged-session:${session.id}:${session.approval}`;
      told.add(key);
      if (!this.#told.has(key)) auditTo(intake, beyondApproval(session), telemetry, key);
    }
    this.#told = told;
  }
}

function beyondApproval(session: PrivilegedSession): AuditEvent {
  const { id, product, person, account, host, address, approval, startedAt, requests } = session;
  const machine = host === '' ? address : host;
  const ends = requests.flatMap(({ state, validUntil }) => (state === 'approved' && validUntil !== undefined ? [validUntil] : []));
  const until = ends.length === 0 ? '' : new Date(Math.max(...ends)).toISOString();
  const what = approval === 'outran_window' ? 'went on beyond what was approved' : 'began outside of what was approved';
  return {
    action: 'privileged_session_beyond_approval',
    category: ['session'],
    type: ['info'],
    outcome: 'unknown',
    target: person,
    message: `The session of ${person} on ${machine} as ${account} ${what}${until === '' ? '' : ` (until ${until})`}`,
    about: {
      session_id: id,
      approval,
      product,
      account,
      machine,
      ...(startedAt !== undefined && { started_at: new Date(startedAt).toISOString() }),
      ...(until !== '' && { approved_until: until }),
    },
  };
}
