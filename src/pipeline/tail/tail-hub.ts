import type { Event } from '../../model/event.ts';
import type { QueryNode } from '../../store/search/node.ts';
import { printQuery } from '../../store/search/print.ts';
import type { FollowedQuery, TailBatch, TailStart } from './tail-contract.ts';

/** Who follows a query. What it is told is told to others too: it must not be changed, and telling must not take long. */
export interface TailListener {
  /** In order. All listeners of one query get the very same array. */
  events(events: readonly Event[]): void;
  /** `rate`: matches beyond the rate. `busy`: events that were not looked at. */
  skipped(count: number, why: 'rate' | 'busy'): void;
}

export interface Following {
  /** The last event judged before; 0 or undefined: not known, because the judge thread is new. */
  readonly lastSeq: number | undefined;
  stop(): void;
}

interface Followed extends FollowedQuery {
  readonly listeners: Set<TailListener>;
  lastSeq: number;
}

/** The live tail as the main thread has it: who follows what. Equal queries are one to the judge thread. */
export class TailHub {
  readonly #tell: (queries: readonly FollowedQuery[]) => Promise<TailStart>;
  readonly #followed = new Map<string, Followed>();
  #nextId = 1;

  /** `tell` gives the judge thread the queries; rejects while there is none, and then brings them when there is one again. */
  constructor(tell: (queries: readonly FollowedQuery[]) => Promise<TailStart>) {
    this.#tell = tell;
  }

  async follow(query: QueryNode, listener: TailListener): Promise<Following> {
    const key = printQuery(query);
    let followed = this.#followed.get(key);
    if (followed === undefined) {
      followed = { id: this.#nextId++, query, listeners: new Set(), lastSeq: 0 };
      this.#followed.set(key, followed);
    }
    const { listeners } = followed;
    listeners.add(listener);
    // Also for a query that is followed already: it tells where the judge thread is.
    const start = await this.#tellAll().catch(() => undefined);
    return {
      lastSeq: start?.lastSeq,
      stop: () => {
        listeners.delete(listener);
        if (listeners.size > 0 || this.#followed.get(key)?.listeners !== listeners) return;
        this.#followed.delete(key);
        this.#tellAll().catch(() => undefined);
      },
    };
  }

  deliver({ events, skipped, unchecked }: TailBatch): void {
    const byQuery = new Map<number, Event[]>();
    for (const { event, queries } of events) for (const id of queries) (byQuery.get(id) ?? set(byQuery, id)).push(event);
    const skippedOf = new Map(skipped.map(({ query, count }) => [query, count]));
    for (const followed of this.#followed.values()) {
      const fresh = news(byQuery.get(followed.id) ?? [], followed);
      const beyond = skippedOf.get(followed.id) ?? 0;
      for (const listener of followed.listeners) {
        if (fresh.length > 0) listener.events(fresh);
        if (beyond > 0) listener.skipped(beyond, 'rate');
        if (unchecked > 0) listener.skipped(unchecked, 'busy');
      }
    }
  }

  #tellAll(): Promise<TailStart> {
    return this.#tell([...this.#followed.values()].map(({ id, query }) => ({ id, query })));
  }
}

function set(byQuery: Map<number, Event[]>, id: number): Event[] {
  const events: Event[] = [];
  byQuery.set(id, events);
  return events;
}

/** A judge thread that was started anew judges again what was not yet stored: nobody sees an event twice. */
function news(events: readonly Event[], followed: Followed): readonly Event[] {
  const fresh = (events[0]?.seq ?? 0) > followed.lastSeq ? events : events.filter(({ seq }) => seq > followed.lastSeq);
  followed.lastSeq = Math.max(followed.lastSeq, events.at(-1)?.seq ?? 0);
  return fresh;
}
