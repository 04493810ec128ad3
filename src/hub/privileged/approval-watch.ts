import type { SessionSearch } from '../../api/deps.ts';
import { Repeating } from '../../lib/repeating.ts';
import type { AuditEvent } from '../../model/audit.ts';
import type { PrivilegedSession } from '../../model/privileged-session.ts';
import type { Intake } from '../../model/record.ts';
import { approvedTime } from '../../privileged/requests.ts';
import type { Position } from '../../store/search/position.ts';
import { sql } from '../../store/sql.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { keepAudit } from '../upkeep/audit-trail.ts';
import { PrivilegedSessions, type PrivilegedSessionsDeps } from './privileged-sessions.ts';

const EVERY_MS = 30_000;
/** Approvals and ends may come a little later than what they belong to. */
const SETTLED_MS = 60_000;
/** Sessions that began so long ago are looked at. */
const WATCHED_MS = 86_400_000;
const AT_ONCE = 200;

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

  /** One round. Throws EngineError, and when an event could not be kept: the next round tries again. */
  async look(): Promise<void> {
    const { engine, intake, now } = this.#deps;
    if (!engine.up || !intake.open) return;
    const to = now() - SETTLED_MS;
    const told = new Set<string>();
    for await (const session of this.#beyond({ from: to - WATCHED_MS, to })) {
      const key = `privileged-session:${session.id}:${session.approval}`;
      if (!this.#told.has(key)) await keepAudit(intake, beyondApproval(session), key);
      this.#told.add(key);
      told.add(key);
    }
    this.#told = told;
  }

  /** All of them, the latest first. */
  async *#beyond(range: Pick<SessionSearch, 'from' | 'to'>): AsyncGenerator<PrivilegedSession> {
    let after: Position | undefined;
    do {
      const page = await this.#sessions.list({
        ...range,
        after,
        limit: AT_ONCE,
        approvals: ['outran_window', 'outside_window'],
        only: () => sql`1`,
        lane: 'background',
      });
      yield* page.sessions;
      if (page.stopped !== undefined) {
        const until = page.next === undefined ? '' : new Date(page.next.ts).toISOString();
        const message = 'sessions could not all be held against their approvals: there was too much to read; it is tried again';
        this.#deps.telemetry.log('warn', message, { why: page.stopped, unread_before: until });
        return;
      }
      after = page.next;
    } while (after !== undefined);
  }
}

const isoOf = (at: number): string => new Date(at).toISOString();

function beyondApproval(session: PrivilegedSession): AuditEvent {
  const { id, product, person, account, host, address, approval, startedAt, requests } = session;
  const machine = host === '' ? address : host;
  const approved = startedAt === undefined ? undefined : approvedTime({ from: startedAt }, requests);
  const from = approved === undefined ? '' : isoOf(approved.from);
  const until = approved === undefined || approved.until === Number.POSITIVE_INFINITY ? '' : isoOf(approved.until);
  const what =
    approval === 'outran_window'
      ? `went on beyond what was approved (until ${until})`
      : `began outside of what was approved (from ${from}${until === '' ? '' : ` to ${until}`})`;
  return {
    action: 'privileged_session_beyond_approval',
    category: ['session'],
    type: ['info'],
    outcome: 'unknown',
    target: person,
    message: `The session of ${person} on ${machine} as ${account} ${what}`,
    about: {
      session_id: id,
      approval,
      product,
      account,
      machine,
      ...(startedAt !== undefined && { started_at: isoOf(startedAt) }),
      ...(from !== '' && { approved_from: from }),
      ...(until !== '' && { approved_until: until }),
    },
  };
}
