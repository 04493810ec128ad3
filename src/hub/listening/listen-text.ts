import { type HeardAlert, SHOWN, sum, type Waiting } from '../../listen/budget.ts';
import type { Answer, Span } from '../../model/answer.ts';
import type { HeardEvent } from '../../model/overheard.ts';
import type { Ear } from './ears.ts';

const NAMED = 3;

/** What somebody is told of what they listen for: the alerts first, then the first events; the rest is a number. */
export function heardText(ear: Ear, { since, phrases, parts }: Waiting, isLast: boolean): Answer {
  const alerts = parts.flatMap(({ shownAlerts }) => shownAlerts).slice(0, SHOWN);
  const events = parts
    .flatMap(({ shownEvents }) => shownEvents)
    .sort((a, b) => a.at - b.at)
    .slice(0, SHOWN - alerts.length);
  const [allAlerts, allEvents] = [sum(parts, 'alerts'), sum(parts, 'events')];
  const rest = allAlerts + allEvents - alerts.length - events.length;
  return [
    ['👂 ', ...namedWords(ear, phrases), `: ${countText(allAlerts, allEvents)}`],
    ...alerts.map(alertLine),
    ...events.map(eventLine),
    ...(rest > 0 ? [[`and ${rest} more, since `, { at: since }]] : []),
    ...(isLast ? [[`That is all for this hour (${ear.perHour}): what comes is summed up when it is over.`]] : []),
  ];
}

function namedWords(ear: Ear, phrases: readonly string[]): Span[] {
  const named = phrases
    .slice(0, NAMED)
    .flatMap((phrase, i): Span[] => [...(i > 0 ? [', '] : []), { bold: ear.words.get(phrase) ?? phrase }]);
  return phrases.length > NAMED ? [...named, ' and others'] : named;
}

export function countText(alerts: number, events: number): string {
  const of = (count: number, what: string) => (count === 0 ? [] : [`${count} ${what}${count === 1 ? '' : 's'}`]);
  return [...of(alerts, 'alert'), ...of(events, 'event')].join(', ');
}

const alertLine = ({ id, at, title, level }: HeardAlert): Span[] => [
  '• ',
  { at },
  ` ${level.toUpperCase()} `,
  { bold: title },
  ' ',
  { path: `/alerts/${encodeURIComponent(id)}`, text: 'Open' },
];

function eventLine({ id, at, dataset, user, action, host, text }: HeardEvent): Span[] {
  const said = [user, action, host === undefined ? undefined : `on ${host}`].filter((part) => part !== undefined).join(', ');
  return [
    '• ',
    { at },
    said === '' ? ' ' : ` ${said}: `,
    text,
    dataset === '' ? ' ' : ` (${dataset}) `,
    { path: `/explorer?${new URLSearchParams({ q: `event.id:"${id}"`, event: id })}`, text: 'Open' },
  ];
}
