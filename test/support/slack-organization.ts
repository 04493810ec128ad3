import { SlackAuditSimulator, serveSlackAudit } from '../simulators/slack-audit-api.ts';
import { type SlackPerson, SlackSessionsSimulator, serveSlackSessions } from '../simulators/slack-sessions.ts';

/** A simulated Slack organization: its audit log, what its administrators may do, and the settings of a hub that reads the one and does the other. */
export interface SlackOrganization {
  readonly audit: SlackAuditSimulator;
  readonly sessions: SlackSessionsSimulator;
  readonly source: Readonly<Record<string, unknown>>;
  readonly acts: { readonly systems: Readonly<Record<string, unknown>> };
  stop(): Promise<void>;
}

export async function startSlackOrganization(people: readonly SlackPerson[], lateMs = 0): Promise<SlackOrganization> {
  const audit = new SlackAuditSimulator({ perMinute: 1_000 });
  const sessions = new SlackSessionsSimulator({ people, audit, lateMs });
  const [log, api] = [await serveSlackAudit(audit), await serveSlackSessions(sessions)];
  return {
    audit,
    sessions,
    source: {
      type: 'slack_audit',
      token: audit.token,
      api_url: log.apiUrl,
      backfill_days: 0,
      calls_per_minute: 50,
      poll_interval_secs: 1,
    },
    acts: { systems: { slack: { type: 'slack_sessions', token: sessions.token, api_url: api.apiUrl } } },
    stop: async () => {
      await log.stop();
      await api.stop();
    },
  };
}
