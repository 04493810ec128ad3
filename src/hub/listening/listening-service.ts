import type { StoredAlert } from '../../alert/alert-rows.ts';
import type { Alerts } from '../../alert/alerts.ts';
import { subjectsOf } from '../../alert/subjects.ts';
import type { ListeningService } from '../../api/deps.ts';
import { listeningAudit } from '../../api/listening-audit.ts';
import { maySee, visible } from '../../api/visible.ts';
import type { App } from '../../app.ts';
import { type Door, doorsOf } from '../../doors.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { PHRASE_FAULTS, phraseOf } from '../../listen/phrase.ts';
import { PER_HOUR } from '../../listen/settings.ts';
import { WordIndex } from '../../listen/word-index.ts';
import { type Touched, whoTouched } from '../../store/search/touched.ts';
import type { User } from '../../store/state/accounts.ts';
import { type Listener, MOST_LISTENERS, type NewListener } from '../../store/state/listening.ts';
import type { StateTransaction } from '../../store/state/state.ts';
import { EngineError, type EventEngine } from '../../store/store.ts';
import { saying } from '../clicks/command-words.ts';
import type { Listening } from './listening.ts';
import { listensTo, toldIn } from './who-may-listen.ts';

export interface ListeningServiceDeps extends Pick<App, 'state' | 'audit'> {
  readonly engine: EventEngine;
  readonly alerts: Pick<Alerts, 'list'>;
  readonly listening: Pick<Listening, 'refresh'>;
}

/** What somebody wants to listen for, and where. */
export interface ListenWish {
  readonly user: User;
  readonly door: Door;
  /** The name that the target has for the user. */
  readonly person: string;
  /** A channel; absent: the user alone is told. */
  readonly channel?: string | undefined;
  readonly words: string;
  readonly quiet?: NewListener['quiet'];
  readonly perHour?: number | undefined;
  readonly via: 'api' | 'slack';
  /** What is written in the same transaction. */
  readonly alongside?: (tx: StateTransaction) => Promise<void>;
}

interface ListenEnd extends Pick<ListenWish, 'via' | 'alongside'> {
  readonly id: string;
  /** Whose it was, by name. */
  readonly by: string;
}

/** Why somebody does not listen, for them to read. */
export interface ListenFault {
  readonly code: 'words' | 'not_granted' | 'full';
  readonly why: string;
}

export interface Begun {
  readonly listener: Listener;
  /** False: they listened for it there before. */
  readonly isNew: boolean;
  /** Datasets, with `*`: what is told is of one of each of these. */
  readonly allowed: readonly (readonly string[])[];
}

/** What somebody would have heard in a stretch of time. */
export interface Preview {
  /** Undefined: the event engine does not answer. */
  readonly events: Touched | undefined;
  /** Titles of the alerts, the latest first. */
  readonly alerts: readonly string[];
  /** There were more alerts than were looked at. */
  readonly moreAlerts: boolean;
}

const WEEK_MS = 7 * 86_400_000;
const PREVIEW_TIMEOUT_MS = 10_000;
const ALERT_PAGE = 200;
const ALERT_PAGES = 5;

/** Lets somebody listen for words, where it is granted. Counts for every event that comes in once it resolves; recorded also where it is refused. */
export async function beginListening(deps: ListeningServiceDeps, wish: ListenWish): Promise<Result<Begun, ListenFault>> {
  const { state, listening } = deps;
  const { user, door, person, channel, words } = wish;
  const read = phraseOf(words);
  if ('fault' in read) return err({ code: 'words', why: `it cannot be listened for: ${PHRASE_FAULTS[read.fault]}` });
  const grants = await state.listening.grants();
  const own = listensTo(user, grants);
  const there = channel === undefined ? ['*'] : toldIn(channel, door.clicks.tellsIn(channel), grants);
  const place = channel ?? person;
  const record = (done: boolean) =>
    deps.audit(listeningAudit({ ...wish, change: 'add', done, user: user.name, notifier: door.name, place }));
  if (own.length === 0 || there.length === 0) {
    record(false);
    return err({ code: 'not_granted', why: own.length === 0 ? notGranted(user) : notThere(channel ?? '') });
  }
  const wanted = { owner: user.id, ownerName: user.name, phrase: read.phrase, typed: words, notifier: door.name, person, place };
  const added = await state.listening.add({ ...wanted, quiet: wish.quiet, perHour: wish.perHour }, { perHour: PER_HOUR }, wish.alongside);
  if (!added.ok && added.error === 'full') return err({ code: 'full', why: `there are ${MOST_LISTENERS} already, or too many of all` });
  record(true);
  await listening.refresh();
  const all = await state.listening.listeners();
  const listener = all.find((each) => each.owner === user.id && each.place === place && each.phrase === read.phrase);
  if (listener === undefined) return err({ code: 'words', why: 'it was ended in the same moment' });
  return ok({ listener, isNew: added.ok, allowed: [user.datasets, own, there] });
}

const notGranted = ({ name, role }: User): string =>
  `${name}, with the role ${role}, may not listen until an administrator grants it (PUT /api/listening/grants)`;
const notThere = (channel: string): string =>
  `alerts are not told in this channel (${channel}): nothing else is either until an administrator grants it (PUT /api/listening/grants)`;

/** Ends it. False when there is none of that id. */
export async function endListening(deps: ListeningServiceDeps, { id, by, via, alongside }: ListenEnd): Promise<boolean> {
  const gone = await deps.state.listening.remove(id, alongside);
  if (gone === undefined) return false;
  const { typed: words, place, notifier, person } = gone;
  deps.audit(listeningAudit({ change: 'stop', done: true, user: by, words, place, notifier, person, via }));
  await deps.listening.refresh();
  return true;
}

/** What would have been heard in the last seven days: of what may be seen and is granted now, by searches that are bounded. */
export async function previewListening(
  { engine, alerts }: Pick<ListeningServiceDeps, 'engine' | 'alerts'>,
  { listener, allowed }: Begun,
  now: number,
): Promise<Preview> {
  const span = { from: now - WEEK_MS, to: now };
  const query = allowed.reduce((all, datasets) => visible(all, { datasets }), saying(listener.typed));
  const searched = whoTouched(engine, { query, ...span, timeoutMs: PREVIEW_TIMEOUT_MS }, Date.now).catch((error: unknown) => {
    if (error instanceof EngineError) return undefined;
    throw error;
  });
  const [events, found] = await Promise.all([searched, alertsWith(alerts, listener.phrase, span.from, allowed)]);
  return { events, ...found };
}

async function alertsWith(
  alerts: Pick<Alerts, 'list'>,
  phrase: string,
  from: number,
  allowed: readonly (readonly string[])[],
): Promise<Pick<Preview, 'alerts' | 'moreAlerts'>> {
  const index = new WordIndex([phrase]);
  const titles: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < ALERT_PAGES; page++) {
    const found = await alerts.list({ from, datasets: allowed[0], limit: ALERT_PAGE, cursor });
    if (!found.ok) break;
    for (const alert of found.value.alerts) {
      if (!wouldTell(alert, from) || !allowed.every((datasets) => maySeeOf(alert, datasets))) continue;
      index.begin();
      for (const text of textsOf(alert)) index.lookThrough(text);
      if (index.found.length > 0) titles.push(alert.title);
    }
    cursor = found.value.next;
    if (cursor === undefined) break;
  }
  return { alerts: titles, moreAlerts: cursor !== undefined };
}

/** Of what opened before, and of what came late, nobody would have heard then. */
const wouldTell = ({ kind, count, lateCount, openedAt }: StoredAlert, from: number): boolean =>
  openedAt >= from && (count > lateCount || kind === 'silence');

/** What has no event is of no dataset. */
const maySeeOf = ({ evidence }: StoredAlert, datasets: readonly string[]): boolean =>
  evidence.length === 0 ? maySee({ datasets }, '') : evidence.some(({ dataset }) => maySee({ datasets }, dataset));

/** As they are listened through when an alert opens. */
const textsOf = ({ id, title, ruleName, group, evidence }: StoredAlert): string[] => [
  title,
  ruleName,
  ...Object.entries(group).flat(),
  ...evidence.flatMap((each) => subjectsOf(id, each)).map(({ value }) => value),
];

/** The same for the API, where whoever asks is not yet known to the target. */
export function createListeningService(app: ListeningServiceDeps & Pick<App, 'settings'>): ListeningService {
  const { listening } = app.state;
  return {
    listeners: () => listening.listeners(),
    grants: () => listening.grants(),
    grant: (grant) => listening.grant(grant),
    revoke: (kind, who) => listening.revoke(kind, who),
    begin: async (user, { notifier, ...wish }) => {
      const door = doorsOf(app.settings).find(({ name }) => name === notifier);
      if (door === undefined) return err({ code: 'notifier', why: 'there is no slack_bot of this name with a signing_secret' });
      const person = door.clicks.personOf(user.name);
      if (person === undefined) return err({ code: 'notifier', why: `notifiers.${notifier}.people does not say who ${user.name} is` });
      const begun = await beginListening(app, { ...wish, user, door, person, via: 'api' });
      if (!begun.ok) return begun;
      return ok({ listener: begun.value.listener, preview: await previewListening(app, begun.value, Date.now()) });
    },
    notifiersOf: ({ name: user }) =>
      doorsOf(app.settings).flatMap(({ name, clicks }) => (clicks.personOf(user) === undefined ? [] : [name])),
    end: (id, by) => endListening(app, { id, by, via: 'api' }),
  };
}
