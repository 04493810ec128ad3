import type { SessionSearch } from '../../api/deps.ts';
import { Repeating } from '../../lib/repeating.ts';
import type { AuditEvent } from '../../model/audit.ts';
import type { AccessRequest, PasswordView, PrivilegedSession } from '../../model/privileged-session.ts';
import type { Intake } from '../../model/record.ts';
import { approvedTime } from '../../privileged/requests.ts';
import type { Position } from '../../store/search/position.ts';
import { sql } from '../../store/sql.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { keepAudit } from '../upkeep/audit-trail.ts';
import { passwordViews } from './password-views.ts';
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
 * Tells of sessions and looks at passwords that are beyond what was approved, by an event of Earshot's own, which rules and alerts take further. Each is told
 * once: the event's key is its session's or look's, and a key that was seen is not stored again, after a restart neither.
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
    for await (const session of this.#sessionsBeyond(range))
      await tell(`privileged-session:${session.id}:${session.approval}`, sessionBeyondApproval(session));
    for await (const view of passwordViews(this.#deps, range))
      if (view.approval === 'outside_window') await tell(`password-view:${view.id}`, viewOutsideApproval(view));
    this.#told = told;
  }

  /** All of them, the latest first. */
  async *#sessionsBeyond(range: Pick<SessionSearch, 'from' | 'to'>): AsyncGenerator<PrivilegedSession> {
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

const isoOf = (at: number): string => new Date(at).toISOString().replace('.000Z', 'Z');

function sessionBeyondApproval(session: PrivilegedSession): AuditEvent {
  const { id, person, account, approval, startedAt, requests } = session;
  const approved = approvedText(startedAt, requests);
  const what =
    approval === 'outran_window'
      ? `went on beyond what was approved (until ${approved.until})`
      : `began outside of what was approved${approved.words}`;
  return {
    ...BEYOND,
    action: 'privileged_session_beyond_approval',
    category: ['session'],
    // Whom the alert is about: what else they did is looked for by this name.
    actor: person,
    message: `The session of ${person} on ${machineOf(session)} as ${account} ${what}`,
    about: {
      session_id: id,
      ...aboutOf(session),
      ...(startedAt !== undefined && { started_at: isoOf(startedAt) }),
      ...approved.about,
    },
  };
}

function viewOutsideApproval(view: PasswordView): AuditEvent {
  const { id, person, account, at, requests } = view;
  const approved = approvedText(at, requests);
  return {
    ...BEYOND,
    action: 'password_viewed_outside_approval',
    category: ['iam'],
    actor: person,
    message: `${person} looked at the password of ${account} on ${machineOf(view)} outside of what was approved${approved.words}`,
    about: { view_id: id, ...aboutOf(view), viewed_at: isoOf(at), ...approved.about },
  };
}

const BEYOND = { type: ['info'], outcome: 'unknown' } as const;

const machineOf = ({ host, address }: Pick<PrivilegedSession, 'host' | 'address'>): string => (host === '' ? address : host);

const aboutOf = (of: Pick<PrivilegedSession, 'approval' | 'product' | 'account' | 'host' | 'address'>) => ({
  approval: of.approval,
  product: of.product,
  account: of.account,
  machine: machineOf(of),
});

/** When it was approved, of what began at `at`. */
function approvedText(at: number | undefined, requests: readonly AccessRequest[]) {
  const approved = at === undefined ? undefined : approvedTime({ from: at }, requests);
  if (approved === undefined) return { until: '', words: '', about: {} };
  const from = isoOf(approved.from);
  const until = approved.until === Number.POSITIVE_INFINITY ? '' : isoOf(approved.until);
  return {
    until,
    words: ` (from ${from}${until === '' ? '' : ` to ${until}`})`,
    about: { approved_from: from, ...(until !== '' && { approved_until: until }) },
  };
}
