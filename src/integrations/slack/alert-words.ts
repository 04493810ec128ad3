import type { Alert, Evidence, ToldAlert } from '../../model/alert.ts';
import { usualText } from '../../model/alert-usual.ts';
import type { Level } from '../../model/severity.ts';
import type { Joined } from '../../notify/notifier.ts';
import { localTime, plain } from './mrkdwn.ts';

export const LEVEL_SIGN: Readonly<Record<Level, string>> = { critical: '🔴', high: '🟠', medium: '🟡', low: '🔵', informational: '⚪' };

/** Different values of one kind that are named; the others are counted. */
const NAMED = 3;

type Named = readonly [name: string, value: string | undefined];

/** Who did what to whom, where, from where, by which product: over all the evidence kept, as mrkdwn. */
function people(alert: Alert): Named[] {
  return [...who(alert), ['Action', over(alert, (evidence) => evidence.action)], ['Product', over(alert, (evidence) => evidence.product)]];
}

export function who(alert: Alert): Named[] {
  if (alert.kind === 'silence') return silentOnes(alert);
  return [
    ['User', over(alert, (evidence) => evidence.user)],
    ['Target user', over(alert, (evidence) => evidence.targetUser)],
    ['Host', over(alert, (evidence) => evidence.host)],
    ['Source', over(alert, (evidence) => evidence.sourceIp)],
  ];
}

const WATCHED: Readonly<Record<string, string>> = { 'earshot.source': 'Source', 'event.dataset': 'Dataset', 'host.name': 'Host' };

/** Of silence there is no event: the group says who is silent. */
const silentOnes = ({ group }: Alert): Named[] =>
  Object.entries(group).map(([field, value]) => [WATCHED[field] ?? plain(field, 80), plain(value, 200)]);

/** One line of the same, for Slack's own keyword notifications and for lock screens. */
export function peopleText(alert: Alert): string {
  const named = people(alert).flatMap(([name, value]) => (value === undefined ? [] : [`${name.toLowerCase()} ${value}`]));
  return [...named, ...(alert.kind === 'silence' ? [] : [eventsText(alert.count)])].join(', ');
}

export const eventsText = (count: number): string => `${count} ${count === 1 ? 'event' : 'events'}`;

/** What happened, in one line, as mrkdwn; '' where the events say nothing of it. */
export function sentence(alert: Alert): string {
  const say = (before: string, read: (evidence: Evidence) => string | undefined, after = '') => {
    const value = over(alert, read);
    return value === undefined ? [] : [`${before}${value}${after}`];
  };
  const [outcome = ''] = say(' (', ({ outcome: how }) => (how === 'unknown' ? undefined : how), ')');
  return [
    ...say('', (evidence) => evidence.user),
    ...say('', (evidence) => evidence.action, outcome),
    ...say('target ', (evidence) => evidence.targetUser),
    ...say('on ', (evidence) => evidence.host),
    ...say('from ', (evidence) => evidence.sourceIp),
    ...say('says ', (evidence) => evidence.product),
  ].join(', ');
}

/** How unusual it is, in the words of the alert's page, as mrkdwn. */
export function unusual({ usual }: ToldAlert): string | undefined {
  return usual && usualText({ ...usual, person: usual.person && { ...usual.person, name: plain(usual.person.name, 100) } });
}

export function alertLink(id: string, baseUrl: string | undefined): string | undefined {
  return baseUrl === undefined ? undefined : `${baseUrl.replace(/\/+$/, '')}/alerts/${encodeURIComponent(id)}`;
}

/** Where an alert stands and who brought it there, as mrkdwn; undefined while it is new. */
export function standing(alert: ToldAlert): string | undefined {
  const revised =
    alert.revised === undefined ? undefined : `✏ *Revised*, ${localTime(alert.revised.at)}: ${plain(alert.revised.note, 300)}`;
  const lines = [stands(alert), revised].filter((line) => line !== undefined);
  return lines.length === 0 ? undefined : lines.join('\n');
}

function stands(alert: ToldAlert): string | undefined {
  const { decision, assignee } = alert;
  const by = decision === undefined || decision.actor === 'earshot' ? '' : ` by ${plain(decision.actor, 80)}`;
  const at = decision === undefined ? '' : `, ${localTime(decision.at)}`;
  const note = decision === undefined || decision.note === '' ? '' : `: ${plain(decision.note, 300)}`;
  const own = assignee === undefined || alert.state === 'resolved' ? '' : `  ·  ${plain(assignee, 80)} has it`;
  const words = stateWords(alert);
  if (words === undefined) return own === '' ? undefined : `👤 ${plain(assignee ?? '', 80)} has it`;
  return `${words}${by}${at}${note}${own}`;
}

function stateWords(alert: ToldAlert): string | undefined {
  switch (alert.state) {
    case 'acknowledged':
      return '👀 *Acknowledged*';
    case 'snoozed':
      return `💤 *Snoozed*${alert.snoozedUntil === undefined ? '' : ` until ${localTime(alert.snoozedUntil)}`}`;
    case 'resolved':
      return `✅ *Resolved${alert.resolution === undefined ? '' : ` as ${alert.resolution.replace('_', ' ')}`}*`;
    case 'open':
      if (alert.decision?.change === 'reopened') return '↩ *Reopened*';
      return alert.decision?.change === 'woke' ? '⏰ *Open again*' : undefined;
  }
}

/** Why an alert that slept is open again, where that is what is told. */
export const wokeText = (id: string, joined: readonly Joined[]): string | undefined =>
  joined.find(({ alertId, woke }) => alertId === id && woke !== undefined)?.woke;

/** That an alert is open again, and who is new in it, as mrkdwn. */
export function joinedText(id: string, joined: readonly Joined[]): string {
  const own = joined.filter(({ alertId }) => alertId === id);
  const woke = wokeText(id, joined);
  const users = several(own.flatMap((each) => each.users));
  const hosts = several(own.flatMap((each) => each.hosts));
  return [
    ...(woke === undefined ? [] : [`⏰ open again: ${plain(woke, 100)}`]),
    ...(users === undefined ? [] : [`new user: ${users}`]),
    ...(hosts === undefined ? [] : [`new host: ${hosts}`]),
  ].join('; ');
}

/** The values of one kind in all the evidence that is kept. */
const over = (alert: Alert, read: (evidence: Evidence) => string | undefined): string | undefined => several(alert.evidence.map(read));

function several(values: readonly (string | undefined)[]): string | undefined {
  const distinct = [...new Set(values.filter((value) => value !== undefined && value !== ''))];
  if (distinct.length === 0) return undefined;
  const named = distinct.slice(0, NAMED).map((value) => plain(value ?? '', 100));
  const rest = distinct.length - named.length;
  return `${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
