import type { FastifyInstance } from 'fastify';
import { actorOf } from '../caller.ts';
import { listOutboxEndpoint, retryOutboxEndpoint } from '../contract/outbox.ts';
import type { ApiDeps, KeptAlert } from '../deps.ts';
import { ApiProblem } from '../problem.ts';
import { type Access, serve } from '../serve.ts';
import { iso } from '../time-range.ts';
import { visibleAlert } from '../visible.ts';

export function outboxRoutes(app: FastifyInstance, access: Access, { outbox, alerts, lineFaults, onAudit }: ApiDeps): void {
  serve(app, access, listOutboxEndpoint, async ({ query: { states, notifier, after, limit }, caller }) => {
    const { entries, total } = await outbox.list({
      limit,
      ...(states && { states }),
      ...(notifier !== undefined && { notifier }),
      ...(after !== undefined && { after }),
    });
    const told = await alerts.byIds([...new Set(entries.map(({ alertId }) => alertId))]);
    const shown = new Map(told.flatMap((alert) => (visibleAlert(alert, caller) === undefined ? [] : [[alert.id, alert] as const])));
    return {
      total,
      unsaid: (await outbox.unsaid()).map(({ lastAt, ...about }) => ({ ...about, last_at: iso(lastAt) })),
      lines: lineFaults().map(({ notifier, why, since }) => ({ notifier, why, since: iso(since) })),
      entries: entries.map((entry) => ({
        id: entry.id,
        notifier: entry.notifier,
        alert_id: entry.alertId,
        ...nameOf(shown.get(entry.alertId)),
        kind: entry.kind,
        state: entry.state,
        attempts: entry.attempts,
        possible_repeat: entry.possibleRepeat,
        created_at: iso(entry.createdAt),
        changed_at: iso(entry.changedAt),
        due_at: iso(entry.dueAt),
        ...(entry.why !== undefined && { why: entry.why }),
      })),
    };
  });

  serve(app, access, retryOutboxEndpoint, async ({ params, caller }) => {
    const queued = await outbox.retry(params.id);
    onAudit({
      action: 'notification_retry',
      category: ['configuration'],
      type: ['change'],
      outcome: queued ? 'success' : 'failure',
      ...actorOf(caller),
      message: `${caller.name} asked to send a notification again`,
      about: { notification_id: params.id.slice(0, 200) },
    });
    if (!queued) throw new ApiProblem(404, 'EAR_API_NOT_FOUND', 'There is no notification of that id that waits or was given up.');
    return { queued };
  });
}

/** What people know an alert by. */
const nameOf = (alert: KeptAlert | undefined) => alert && { alert: { title: alert.title, level: alert.level, group: { ...alert.group } } };
