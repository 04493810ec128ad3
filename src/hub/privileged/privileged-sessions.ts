import type { SessionSearch, SessionService } from '../../api/deps.ts';
import { UTC, zoneOf } from '../../formats/time-zone.ts';
import { mapped, type Steps, sorted } from '../../lib/steps.ts';
import { type Event, eventId } from '../../model/event.ts';
import type { PrivilegedSession, SessionDetails, SessionEvents } from '../../model/privileged-session.ts';
import { type Paired, pairSessions } from '../../privileged/pair.ts';
import { byAsker, requestsIn } from '../../privileged/requests.ts';
import {
  type BareSession,
  hasEvent,
  type Judging,
  momentOf,
  sessionApproval,
  sessionOf,
  stateOf,
  whoseOf,
} from '../../privileged/session.ts';
import { type SessionEvent, textOf } from '../../privileged/session-event.ts';
import type { PrivilegedSessionsSettings } from '../../privileged/settings.ts';
import { madeOfRows, REQUEST_TIMEOUT_MS } from '../../store/search/bounds.ts';
import { conditionOf } from '../../store/search/candidate.ts';
import { type Condition, fetchEvents } from '../../store/search/find-events.ts';
import { patternOf, type QueryNode } from '../../store/search/node.ts';
import { type Position, parseEventId } from '../../store/search/position.ts';
import { eventOfActions, eventsOfActions, type WantedEvents } from '../../store/search/session-events.ts';
import type { Window } from '../../store/search/windows.ts';
import { sql } from '../../store/sql.ts';
import { EngineError, type EventEngine } from '../../store/store.ts';
import { halved, MOST_EVENTS, REQUESTS_BEFORE_MS, requestsWanted, SHORTEST_MS, sessionsWanted } from './reading.ts';

export interface PrivilegedSessionsDeps {
  readonly engine: EventEngine;
  readonly products: readonly SessionEvents[];
  settings(): PrivilegedSessionsSettings;
  readonly now: () => number;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The first page is mostly of the last day; further back, longer stretches are read at a time. */
const STRETCHES = [DAY, 7 * DAY] as const;
const LAST_STRETCH = 14 * DAY;

/** A session with the place of the event that it is known by. */
interface Placed {
  readonly session: BareSession;
  readonly place: Position;
}

/** What one is made of. Most of what is read is not wanted, and to make a session of each takes long. */
interface Candidate {
  readonly paired: Paired;
  readonly judging: Judging;
  readonly place: Position;
}

type Page = Awaited<ReturnType<SessionService['list']>>;
type Reading = Pick<SessionSearch, 'only' | 'persons' | 'product' | 'lane' | 'signal'> & {
  readonly deadline: number;
  readonly isWanted: (candidate: Candidate) => boolean;
  /** So many of a stretch, the newest. */
  readonly most: number;
};

/** Sessions through vaults, made of the stored events each time they are asked for (docs/decisions/0015-privileged-sessions.md). */
export class PrivilegedSessions implements SessionService {
  readonly #deps: PrivilegedSessionsDeps;

  constructor(deps: PrivilegedSessionsDeps) {
    this.#deps = deps;
  }

  get products(): readonly string[] {
    return this.#deps.products.map(({ product }) => product);
  }

  /** Newest first. Throws EngineError. */
  async list(search: SessionSearch): Promise<Page> {
    const deadline = this.#deps.now() + REQUEST_TIMEOUT_MS;
    const { after, limit } = search;
    const to = after === undefined ? search.to : Math.min(search.to, after.ts + 1);
    const waiting = stretchesOf({ from: search.from, to }, this.#deps.now());
    const isWanted = (candidate: Candidate): boolean => isOlder(candidate.place, after) && meets(candidate, search);
    const reading: Reading = { ...search, deadline, isWanted, most: limit + 1 };
    const found: Placed[] = [];
    let stop: Pick<Page, 'next' | 'stopped'> = {};
    for (let stretch = waiting.shift(); stretch !== undefined && found.length <= limit; stretch = waiting.shift()) {
      const read = await this.#readOrStop(stretch, reading, stretch.to < to);
      if (read === 'too many' && stretch.to - stretch.from > SHORTEST_MS) waiting.unshift(...halved(stretch));
      else if (typeof read === 'string') {
        stop = { next: { ts: stretch.to, node: 0, seq: 0 }, stopped: read === 'too many' ? 'memory' : read };
        break;
      } else found.push(...read);
    }
    const page = found.slice(0, limit);
    const sessions = await this.#detailed(
      page.map(({ session }) => session),
      search.signal,
    );
    const last = page.at(-1);
    return found.length > limit && last !== undefined ? { sessions, next: last.place } : { sessions, ...stop };
  }

  /** The session that an event opened, ended or repeated; undefined where there is none. Throws EngineError. */
  async get(id: string, { only, signal }: Pick<SessionSearch, 'only' | 'signal'>): Promise<PrivilegedSession | undefined> {
    const place = parseEventId(id);
    const { engine, products, now } = this.#deps;
    if (place === undefined) return undefined;
    const deadline = now() + REQUEST_TIMEOUT_MS;
    const kinds = products.map((each) => ({ ...sessionsWanted(each), only }));
    const event = await eventOfActions(engine, place, kinds, { deadline, signal }, now);
    if (event === undefined) return undefined;
    // Its beginning may be so far before it.
    const stretch = { from: event.at - this.#longestMs, to: event.at + 1 };
    const isWanted = ({ paired }: Candidate): boolean => hasEvent(paired, id);
    const reading: Reading = { only, signal, deadline, persons: [textOf(event, 'user.name')], isWanted, most: MOST_EVENTS };
    const read = await this.#read(stretch, reading);
    const all = read === 'too many' ? [] : read.map(({ session }) => session);
    const session = all.find((each) => each.id === id) ?? all[0];
    return session && (await this.#detailed([session], signal))[0];
  }

  get #longestMs(): number {
    return this.#deps.settings().never_ended_after_hours * HOUR;
  }

  async #readOrStop(stretch: Window, reading: Reading, mayStop: boolean): Promise<Placed[] | 'too many' | 'timeout' | 'memory'> {
    try {
      return await this.#read(stretch, reading);
    } catch (error) {
      const code = error instanceof EngineError ? error.fault.code : undefined;
      if (!mayStop || (code !== 'timeout' && code !== 'memory')) throw error;
      return code;
    }
  }

  /** The sessions of a stretch that are wanted, newest first. Events of before and after it are read with it, for they may be of them. */
  async #read(stretch: Window, reading: Reading): Promise<Placed[] | 'too many'> {
    const { only, persons, product, lane, signal, deadline } = reading;
    const { engine, now } = this.#deps;
    const products = this.#deps.products.filter((each) => product === undefined || each.product === product);
    const [before, after] = [stretch.from - this.#longestMs, stretch.to + this.#longestMs];
    const ofPersons = persons === undefined ? only : both(only, namedIn('user.name', persons, now()));
    const wanted: WantedEvents[] = [
      ...products.map((each) => ({ ...sessionsWanted(each), from: before, to: after, only: ofPersons })),
      ...products.flatMap((each) =>
        requestsWanted(each).map((kinds) => ({ ...kinds, from: stretch.from - REQUESTS_BEFORE_MS, to: after, only })),
      ),
    ];
    const events = await eventsOfActions(engine, wanted, { limit: MOST_EVENTS + 1, deadline, signal, lane }, now);
    if (events.length > MOST_EVENTS) return 'too many';
    return madeOfRows(this.#sessionsOf(products, events, stretch, reading), signal);
  }

  async #detailed(sessions: readonly BareSession[], signal: AbortSignal | undefined): Promise<PrivilegedSession[]> {
    const edges = sessions.map(({ happenings }) =>
      happenings.filter(({ kind }) => kind === 'started' || kind === 'ended' || kind === 'cut'),
    );
    const places = edges.flat().flatMap(({ eventId: id, at }) => {
      const place = parseEventId(id);
      return place === undefined ? [] : [{ ts: at, ...place }];
    });
    const events = places.length === 0 ? [] : await fetchEvents(this.#deps.engine, places, { signal });
    const byId = new Map(events.map((event) => [eventId(event.node, event.seq), event]));
    return sessions.map((session, i) => ({
      ...session,
      ...detailsOf((edges[i] ?? []).flatMap(({ eventId: id }) => byId.get(id) ?? [])),
    }));
  }

  *#sessionsOf(
    products: readonly SessionEvents[],
    events: readonly SessionEvent[],
    { from, to }: Window,
    { isWanted, most }: Pick<Reading, 'isWanted' | 'most'>,
  ): Steps<Placed[]> {
    const found: Candidate[] = [];
    for (const product of products) {
      const own = events.filter(({ dataset }) => product.datasets.includes(dataset));
      const judging = yield* this.#judging(product, own);
      for (const paired of yield* pairSessions(product, own, judging.longestMs)) {
        yield;
        const place = { ts: momentOf(paired), node: paired.first.node, seq: paired.first.seq };
        const candidate = { paired, judging, place };
        if (place.ts >= from && place.ts < to && isWanted(candidate)) found.push(candidate);
      }
    }
    const newest = (yield* sorted(found, (a, b) => newestFirst(a.place, b.place))).slice(0, most);
    return yield* mapped(newest, ({ paired, judging, place }) => ({ session: sessionOf(paired, judging), place }));
  }

  *#judging(product: SessionEvents, events: readonly SessionEvent[]): Steps<Judging> {
    const zone = zoneOf(this.#deps.settings().time_zone) ?? UTC;
    const requests = yield* byAsker(yield* requestsIn(product, events, zone, 'session'));
    return { product, now: this.#deps.now(), longestMs: this.#longestMs, requests };
  }
}

const both =
  (one: Condition, other: Condition): Condition =>
  (reading) =>
    sql`${one(reading)} AND ${other(reading)}`;

function namedIn(field: string, names: readonly string[], now: number): Condition {
  const nodes = names.map((name): QueryNode => ({ type: 'is', field, pattern: patternOf([name]) }));
  return conditionOf({ type: 'or', nodes }, now);
}

/** Cuts a range into stretches, the latest first. What of it is in the future, where wrong clocks live, belongs to the first. */
function stretchesOf({ from, to }: Window, now: number): Window[] {
  const stretches: Window[] = [];
  for (let end = to; end > from; ) {
    const begin = Math.max(from, Math.min(end, now) - (STRETCHES[stretches.length] ?? LAST_STRETCH));
    stretches.push({ from: begin, to: end });
    end = begin;
  }
  return stretches;
}

const newestFirst = (a: Position, b: Position): number => b.ts - a.ts || b.node - a.node || b.seq - a.seq;

/** Newest first: whether a place comes after another in a list. */
const isOlder = (place: Position, than: Position | undefined): boolean => than === undefined || newestFirst(place, than) > 0;

/** What takes longest to find out is asked last. */
function meets({ paired, judging }: Candidate, wish: SessionSearch): boolean {
  const { account, host, address } = whoseOf(paired);
  const has = (text: string, part: string | undefined): boolean => part === undefined || text.toLowerCase().includes(part.toLowerCase());
  return (
    (wish.account === undefined || account.toLowerCase() === wish.account.toLowerCase()) &&
    (has(host, wish.target) || has(address, wish.target)) &&
    (wish.state === undefined || stateOf(paired, judging) === wish.state) &&
    (wish.approvals === undefined || wish.approvals.includes(sessionApproval(paired, judging)))
  );
}

/** Events by which a session is known have what is told of it beside. */
function detailsOf(events: readonly Event[]): SessionDetails {
  const said = (field: string): string => {
    const value = events.map(({ fields }) => fields[field]).find((each) => each !== undefined && each !== null && each !== '');
    const first = Array.isArray(value) ? (value[0] as unknown) : value;
    return typeof first === 'string' || typeof first === 'number' ? String(first) : '';
  };
  return { vault: said('host.name'), fullName: said('user.full_name'), port: said('destination.port'), source: said('source.ip') };
}
