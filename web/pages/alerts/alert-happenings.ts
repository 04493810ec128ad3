import type { AlertDetailJson } from '../../../src/api/contract/alerts.ts';
import { isResolution, RESOLUTION_WORDS } from './alert-words.ts';

/** Something on an alert's timeline. */
export interface Happening {
  readonly key: string;
  /** ISO 8601. */
  readonly at: string;
  readonly kind: 'event' | 'change' | 'told';
  /** Who did it; absent for what a machine did. */
  readonly who?: string;
  readonly text: string;
  /** What they wrote, or why it failed. */
  readonly note?: string;
  readonly eventId?: string;
}

type Change = AlertDetailJson['history'][number];
type Delivery = AlertDetailJson['deliveries'][number];

/** Events, changes and deliveries in the order of their time; of the same time, in that order. */
export function happeningsOf(alert: Pick<AlertDetailJson, 'evidence' | 'history' | 'deliveries'>): Happening[] {
  const events = alert.evidence.map(
    ({ event_id: id, timestamp, message, action }): Happening => ({
      key: `event ${id}`,
      at: timestamp,
      kind: 'event',
      text: message || action || 'Event',
      eventId: id,
    }),
  );
  const changes = alert.history.map(
    (change, i): Happening => ({
      key: `change ${i}`,
      at: change.at,
      kind: 'change',
      text: `${changeText(change)}${viaText(change)}`,
      ...(change.actor !== 'earshot' && { who: change.actor }),
      ...(change.note !== '' && { note: change.note }),
    }),
  );
  const told = alert.deliveries.map(
    (delivery): Happening => ({
      key: `told ${delivery.id}`,
      at: delivery.changed_at,
      kind: 'told',
      text: deliveryText(delivery),
      ...(delivery.why !== undefined && { note: delivery.why }),
    }),
  );
  return [...events, ...changes, ...told].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

const minute = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

const viaText = ({ about: { via } }: Change): string => (via === undefined ? '' : `, via ${VIA[via] ?? via}`);

const VIA: Readonly<Record<string, string>> = { slack: 'Slack' };

function changeText({ change, actor, count, about }: Change): string {
  switch (change) {
    case 'opened':
      return 'Alert opened';
    case 'grew':
      return `Grew to ${count} events`;
    case 'raised':
      return `Became ${about.level ?? 'worse'}`;
    case 'acknowledged':
      return 'Acknowledged';
    case 'snoozed':
      return about.until === undefined ? 'Snoozed' : `Snoozed until ${minute.format(new Date(about.until))}`;
    case 'woke':
      return 'Woke';
    case 'resolved':
      return about.resolution !== undefined && isResolution(about.resolution)
        ? `Resolved: ${RESOLUTION_WORDS[about.resolution].word.toLowerCase()}`
        : 'Resolved';
    case 'reopened':
      return 'Opened again';
    case 'assigned':
      return about.assignee === actor ? 'Taken' : `Assigned to ${about.assignee ?? 'somebody'}`;
    case 'unassigned':
      return 'Given back: nobody’s';
    case 'commented':
      return 'Comment';
    case 'merged':
      return 'Became part of another alert';
    case 'revised':
      return 'Revised: what was found before does not hold any more, or not all of it';
    case 'rule_changed':
      return 'The rule was changed';
    case 'acted':
      return about.did !== undefined && (about.state === 'done' || about.state === 'proven')
        ? `${about.did}: ${about.stand ?? ''}`
        : `Earshot ${about.effect ?? ''}: ${about.stand ?? ''}`;
    case 'asked':
      return `${about.person ?? 'Somebody'} asked by mail whether it was them (question ${about.number ?? ''}): ${about.stand ?? ''}`;
    case 'answered':
      return `${about.person ?? 'Somebody'} answers by mail: it was ${about.said === 'me' ? 'me' : 'NOT me'}${about.doubt === undefined ? '' : ` (but ${about.doubt})`}`;
    default:
      return change;
  }
}

const TOLD: Readonly<Record<string, string>> = { opened: 'the alert', context: 'what is known around it', said: 'what was answered' };

function deliveryText({ notifier, kind, state, attempts }: Delivery): string {
  const what = TOLD[kind] ?? 'its growth';
  switch (state) {
    case 'delivered':
      return `Told ${notifier} of ${what}`;
    case 'dead':
      return `Gave up telling ${notifier} of ${what} after ${attempts} attempts`;
    default:
      return `${notifier} is to hear of ${what}`;
  }
}
