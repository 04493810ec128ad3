import type { App } from '../../app.ts';
import type { Door } from '../../doors.ts';
import { clockText, minutesOf } from '../../lib/time-of-day.ts';
import { phraseOf } from '../../listen/phrase.ts';
import { MOST_PER_HOUR } from '../../listen/settings.ts';
import type { Answer, Span } from '../../model/answer.ts';
import type { PersonNames } from '../../model/person.ts';
import type { Listener, NewListener } from '../../store/state/listening.ts';
import type { StateTransaction } from '../../store/state/state.ts';
import { earId } from '../listening/ears.ts';
import { countText } from '../listening/listen-text.ts';
import { beginListening, endListening, type ListeningServiceDeps, type Preview, previewListening } from '../listening/listening-service.ts';
import { unquoted } from './command-words.ts';
import { type Asker, byPerson } from './who-touched.ts';

export interface ListenDeps extends ListeningServiceDeps {
  readonly lookUps: Pick<App['lookUps'], 'names'>;
}

/** Who asks, and where they typed it. */
export interface ListenAsker extends Asker {
  readonly door: Door;
  readonly channel?: string | undefined;
  /** What is written in the same transaction as the last thing that is changed. */
  alongside(tx: StateTransaction): Promise<void>;
}

const SHOWN = 3;

const USAGE: Answer = [
  ['Say for what: ', { code: '/earshot listen prod-db' }, ' tells you alone, ', { code: '/earshot listen prod-db here' }, ' this channel.'],
  [
    'Behind it: ',
    { code: 'quiet 22:00-07:00' },
    ' for hours in which nothing is told, ',
    { code: 'at most 5' },
    ' for how many messages an hour. ',
    { code: '/earshot listen list' },
    ' says what you listen for, ',
    { code: '/earshot listen stop prod-db' },
    ' ends it.',
  ],
];

/** What was typed behind `listen`. */
export interface TypedWish {
  readonly words: string;
  readonly here: boolean;
  readonly quiet: NewListener['quiet'];
  readonly perHour: number | undefined;
}

const OPTION = /^(.*?)\s+(?:(here)|quiet\s+(\S+)|at\s+most\s+(\d{1,3})(?:\s+(?:an|per)\s+hour)?)$/isu;

/** Takes `here`, `quiet …` and `at most …` off the end; undefined where one of them cannot be read. */
function readTypedWish(text: string): TypedWish | undefined {
  const [, words = text, here, quietText, most] = OPTION.exec(text) ?? [];
  if (words === text) return { words: unquoted(text.trim()), here: false, quiet: undefined, perHour: undefined };
  const before = readTypedWish(words);
  const quiet = quietText === undefined ? before?.quiet : readQuiet(quietText.toLowerCase());
  const perHour = most === undefined ? before?.perHour : Number(most);
  if (before === undefined || (quietText !== undefined && quiet === undefined)) return undefined;
  if (perHour !== undefined && (perHour < 1 || perHour > MOST_PER_HOUR)) return undefined;
  return { words: before.words, here: before.here || here !== undefined, quiet, perHour };
}

function readQuiet(text: string): NewListener['quiet'] {
  if (text === 'none' || text === 'never') return 'none';
  const [from, to, more] = text.split(/[-–]/).map(minutesOf);
  return from === undefined || to === undefined || more !== undefined || from === to ? undefined : { from, to };
}

/** Answers `listen …`: for whom it is granted, and with what they would have heard last week. */
export async function answerListen(deps: ListenDeps, text: string, asker: ListenAsker): Promise<Answer> {
  if (/^(list)?$/i.test(text)) return list(deps, asker);
  const [, stopped] = /^stop(?:\s+(.+))?$/is.exec(text) ?? ['', undefined];
  if (/^stop(\s|$)/i.test(text)) return stopListening(deps, stopped?.trim() ?? '', asker);
  const wish = readTypedWish(text);
  return wish === undefined || wish.words === '' ? USAGE : listen(deps, wish, asker);
}

async function listen(deps: ListenDeps, { words, here, quiet, perHour }: TypedWish, asker: ListenAsker): Promise<Answer> {
  const { user, person, door, channel = '', now, alongside } = asker;
  const place = here ? { channel } : {};
  const begun = await beginListening(deps, { user, door, person, ...place, words, quiet, perHour, via: 'slack', alongside });
  if (!begun.ok) return [['Nothing was done: ', { bold: words }, `: ${begun.error.why}.`]];
  const { listener, isNew } = begun.value;
  return [
    [
      isNew ? 'From now on ' : 'As before, ',
      here ? 'this channel hears' : 'you hear',
      ' of events and alerts with ',
      { bold: words },
      `: ${termsText(listener)}.`,
    ],
    ...previewLines(await previewListening(deps, begun.value, now), deps.lookUps.names),
  ];
}

const termsText = ({ perHour, quiet }: Pick<Listener, 'perHour' | 'quiet'>): string =>
  `at most ${perHour} messages an hour, ${quiet === undefined ? 'at any hour' : `but not from ${clockText(quiet.from)} to ${clockText(quiet.to)} (${hubZone()})`}`;

/** Whoever types a time of day may be in another zone than the hub. */
const hubZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

function previewLines({ events, alerts, moreAlerts }: Preview, names: PersonNames): Answer {
  if (events === undefined) return [['What it would have been last week cannot be looked up now: the event engine does not answer.']];
  const people = byPerson(events, names).slice(0, SHOWN);
  const who = people.length === 0 ? '' : `, most of them by ${people.map(({ name, count }) => `${name} (${count})`).join(', ')}`;
  const count = countText(alerts.length, events.total);
  return [
    [`In the last seven days that would have been ${count === '' ? 'nothing' : count}${who}.`],
    ...alerts.slice(0, SHOWN).map((title): Span[] => ['• ', { bold: title }]),
    ...(moreAlerts ? [['Of the alerts of these days only the last thousand were looked at: it may have been more.']] : []),
    ...(events.stopped === undefined
      ? []
      : [['The search was cut: before ', { at: events.searchedFrom }, ' nothing was looked at, so that it may have been more.']]),
  ];
}

async function own({ state }: ListenDeps, { user }: Asker): Promise<Listener[]> {
  return (await state.listening.listeners()).filter(({ owner }) => owner === user.id);
}

async function list(deps: ListenDeps, asker: ListenAsker): Promise<Answer> {
  const all = await own(deps, asker);
  if (all.length === 0) return [['You listen for nothing.'], ...USAGE];
  const sorted = all.toSorted((a, b) => (a.phrase < b.phrase ? -1 : 1));
  const undelivered = await deps.state.listening.undelivered([...new Set(all.map(earId))]);
  const lines = sorted.map((each): Span[] => [
    '• ',
    { bold: each.typed },
    each.place === each.person ? ', told to you' : `, told in the channel ${each.place}`,
    `; ${termsText(each)}`,
  ]);
  const lost = [...undelivered.values()].map(({ count, why }): Span[] => [
    `${count} ${count === 1 ? 'message' : 'messages'} could not be delivered. The last: ${why}`,
  ]);
  return [...lines, ...lost];
}

async function stopListening(deps: ListenDeps, text: string, asker: ListenAsker): Promise<Answer> {
  const words = unquoted(text);
  const read = phraseOf(words);
  const all = await own(deps, asker);
  const wanted = /^all$/i.test(words) ? all : all.filter(({ phrase }) => 'phrase' in read && phrase === read.phrase);
  if (wanted.length === 0) return [['Nothing was done: you do not listen for that.'], ...(await list(deps, asker))];
  const { user, alongside } = asker;
  for (const [i, { id }] of wanted.entries())
    await endListening(deps, { id, by: user.name, via: 'slack', ...(i === wanted.length - 1 && { alongside }) });
  return [['You listen no more for ', ...wanted.flatMap(({ typed }, i): Span[] => [...(i > 0 ? [', '] : []), { bold: typed }]), '.']];
}
