import type { z } from 'zod';
import type { AlertChange } from '../model/alert-life.ts';
import { detailsText } from '../model/details-text.ts';
import type { RuleInfo } from '../model/detection.ts';
import { printQuery } from '../store/search/print.ts';
import { detailsJson } from './alert-details-json.ts';
import { alertEvents } from './alert-events.ts';
import type { AlertAction, alert as alertSchema, oneAlertEndpoint } from './contract/alerts.ts';
import type { KeptAlert, KeptAlertDetail } from './deps.ts';
import { iso } from './time-range.ts';

/** What was made of an alert for one caller. */
type Seen<A> = A & { readonly evidenceHidden: number };

export function alertJson(alert: Seen<KeptAlert>): z.input<typeof alertSchema> {
  return {
    id: alert.id,
    kind: alert.kind,
    rule_id: alert.ruleId,
    rule_name: alert.ruleName,
    rule_version: alert.ruleVersion,
    title: alert.title,
    level: alert.level,
    ...lifeJson(alert),
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
    evidence_hidden: alert.evidenceHidden,
    ...(alert.details && { details: detailsJson(alert.details) }),
    because: alert.details === undefined ? [] : detailsText(alert.details),
  };
}

/** Where it is in its life: also what a conflict tells of it. */
export const lifeJson = ({ state, assignee, snoozedUntil, resolution, acknowledgedAt, resolvedAt, revision }: KeptAlert) => ({
  state,
  revision,
  ...(assignee !== undefined && { assignee }),
  ...(snoozedUntil !== undefined && { snoozed_until: iso(snoozedUntil) }),
  ...(resolution !== undefined && { resolution }),
  ...(acknowledgedAt !== undefined && { acknowledged_at: iso(acknowledgedAt) }),
  ...(resolvedAt !== undefined && { resolved_at: iso(resolvedAt) }),
});

/** Who is new in an alert may be named by events that the caller may not see alone. */
const historyJson = ({ at, about, note, ...rest }: AlertChange, hidesSome: boolean) => ({
  ...rest,
  note: hidesSome && rest.change === 'grew' ? '' : note,
  at: iso(at),
  about: { ...about },
});

export function alertDetailJson(
  alert: Seen<KeptAlertDetail>,
  rule: RuleInfo | undefined,
  actions: readonly AlertAction[],
  askable: readonly string[],
): z.input<typeof oneAlertEndpoint.answer> {
  return {
    ...alertJson(alert),
    history: alert.history.map((line) => historyJson(line, alert.evidenceHidden > 0)),
    deliveries: alert.deliveries.map(({ key, notifier, kind, state, attempts, createdAt, changedAt, why }) => ({
      id: key,
      notifier,
      kind,
      state,
      attempts,
      created_at: iso(createdAt),
      changed_at: iso(changedAt),
      ...(why !== undefined && { why }),
    })),
    ...(rule && { rule: { description: rule.description, falsepositives: [...rule.falsepositives], version: rule.version } }),
    actions: actions.map((name) => ({ name })),
    askable: [...askable],
    events: { q: printQuery(alertEvents(alert)), from: iso(alert.firstAt), to: iso(alert.lastAt + 1) },
  };
}

/** What may be done with an alert as it is, by who may change alerts. */
export function actionsOf({ state, assignee }: KeptAlert, caller: string): AlertAction[] {
  return [
    ...(state === 'open' || state === 'snoozed' ? (['acknowledge'] as const) : []),
    ...(assignee === caller && state !== 'open' && state !== 'snoozed' ? [] : (['take'] as const)),
    'assign',
    ...(assignee === undefined ? [] : (['unassign'] as const)),
    'snooze',
    'resolve',
    ...(state === 'open' ? [] : (['reopen'] as const)),
    'comment',
  ];
}
