import type { SessionSearch, SessionService } from '../../api/deps.ts';
import type { PrivilegedSession } from '../../model/privileged-session.ts';
import type { Position } from '../../store/search/position.ts';
import { sql } from '../../store/sql.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';

const AT_ONCE = 200;

/** All sessions that are wanted, the latest first, read in the background. Where there is too much to read that is said, and the rest left out. Throws EngineError. */
export async function* everySession(
  sessions: Pick<SessionService, 'list'>,
  wanted: Pick<SessionSearch, 'from' | 'to' | 'approvals' | 'state'>,
  telemetry: Telemetry,
): AsyncGenerator<PrivilegedSession> {
  let after: Position | undefined;
  do {
    const page = await sessions.list({ ...wanted, after, limit: AT_ONCE, only: () => sql`1`, lane: 'background' });
    yield* page.sessions;
    if (page.stopped !== undefined) {
      const until = page.next === undefined ? '' : new Date(page.next.ts).toISOString();
      const message = 'not all sessions could be looked at: there was too much to read; it is tried again';
      telemetry.log('warn', message, { why: page.stopped, unread_before: until });
      return;
    }
    after = page.next;
  } while (after !== undefined);
}
