import type { Alert, Evidence } from '../../model/alert.ts';
import { LEVELS, type Level } from '../../model/severity.ts';
import type { Notification } from '../../notify/notifier.ts';
import { alertLink, LEVEL_SIGN, people, peopleText } from './alert-words.ts';
import { type Block, context, fields, header, messageText, type SlackMessage, section } from './blocks.ts';
import { localTime, plain, plainText } from './mrkdwn.ts';

/** Leaves of the rule and steps that are shown; the alert's page has them all. */
const LEAVES = 4;
const STEPS = 5;

/** The message of a notification: one alert in full, or the alerts of a burst in a few lines each. */
export function slackMessage(notification: Notification, baseUrl: string | undefined): SlackMessage {
  const [only] = notification.alerts;
  const single = notification.alerts.length === 1 && notification.more === 0 && only !== undefined;
  const { text, blocks } = single ? one(only, notification.kind, baseUrl) : burst(notification, baseUrl);
  const repeat = notification.possibleRepeat ? [context(REPEAT)] : [];
  return {
    text: messageText(notification.possibleRepeat ? `(possible repeat) ${text}` : text),
    blocks: [...blocks, ...repeat],
    // Nothing that an event says becomes a link, a mention or a preview.
    parse: 'none',
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
  };
}

const REPEAT = '↻ This may be a repeat: the attempt before this one ended without an answer.';

function one(alert: Alert, kind: Notification['kind'], baseUrl: string | undefined): { text: string; blocks: Block[] } {
  const grown = kind === 'grew' ? `Still going on, ${alert.count} events: ` : '';
  const latest = alert.evidence.at(-1);
  const blocks = [
    header(plainText(`${LEVEL_SIGN[alert.level]} ${alert.level.toUpperCase()}: ${grown}${alert.title}`, 150)),
    fields(facts(alert, latest)),
    ...why(latest),
    ...nextSteps(alert.nextSteps),
    context(footer(alert, baseUrl)),
  ];
  return { text: `[${alert.level.toUpperCase()}] ${grown}${plain(alert.title, 200)}: ${peopleText(alert)}`, blocks };
}

/** Who, where, since when, how many: at most ten fields, which is Slack's bound. */
function facts(alert: Alert, latest: Evidence | undefined): string[] {
  const told: readonly (readonly [string, string | undefined])[] = [
    ...people(alert),
    ['Outcome', latest?.outcome === undefined ? undefined : plain(latest.outcome, 60)],
    ['Events', `${alert.count}`],
    ['Since', localTime(alert.firstAt)],
    ['Last', alert.lastAt === alert.firstAt ? undefined : localTime(alert.lastAt)],
  ];
  return told.flatMap(([name, value]) => (value === undefined ? [] : [`*${name}*\n${value}`]));
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
  if (alert.state !== 'open') parts.push(alert.state);
  const link = alertLink(alert.id, baseUrl);
  return [...parts, ...(link === undefined ? [] : [`<${link}|Open in Earshot>`])].join('  ·  ');
}

function burst({ alerts, more }: Notification, baseUrl: string | undefined): { text: string; blocks: Block[] } {
  const total = alerts.length + more;
  const counts = levelCounts(alerts);
  const lines = alerts.map((alert) => {
    const link = alertLink(alert.id, baseUrl);
    const title = plain(alert.title, 200);
    const head = `${LEVEL_SIGN[alert.level]} *${alert.level.toUpperCase()}: ${link === undefined ? title : `<${link}|${title}>`}*`;
    return section(`${head}\n${peopleText(alert)}\nsince ${localTime(alert.firstAt)}`);
  });
  const rest = more === 0 ? [] : [section(`*and ${more} more ${more === 1 ? 'alert' : 'alerts'}*, none more severe than these.`)];
  const names = alerts.map((alert) => `[${alert.level.toUpperCase()}] ${plain(alert.title, 120)}: ${peopleText(alert)}`);
  return {
    text: [`${total} alerts (${counts}${more === 0 ? '' : ` shown, ${more} more`})`, ...names].join('\n'),
    blocks: [header(`${total} alerts: ${counts}${more === 0 ? '' : `, and ${more} more`}`), ...lines, ...rest],
  };
}

function levelCounts(alerts: readonly Alert[]): string {
  const count = (level: Level) => alerts.filter((alert) => alert.level === level).length;
  return LEVELS.toReversed()
    .filter((level) => count(level) > 0)
    .map((level) => `${count(level)} ${level}`)
    .join(', ');
}
