import type { ToldAlert } from '../../model/alert.ts';
import {
  type AlertContext,
  type Deeds,
  isKnown,
  KNOWN_DAYS,
  newOf,
  type SeenKind,
  type SeenValue,
  type TakenFile,
  type TakenFiles,
  type Whereabouts,
} from '../../model/alert-context.ts';
import { type Block, section } from './blocks.ts';
import { localTime, plain } from './mrkdwn.ts';

/** What a reader of a thread gets; the alert's page has more. */
const FILES = 10;
const NEW = 4;
const USUAL = 3;
const SYSTEMS = 6;
const ACTIONS = 3;

/** What Slack writes when it has ended somebody's sessions by itself. */
const ENDED: ReadonlySet<string> = new Set(['user_sessions_reset_by_anomaly_event_response', 'user_sessions_reset_by_circuit_breaker']);

/** What is known around an alert, for who reads the thread of its message. */
export function contextBlocks(context: AlertContext): Block[] {
  const { person, files, whereabouts, deeds } = context;
  const who = plain(person, 80);
  return [
    section(`*Around it: ${who}*, ${localTime(context.from)} to ${localTime(context.to)}`),
    ...(deeds.ok && deeds.value.some(hasEnded)
      ? [section(`Slack has ended the sessions of ${who} by itself: nobody need do it again.`)]
      : []),
    ...(files.ok && files.value.total > 0 ? [section(filesText(files.value))] : []),
    ...(whereabouts.ok ? [section(placesText(whereabouts.value, who))] : []),
    ...(deeds.ok ? [section(deedsText(deeds.value))] : []),
    ...missing(context),
  ];
}

/** The same in one line, for Slack's own keyword notifications. */
export function contextLine({ title }: ToldAlert, { person, files, whereabouts }: AlertContext): string {
  const taken = files.ok && files.value.total > 0 ? [countOf(files.value.total, 'file')] : [];
  const unknown = whereabouts.ok
    ? kinds(whereabouts.value).flatMap(([name, kind]) => (newOf(whereabouts.value, kind).length > 0 ? [`new ${name}`] : []))
    : [];
  return `Around ${plain(title, 120)}: ${[plain(person, 80), ...taken, ...unknown].join(', ')}`;
}

const countOf = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

function filesText({ total, different, files }: TakenFiles): string {
  const shown = files.slice(0, FILES);
  const rest = different - shown.length;
  const head = `*Files fetched or looked at: ${total}*${different < total ? `, ${different} different` : ''}`;
  return [head, ...shown.map(fileText), ...(rest > 0 ? [`• and ${rest} more`] : [])].join('\n');
}

function fileText({ name, type, channels, count }: TakenFile): string {
  const where = channels.length === 0 ? '' : ` in ${channels.map((channel) => plain(channel, 40)).join(', ')}`;
  return `• ${plain(name, 80)}${type === '' ? '' : ` (${plain(type, 20)})`}${where}${count > 1 ? `, ${count} times` : ''}`;
}

const kinds = ({ addresses, programs, hosts }: Whereabouts): readonly (readonly [string, SeenKind])[] => [
  ['address', addresses],
  ['program', programs],
  ['host', hosts],
];

function placesText(places: Whereabouts, who: string): string {
  if (!isKnown(places)) return `Nothing is known of ${who} in the ${KNOWN_DAYS} days before.`;
  const fresh = kinds(places).flatMap(([name, kind]) => newText(name, kind, newOf(places, kind)));
  const usual = kinds(places).flatMap(([name, kind]) => usualText(name, kind));
  const head = fresh.length === 0 ? nothingNew(places) : `*New for ${who}*\n${fresh.join('\n')}`;
  return [head, ...(usual.length === 0 ? [] : [`*Usual in ${KNOWN_DAYS} days*`, ...usual])].join('\n');
}

/** Of what no event names it cannot be said that it is known. */
function nothingNew(places: Whereabouts): string {
  const seen = kinds(places).flatMap(([name, { present }]) => (present.length > 0 ? [name] : []));
  return seen.length === 0 ? 'No event names an address, a program or a host.' : `Not new: ${seen.join(', ')}.`;
}

function newText(name: string, { usual, newCount }: SeenKind, values: readonly SeenValue[]): string[] {
  if (values.length === 0) return [];
  const shown = values.slice(0, NEW).map(({ value }) => plain(value, 120));
  const rest = newCount - shown.length;
  const none = usual.length === 0 ? ` (no ${name} was known before)` : '';
  return [`• ${name}: ${shown.join('; ')}${rest > 0 ? ` and ${rest} more` : ''}${none}`];
}

const usualText = (name: string, { usual }: SeenKind): string[] =>
  usual.length === 0 ? [] : [`• ${name}: ${usual.slice(0, USUAL).map(daysText).join('; ')}`];

const daysText = ({ value, beforeDays }: SeenValue): string => `${plain(value, 120)} (${countOf(beforeDays, 'day')})`;

const hasEnded = ({ dataset, actions }: Deeds): boolean => dataset === 'slack.audit' && actions.some(({ action }) => ENDED.has(action));

function deedsText(deeds: readonly Deeds[]): string {
  if (deeds.length === 0) return 'No system tells of anything else.';
  const shown = deeds.slice(0, SYSTEMS).map(systemText);
  const rest = deeds.length - shown.length;
  return ['*What each system tells*', ...shown, ...(rest > 0 ? [`• and ${rest} more`] : [])].join('\n');
}

function systemText({ dataset, count, actions, hosts, processes }: Deeds): string {
  const did = actions
    .slice(0, ACTIONS)
    .map(({ action, count }) => `${action === '' ? 'without a name' : plain(action, 60)} ${count}`)
    .join(', ');
  const on = hosts.length === 0 ? '' : `; on ${hosts.map((host) => plain(host, 60)).join(', ')}`;
  const ran = processes.length === 0 ? '' : `; ran ${processes.map((process) => plain(process, 40)).join(', ')}`;
  return `• ${dataset === '' ? 'without a dataset' : plain(dataset, 60)}: ${countOf(count, 'event')} (${did})${on}${ran}`;
}

/** What could not be had must not look as if there were none. */
function missing({ files, whereabouts, deeds }: AlertContext): Block[] {
  const parts = [
    ['the files', files],
    ['what is usual', whereabouts],
    ['what else was done', deeds],
  ] as const;
  const lines = parts.flatMap(([what, part]) => (part.ok ? [] : [`• ${what}: ${plain(part.error, 200)}`]));
  return lines.length === 0 ? [] : [section(`*Could not be gathered*\n${lines.join('\n')}`)];
}
