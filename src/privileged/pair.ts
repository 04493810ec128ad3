import type { SessionDeed, SessionEvents } from '../model/privileged-session.ts';
import { inOrder, keyOf, personOf, type SessionEvent, textOf } from './session-event.ts';

/** The events of one session. */
export interface Paired {
  /** What it is known by: what opened it, or what ended it where that was not heard. */
  readonly first: SessionEvent;
  readonly opened?: SessionEvent | undefined;
  /** What ended it, or cut it off. */
  readonly closed?: SessionEvent | undefined;
  readonly cut?: SessionEvent | undefined;
  /** When it began: by its own event, or as its end says. */
  readonly startedAt?: number | undefined;
  /** The same events once more. */
  readonly repeats: readonly SessionEvent[];
  readonly deeds: readonly { readonly event: SessionEvent; readonly deed: SessionDeed }[];
}

interface Draft extends Paired {
  closed?: SessionEvent;
  cut?: SessionEvent;
  readonly repeats: SessionEvent[];
  readonly deeds: { event: SessionEvent; deed: SessionDeed }[];
}

/** Ends tell when it began to the second; the event of the beginning may be finer. */
const TOLD_MS = 2_000;

/**
 * Makes sessions of a product's events, in whatever order they came.
 *
 * An end belongs to the latest start with the same key that has none yet and is no older than `longestMs`. So what a start pairs with depends on the
 * events of `longestMs` after it alone, and what has no start on those of `longestMs` before it: a stretch of time can be read by itself.
 */
export function pairSessions(product: SessionEvents, events: readonly SessionEvent[], longestMs: number): Paired[] {
  const ordered = events.toSorted(inOrder);
  const edges = Map.groupBy(
    ordered.filter((event) => opens(product, event) || closes(product, event)),
    (event) => keyOf(event, product),
  );
  const byKey = new Map<string, readonly Draft[]>();
  for (const [key, own] of edges) if (key !== undefined) byKey.set(key, new KeyPairing(product, longestMs).pair(own));
  addDeeds(product, ordered, byKey, longestMs);
  return [...byKey.values()].flat();
}

const opens = (product: SessionEvents, { action }: SessionEvent): boolean => product.opens.includes(action);
const cuts = (product: SessionEvents, { action }: SessionEvent): boolean => product.cuts.includes(action);
const closes = (product: SessionEvents, event: SessionEvent): boolean => product.ends.includes(event.action) || cuts(product, event);

/** Pairs the events of one key. */
class KeyPairing {
  readonly #product: SessionEvents;
  readonly #longestMs: number;
  readonly #all: Draft[] = [];
  /** Those that may still get an end, the latest last. */
  #open: Draft[] = [];

  constructor(product: SessionEvents, longestMs: number) {
    this.#product = product;
    this.#longestMs = longestMs;
  }

  /** `events` in order. */
  pair(events: readonly SessionEvent[]): readonly Draft[] {
    for (const together of Map.groupBy(events, ({ at }) => at).values()) this.#pairMoment(together);
    return this.#all;
  }

  /** Of one moment: an end is first that of what began before; what is left over ends what began in this very moment. */
  #pairMoment(events: readonly SessionEvent[]): void {
    const [starts, ends] = [true, false].map((wanted) => events.filter((event) => opens(this.#product, event) === wanted));
    const left = (ends ?? []).filter((event) => !this.#close(event));
    const [start, ...startsAgain] = starts ?? [];
    if (start !== undefined) this.#start(start, startsAgain);
    for (const event of left) if (!this.#close(event) && !this.#isEndedAlready(event)) this.#startUnheard(event);
  }

  /** One of the very same second is the same one, sent again. */
  #start(event: SessionEvent, repeats: SessionEvent[]): void {
    const draft: Draft = { first: event, opened: event, startedAt: event.at, repeats, deeds: [] };
    // What was cut off and told no end of its own is over when the next one begins.
    this.#open = this.#open.filter(({ cut }) => cut === undefined);
    this.#open.push(draft);
    this.#all.push(draft);
  }

  /** Ends what is open, or cuts it off; false where there is nothing. */
  #close(event: SessionEvent): boolean {
    this.#open = this.#open.filter((draft) => event.at - (draft.startedAt ?? draft.first.at) <= this.#longestMs);
    const draft = this.#endedBy(event);
    if (draft === undefined) return false;
    draft.closed = event;
    if (cuts(this.#product, event)) draft.cut ??= event;
    else this.#open = this.#open.filter((each) => each !== draft);
    return true;
  }

  /** The session with the beginning that the end tells; the latest where it tells none. */
  #endedBy(event: SessionEvent): Draft | undefined {
    const told = this.#toldStart(event);
    if (told === undefined) return this.#open.at(-1);
    return this.#open.findLast(({ startedAt }) => startedAt !== undefined && Math.abs(startedAt - told) <= TOLD_MS);
  }

  #toldStart(event: SessionEvent): number | undefined {
    const { began } = this.#product;
    const told = began === undefined ? Number.NaN : Date.parse(textOf(event, began));
    return told <= event.at && event.at - told <= this.#longestMs ? told : undefined;
  }

  /** The end of this very second, sent again when nothing is open any more. */
  #isEndedAlready(event: SessionEvent): boolean {
    const known = this.#all.findLast(({ closed }) => closed?.at === event.at && closed.action === event.action);
    known?.repeats.push(event);
    return known !== undefined;
  }

  #startUnheard(event: SessionEvent): void {
    const isCut = cuts(this.#product, event);
    const startedAt = this.#toldStart(event);
    const draft: Draft = { first: event, closed: event, ...(isCut && { cut: event }), startedAt, repeats: [], deeds: [] };
    if (isCut) this.#open.push(draft);
    this.#all.push(draft);
  }
}

/** What happened in sessions. An event that does not say in which belongs to the only one that its person had then, or to none. */
function addDeeds(
  product: SessionEvents,
  events: readonly SessionEvent[],
  byKey: ReadonlyMap<string, readonly Draft[]>,
  longestMs: number,
): void {
  const byPerson = Map.groupBy([...byKey.values()].flat(), ({ first }) => personOf(first));
  for (const event of events) {
    const deed = product.deeds[event.action];
    if (deed === undefined) continue;
    const key = keyOf(event, product);
    const own = key === undefined ? byPerson.get(personOf(event)) : byKey.get(key);
    const during = own?.filter((draft) => spans(draft, event, longestMs)) ?? [];
    if (key !== undefined || during.length === 1) during.at(-1)?.deeds.push({ event, deed });
  }
}

function spans({ startedAt, closed, cut }: Draft, { at }: SessionEvent, longestMs: number): boolean {
  return cut?.at === at || (startedAt !== undefined && startedAt <= at && at <= (closed?.at ?? startedAt + longestMs));
}
