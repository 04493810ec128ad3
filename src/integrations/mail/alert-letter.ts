import type { Alert, Evidence, ToldAlert } from '../../model/alert.ts';
import type { AlertChange } from '../../model/alert-life.ts';
import { usualText } from '../../model/alert-usual.ts';
import { detailsText } from '../../model/details-text.ts';
import type { Letter, LetterPart } from '../../model/letter.ts';
import { LEVELS } from '../../model/severity.ts';
import { shownLines } from '../../model/shown-lines.ts';
import type { Joined, Notification } from '../../notify/notifier.ts';

/** Leaves of the rule, steps, and different values of one kind that are named; the alert's page has them all. */
const LEAVES = 4;
const STEPS = 5;
const NAMED = 3;

/** The letter of a notification: one alert in full, or the alerts of a burst in a few lines each. */
export function alertLetter(notification: Notification, baseUrl: string | undefined): Letter {
  const { alerts, more, possibleRepeat, said } = notification;
  const [only] = alerts;
  const answer = only?.asks?.find(({ change, about }) => change === 'answered' && about.ask === said);
  if (only !== undefined && answer !== undefined) return answerLetter(only, answer, notification, baseUrl);
  const letter = only !== undefined && alerts.length === 1 && more === 0 ? one(only, notification, baseUrl) : burst(notification, baseUrl);
  return { ...letter, parts: [...(possibleRepeat ? [REPEAT] : []), ...letter.parts, FOOTER] };
}

const REPEAT: LetterPart = {
  kind: 'text',
  text: 'This may be a repeat: the attempt before this one ended without an answer of the mail server.',
};

const FOOTER: LetterPart = {
  kind: 'small',
  text: 'Sent by Earshot. A mail shows how it was when it was sent; the page of the alert shows how it is.',
};

/** What somebody says who was asked whether it was them. That it was not is not to lie among the others. */
function answerLetter(
  alert: ToldAlert,
  { about, note }: AlertChange,
  { possibleRepeat }: Notification,
  baseUrl: string | undefined,
): Letter {
  const isTheirs = about.said === 'me';
  const head = `${about.person ?? 'Somebody'} says: it was ${isTheirs ? 'me' : 'NOT me'}`;
  const over = alert.state === 'resolved' && !isTheirs ? ['The alert is resolved: look at it again.'] : [];
  return {
    subject: isTheirs ? `Re: ${subjectOf(alert)}` : `[${alert.level.toUpperCase()}] ${head}: ${alert.title}`,
    urgent: !isTheirs,
    parts: [
      ...(possibleRepeat ? [REPEAT] : []),
      { kind: 'heading', text: head },
      ...texts([
        note === '' ? '' : `They write: ${note}`,
        about.doubt === undefined ? '' : `But ${about.doubt}.`,
        'Answered by mail. It is evidence: it decides nothing.',
        ...over,
        `${alert.level.toUpperCase()}: ${alert.title}`,
        sentence(alert),
      ]),
      ...links(alert, baseUrl),
      FOOTER,
    ],
  };
}

function subjectOf(alert: ToldAlert): string {
  const about = names(alert.evidence.map(({ user }) => user)) ?? names(Object.values(alert.group));
  return `[${alert.level.toUpperCase()}] ${alert.title}${about === undefined ? '' : `: ${about}`}`;
}

/** Whom people have asked, and what they say. */
const askTexts = ({ asks }: ToldAlert): string[] =>
  shownLines(asks).map(
    ({ note, about }) =>
      `${about.person ?? 'Somebody'} was asked by mail whether it was them: ${about.stand ?? ''}${note === '' ? '' : ` (${note})`}.`,
  );

function one(alert: ToldAlert, { kind, joined }: Notification, baseUrl: string | undefined): Letter {
  const head = `${alert.level.toUpperCase()}: ${alert.title}`;
  const subject = subjectOf(alert);
  const goesOn = wokeText(alert, joined) ?? `Still going on, ${eventsText(alert.count)} by now.`;
  const news = kind === 'grew' ? [goesOn, ...joinedLines(alert, joined)] : [];
  return {
    // Mail programs show what follows under what it follows where the subject is the same but for `Re:`.
    subject: kind === 'grew' ? `Re: ${subject}` : subject,
    parts: [
      { kind: 'heading', text: head },
      ...texts([
        ...news,
        ...standing(alert),
        ...askTexts(alert),
        sentence(alert),
        ...(alert.details === undefined ? [] : detailsText(alert.details)),
      ]),
      { kind: 'facts', facts: facts(alert) },
      ...why(alert.evidence.at(-1)),
      ...nextSteps(alert),
      ...links(alert, baseUrl),
      { kind: 'small', text: `Rule ${alert.ruleName}, alert ${alert.id}` },
    ],
  };
}

function burst({ kind, alerts, more, joined }: Notification, baseUrl: string | undefined): Letter {
  const counts = LEVELS.toReversed().flatMap((level) => {
    const count = alerts.filter((alert) => alert.level === level).length;
    return count === 0 ? [] : [`${count} ${level}`];
  });
  const head = `${kind === 'grew' ? 'Still going on: ' : ''}${alerts.length + more} alerts: ${counts.join(', ')}${more === 0 ? '' : `, and ${more} more`}`;
  const parts = alerts.flatMap((alert): LetterPart[] => [
    ...texts([
      `${alert.level.toUpperCase()}: ${alert.title}`,
      wokeText(alert, joined) ?? '',
      ...joinedLines(alert, joined),
      ...standing(alert),
      sentence(alert),
    ]),
    { kind: 'facts', facts: [...who(alert), ...when(alert)] },
    ...links(alert, baseUrl),
  ]);
  const rest = more === 0 ? [] : [`And ${more} more ${more === 1 ? 'alert' : 'alerts'}, none more severe than these.`];
  return { subject: head, parts: [{ kind: 'heading', text: head }, ...parts, ...texts(rest)] };
}

const texts = (lines: readonly string[]): LetterPart[] => lines.filter((line) => line !== '').map((text) => ({ kind: 'text', text }));

const links = ({ id }: Alert, baseUrl: string | undefined): LetterPart[] =>
  baseUrl === undefined
    ? []
    : [{ kind: 'links', links: [{ text: 'Open in Earshot', url: `${baseUrl.replace(/\/+$/, '')}/alerts/${encodeURIComponent(id)}` }] }];

/** Where it stands, and who brought it there; nothing while it is new. */
function standing({ state, decision, assignee }: ToldAlert): string[] {
  const by = decision === undefined || decision.actor === 'earshot' ? '' : ` by ${decision.actor}`;
  const note = decision === undefined || decision.note === '' ? '' : `: ${decision.note}`;
  return [
    ...(state === 'open' && decision === undefined ? [] : [`The alert is ${state}${by}${note}.`]),
    ...(assignee === undefined ? [] : [`${assignee} has it.`]),
  ];
}

/** Why an alert that slept is open again, where that is what is told. */
function wokeText({ id }: Alert, joined: readonly Joined[]): string | undefined {
  const woke = joined.find((each) => each.alertId === id && each.woke !== undefined)?.woke;
  return woke === undefined ? undefined : `Open again: ${woke}.`;
}

function joinedLines({ id }: Alert, joined: readonly Joined[]): string[] {
  const own = joined.filter(({ alertId }) => alertId === id);
  const users = names(own.flatMap((each) => each.users));
  const hosts = names(own.flatMap((each) => each.hosts));
  return [...(users === undefined ? [] : [`New in it: user ${users}.`]), ...(hosts === undefined ? [] : [`New in it: host ${hosts}.`])];
}

/** What happened, in one line; '' where the events say nothing of it. */
function sentence({ evidence }: Alert): string {
  const say = (before: string, read: (each: Evidence) => string | undefined, after = '') => {
    const value = names(evidence.map(read));
    return value === undefined ? [] : [`${before}${value}${after}`];
  };
  const [outcome = ''] = say(' (', ({ outcome: how }) => (how === 'unknown' ? undefined : how), ')');
  return [
    ...say('', (each) => each.user),
    ...say('', (each) => each.action, outcome),
    ...say('target ', (each) => each.targetUser),
    ...say('on ', (each) => each.host),
    ...say('from ', (each) => each.sourceIp),
    ...say('says ', (each) => each.product),
  ].join(', ');
}

type Fact = readonly [name: string, value: string];

const facts = (alert: ToldAlert): Fact[] => [
  ...who(alert),
  ...when(alert),
  ...(alert.usual === undefined ? [] : [['How unusual', usualText(alert.usual)] as const]),
];

function who({ kind, group, evidence }: Alert): Fact[] {
  // Of silence there is no event: the group says who is silent.
  if (kind === 'silence') return Object.entries(group);
  const over = (name: string, read: (each: Evidence) => string | undefined): Fact[] => {
    const value = names(evidence.map(read));
    return value === undefined ? [] : [[name, value]];
  };
  return [
    ...over('User', (each) => each.user),
    ...over('Target user', (each) => each.targetUser),
    ...over('Host', (each) => each.host),
    ...over('Source', (each) => each.sourceIp),
  ];
}

function when({ kind, count, firstAt, lastAt }: Alert): Fact[] {
  if (kind === 'silence') return [['Last heard', utc(firstAt)], ['Overdue since', utc(lastAt)]]; // biome-ignore format: two facts
  return [['Events', `${count}`], ['Since', utc(firstAt)], ...(lastAt === firstAt ? [] : [['Last', utc(lastAt)] as const])];
}

function why(latest: Evidence | undefined): LetterPart[] {
  if (latest === undefined) return [];
  const { matches, message } = latest;
  const items = matches.slice(0, LEAVES).map(({ field, value, leaf }) => `${field} = ${value} (${leaf})`);
  const rest = matches.length > LEAVES ? [`and ${matches.length - LEAVES} more`] : [];
  return [
    ...(items.length === 0 ? [] : [{ kind: 'list', title: 'Why', items: [...items, ...rest] } as const]),
    ...(message === '' ? [] : [{ kind: 'list', title: 'Latest event kept', items: [message] } as const]),
  ];
}

function nextSteps({ state, nextSteps: steps }: ToldAlert): LetterPart[] {
  if (state === 'resolved' || steps.length === 0) return [];
  return [{ kind: 'list', title: 'What to do next', items: steps.slice(0, STEPS), numbered: true }];
}

function names(values: readonly (string | undefined)[]): string | undefined {
  const distinct = [...new Set(values.flatMap((value) => (value === undefined || value === '' ? [] : [value])))];
  if (distinct.length === 0) return undefined;
  const rest = distinct.length - NAMED;
  return `${distinct.slice(0, NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

const eventsText = (count: number): string => `${count} ${count === 1 ? 'event' : 'events'}`;

/** The last time of four-digit years. */
const LAST_TIME = Date.UTC(9999, 11, 31);

const utc = (ms: number): string => `${new Date(Math.max(0, Math.min(ms, LAST_TIME))).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
