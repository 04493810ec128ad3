import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { alertStateEndpoint, listAlertsEndpoint, oneAlertEndpoint } from '../contract/alerts.ts';
import type { ApiDeps, KeptAlert } from '../deps.ts';
import { ApiProblem, inputProblem } from '../problem.ts';
import { type Access, serve } from '../serve.ts';
import { filterTime, iso } from '../time-range.ts';

export function alertRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  const { alerts, now, onAudit } = deps;

  serve(app, access, listAlertsEndpoint, async ({ query }) => {
    const from = filterTime('from', query.from, now());
    const to = filterTime('to', query.to, now());
    const page = await alerts.list({
      limit: query.limit,
      ...(query.states && { states: query.states }),
      ...(query.least_level && { leastLevel: query.least_level }),
      ...(query.rule !== undefined && { rule: query.rule }),
      ...(query.cursor !== undefined && { cursor: query.cursor }),
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    });
    if (!page.ok) throw inputProblem('query.cursor', 'not a cursor of this API');
    const { next } = page.value;
    return { alerts: page.value.alerts.map(toJson), ...(next !== undefined && { cursor: next }) };
  });

  serve(app, access, oneAlertEndpoint, async ({ params }) => {
    const alert = await alerts.get(params.id);
    if (alert === undefined) throw noSuchAlert(params.id);
    return {
      ...toJson(alert),
      history: alert.history.map(({ at, change, actor, note, count }) => ({ at: iso(at), change, actor, note, count })),
      deliveries: alert.deliveries.map(({ key, notifier, kind, state, attempts, changedAt, why }) => ({
        id: key,
        notifier,
        kind,
        state,
        attempts,
        changed_at: iso(changedAt),
        ...(why !== undefined && { why }),
      })),
    };
  });

  serve(app, access, alertStateEndpoint, async ({ params, body, caller }) => {
    const change = { to: body.state, actor: caller.name, ...(body.note !== undefined && { note: body.note }) };
    const changed = await alerts.setState(params.id, change);
    onAudit({
      action: 'alert_state',
      category: ['configuration'],
      type: ['change'],
      outcome: changed.ok ? 'success' : 'failure',
      actor: caller.name,
      ...(caller.address !== undefined && { address: caller.address }),
      message: `${caller.name} set the alert ${params.id.slice(0, 100)} to ${body.state}`,
      about: { alert_id: params.id.slice(0, 100), state: body.state, note: body.note ?? '' },
    });
    if (changed.ok) return toJson(changed.value);
    if (changed.error === 'not_found') throw noSuchAlert(params.id);
    throw new ApiProblem(409, 'EAR_API_CONFLICT', `The alert is ${body.state} already.`);
  });
}

const noSuchAlert = (id: string): ApiProblem => new ApiProblem(404, 'EAR_API_NOT_FOUND', `There is no alert ${id.slice(0, 100)}.`);

function toJson(alert: KeptAlert): z.input<typeof alertStateEndpoint.answer> {
  return {
    id: alert.id,
    rule_id: alert.ruleId,
    rule_name: alert.ruleName,
    rule_version: alert.ruleVersion,
    title: alert.title,
    level: alert.level,
    state: alert.state,
    group: { ...alert.group },
    count: alert.count,
    late_count: alert.lateCount,
    first_at: iso(alert.firstAt),
    last_at: iso(alert.lastAt),
    opened_at: iso(alert.openedAt),
    changed_at: iso(alert.changedAt),
    tags: [...alert.tags],
    next_steps: [...alert.nextSteps],
    evidence: alert.evidence.map(({ eventId, timestamp, targetUser, sourceIp, matches, ...rest }) => ({
      ...rest,
      event_id: eventId,
      timestamp: iso(timestamp),
      ...(targetUser !== undefined && { target_user: targetUser }),
      ...(sourceIp !== undefined && { source_ip: sourceIp }),
      matches: [...matches],
    })),
  };
}
