import type { Alert, Evidence, ToldAlert } from '../../model/alert.ts';
import type { AlertChange } from '../../model/alert-life.ts';
import { detailsText } from '../../model/details-text.ts';
import { LEVELS, type Level } from '../../model/severity.ts';
import type { Notification } from '../../notify/notifier.ts';
import { actBlocks } from './act-words.ts';
import { alertLink, eventsText, joinedText, LEVEL_SIGN, peopleText, sentence, standing, unusual, who, wokeText } from './alert-words.ts';
import { answerBrief, answerLine, askLines } from './ask-words.ts';
import { asMessage, type Block, context, fields, header, messageText, type SlackMessage, section } from './blocks.ts';
import { alertButtons } from './buttons.ts';
import { contextBlocks, contextLine } from './context-message.ts';
import { localTime, plain, plainText } from './mrkdwn.ts';

/** Leaves of the rule and steps that are shown; the alert's page has them all. */
const LEAVES = 4;
const STEPS = 5;

/**
 * The message of a notification: one alert in full, or the alerts of a burst in a few lines each. `clickable`: somebody hears of clicks, so
 * that each alert has buttons.
 */
export function slackMessage(notification: Notification, baseUrl: string | undefined, clickable = false): SlackMessage {
  const only = single(notification);
  if (answerLine(notification) !== undefined) return slackReply(notification, baseUrl);
  if (only === undefined) return finished(notification, burst(notification, baseUrl, clickable));
  return finished(notification, one(only, notification, baseUrl, clickable));
}

/** What is new, or known around it, for those who follow the thread of the message that told of it first. */
export function slackReply(notification: Notification, baseUrl: string | undefined): SlackMessage {
  const only = single(notification);
  const { context: around } = notification;
  if (only !== undefined && around !== undefined) {
    const blocks = [...contextBlocks(around), context(footer(only, baseUrl))];
    return finished(notification, { text: contextLine(only, around), blocks });
  }
  const answer = answerLine(notification);
  if (only !== undefined && answer !== undefined) return finished(notification, said(only, answer, baseUrl));
  const blocks = notification.alerts.map((alert) => {
    // What is shown outside of its thread, too, says what it is about.
    const isNamed = only === undefined || wokeText(alert.id, notification.joined) !== undefined;
    const title = isNamed ? `${plain(alert.title, 200)}: ` : '';
    const count = alert.kind === 'silence' ? 'still silent' : `${eventsText(alert.count)} by now, the last ${localTime(alert.lastAt)}`;
    return section(`${LEVEL_SIGN[alert.level]} ${title}${news(alert, notification)}; ${count}`);
  });
  const rest = notification.more === 0 ? [] : [section(`*and ${notification.more} more* of these alerts`)];
  const lines = notification.alerts.map(
    (alert) => `[${alert.level.toUpperCase()}] ${plain(alert.title, 200)}: ${news(alert, notification)}; ${peopleText(alert)}`,
  );
  const links = only === undefined ? [] : [context(footer(only, baseUrl))];
  return finished(notification, { text: lines.join('\n'), blocks: [...blocks, ...rest, ...links] });
}

/** What somebody has answered. Where the alert is over, that it is, for whoever decided so. */
function said(alert: ToldAlert, answer: AlertChange, baseUrl: string | undefined): Content {
  const over = alert.state === 'resolved' && answer.about.said !== 'me' ? ['The alert is resolved: look at it again.'] : [];
  const lines = [...askLines({ ...alert, asks: [answer] }), ...over].join('\n');
  const text = `[${alert.level.toUpperCase()}] ${answerBrief(answer)}: ${plain(alert.title, 200)}`;
  return { text, blocks: [section(lines), context(footer(alert, baseUrl))] };
}

/** The alert, where there is but one. */
function single({ alerts, more }: Notification): ToldAlert | undefined {
  return alerts.length === 1 && more === 0 ? alerts[0] : undefined;
}

interface Content {
  readonly text: string;
  readonly blocks: readonly Block[];
}

function finished({ possibleRepeat }: Notification, { text, blocks }: Content): SlackMessage {
  return asMessage({
    text: messageText(possibleRepeat ? `(possible repeat) ${text}` : text),
    blocks: [...blocks, ...(possibleRepeat ? [context(REPEAT)] : [])],
  });
}

export const REPEAT = '↻ This may be a repeat: the attempt before this one ended without an answer.';

/** What is new of an alert, in a few words. */
function news({ id }: ToldAlert, { joined }: Notification): string {
  const newcomers = joinedText(id, joined);
  return newcomers === '' ? 'still going on' : newcomers;
}

function one(alert: ToldAlert, { kind, joined }: Notification, baseUrl: string | undefined, clickable: boolean): Content {
  const goesOn = wokeText(alert.id, joined) === undefined ? `Still going on, ${alert.count} events: ` : 'Open again: ';
  const grown = kind === 'grew' ? goesOn : '';
  const latest = alert.evidence.at(-1);
  const stands = standing(alert);
  const said = sentence(alert);
  const blocks = [
    header(plainText(`${sign(alert)} ${alert.level.toUpperCase()}: ${grown}${alert.title}`, 150)),
    ...(stands === undefined ? [] : [section(stands)]),
    ...actBlocks(alert, clickable),
    ...askLines(alert).map(section),
    ...(said === '' ? [] : [section(said)]),
    ...because(alert),
    fields(facts(alert)),
    ...why(latest),
    ...(alert.state === 'resolved' ? [] : nextSteps(alert.nextSteps)),
    ...(clickable ? [alertButtons(alert, baseUrl)] : []),
    context(footer(alert, baseUrl)),
  ];
  return { text: `[${alert.level.toUpperCase()}]${stateText(alert)} ${grown}${plain(alert.title, 200)}: ${peopleText(alert)}`, blocks };
}

const sign = ({ state, level }: ToldAlert): string => (state === 'resolved' ? '✅ Resolved, was' : LEVEL_SIGN[level]);

const stateText = ({ state }: ToldAlert): string => (state === 'open' ? '' : ` (${state})`);

/** Who, where, since when, how many, how unusual: at most ten fields, which is Slack's bound. */
function facts(alert: ToldAlert): string[] {
  const told: readonly (readonly [string, string | undefined])[] = [
    ...who(alert),
    ...(alert.kind === 'silence' ? silentSince(alert) : happened(alert)),
  ];
  return told.flatMap(([name, value]) => (value === undefined ? [] : [`*${name}*\n${value}`]));
}

const happened = (alert: ToldAlert): readonly (readonly [string, string | undefined])[] => [
  ['Events', alert.kind === 'silence' ? undefined : `${alert.count}`],
  ['Since', localTime(alert.firstAt)],
  ['Last', alert.lastAt === alert.firstAt ? undefined : localTime(alert.lastAt)],
  ['How unusual', unusual(alert)],
];

/** Silence is no event, and begins with the last that was heard. */
const silentSince = ({ firstAt, lastAt }: ToldAlert): readonly (readonly [string, string])[] => [
  ['Last heard', localTime(firstAt)],
  ['Overdue since', localTime(lastAt)],
];

/** Why it is an alert, where no single event says so. */
function because({ details }: ToldAlert): Block[] {
  if (details === undefined) return [];
  return [
    section(
      detailsText(details)
        .map((line) => plain(line, 600))
        .join('\n'),
    ),
  ];
}

function why(latest: Evidence | undefined): Block[] {
  if (latest === undefined) return [];
  const leaves = latest.matches
    .slice(0, LEAVES)
    .map(({ field, value, leaf }) => `• ${plain(field, 80)} = ${plain(value, 200)}  (${plain(leaf, 160)})`);
  const rest = latest.matches.length - leaves.length;
  const lines = [...leaves, ...(rest > 0 ? [`• and ${rest} more`] : [])];
  const message = latest.message === '' ? [] : [section(`*Latest event kept*\n${plain(latest.message, 600)}`)];
  return [...(lines.length === 0 ? [] : [section(`*Why*\n${lines.join('\n')}`)]), ...message];
}

function nextSteps(steps: readonly string[]): Block[] {
  if (steps.length === 0) return [];
  const lines = steps.slice(0, STEPS).map((step, i) => `${i + 1}. ${plain(step, 300)}`);
  const rest = steps.length - lines.length;
  return [section(`*What to do next*\n${lines.join('\n')}${rest > 0 ? `\nand ${rest} more` : ''}`)];
}

function footer(alert: Alert, baseUrl: string | undefined): string {
  const parts = [`Rule ${plain(alert.ruleName, 120)}`, `alert ${alert.id}`];
  const link = alertLink(alert.id, baseUrl);
  return [...parts, ...(link === undefined ? [] : [`<${link}|Open in Earshot>`])].join('  ·  ');
}

/** An alert in a few lines, among others. */
export function briefly(alert: ToldAlert, baseUrl: string | undefined, { joined = [], clickable }: Brevity): Block[] {
  const link = alertLink(alert.id, baseUrl);
  const title = plain(alert.title, 200);
  const head = `${LEVEL_SIGN[alert.level]} *${alert.level.toUpperCase()}: ${link === undefined ? title : `<${link}|${title}>`}*`;
  const newcomers = joinedText(alert.id, joined);
  // The longest comes last: what is cut is cut there.
  const because = alert.details && plain(detailsText(alert.details)[0] ?? '', 300);
  const lines = [head, `since ${localTime(alert.firstAt)}`, standing(alert), newcomers, because, peopleText(alert)];
  return [section(lines.filter((line) => line).join('\n')), ...(clickable ? [alertButtons(alert, baseUrl)] : [])];
}

interface Brevity {
  readonly joined?: Notification['joined'];
  readonly clickable: boolean;
}

function burst({ kind, alerts, more, joined }: Notification, baseUrl: string | undefined, clickable: boolean): Content {
  const total = alerts.length + more;
  const counts = levelCounts(alerts);
  const lines = alerts.flatMap((alert) => briefly(alert, baseUrl, { joined, clickable }));
  const rest = more === 0 ? [] : [section(`*and ${more} more ${more === 1 ? 'alert' : 'alerts'}*, none more severe than these.`)];
  const names = alerts.map((alert) => `[${alert.level.toUpperCase()}] ${plain(alert.title, 120)}: ${peopleText(alert)}`);
  const goesOn = alerts.every(({ id }) => wokeText(id, joined) !== undefined) ? 'Open again: ' : 'Still going on: ';
  const grown = kind === 'grew' ? goesOn : '';
  return {
    text: [`${grown}${total} alerts (${counts}${more === 0 ? '' : ` shown, ${more} more`})`, ...names].join('\n'),
    blocks: [header(`${grown}${total} alerts: ${counts}${more === 0 ? '' : `, and ${more} more`}`), ...lines, ...rest],
  };
}

function levelCounts(alerts: readonly Alert[]): string {
  const count = (level: Level) => alerts.filter((alert) => alert.level === level).length;
  return LEVELS.toReversed()
    .filter((level) => count(level) > 0)
    .map((level) => `${count(level)} ${level}`)
    .join(', ');
}
