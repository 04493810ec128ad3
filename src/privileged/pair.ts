import { grouped, mapped, type Steps, sorted } from '../lib/steps.ts';
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
export function* pairSessions(product: SessionEvents, events: readonly SessionEvent[], longestMs: number): Steps<Paired[]> {
  const ordered = yield* sorted(events, inOrder);
  const edges = yield* grouped(ordered, (event) => (opens(product, event) || closes(product, event) ? keyOf(event, product) : undefined));
  const byKey = new Map<string, readonly Draft[]>();
  for (const [key, own] of edges) if (key !== undefined) byKey.set(key, yield* new KeyPairing(product, longestMs).pair(own));
  yield* addDeeds(product, ordered, byKey, longestMs);
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
  /** Those that may still get an end, the latest last; among them some that are too old for one. */
  #open: Draft[] = [];
  /** Whether there may be some of those that were cut off. */
  #hasCut = false;
  /** When one got its end last. */
  #endedAt: number | undefined;

  constructor(product: SessionEvents, longestMs: number) {
    this.#product = product;
    this.#longestMs = longestMs;
  }

  /** `events` in order. */
  *pair(events: readonly SessionEvent[]): Steps<readonly Draft[]> {
    for (const together of (yield* grouped(events, ({ at }) => at)).values()) {
      yield;
      this.#pairMoment(together);
    }
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
    if (this.#hasCut) this.#open = this.#open.filter(({ cut }) => cut === undefined);
    this.#hasCut = false;
    this.#open.push(draft);
    this.#all.push(draft);
  }

  /** Ends what is open, or cuts it off; false where there is nothing. */
  #close(event: SessionEvent): boolean {
    const draft = this.#endedBy(event);
    if (draft === undefined) return false;
    this.#end(draft, event);
    if (!cuts(this.#product, event)) this.#open.splice(this.#open.lastIndexOf(draft), 1);
    return true;
  }

  #end(draft: Draft, event: SessionEvent): void {
    draft.closed = event;
    this.#endedAt = event.at;
    if (!cuts(this.#product, event)) return;
    draft.cut ??= event;
    this.#hasCut = true;
  }

  /** The session with the beginning that the end tells; the latest where it tells none. */
  #endedBy(event: SessionEvent): Draft | undefined {
    const isTooOld = (draft: Draft): boolean => event.at - (draft.startedAt ?? draft.first.at) > this.#longestMs;
    // They are too old for all that follows, and would be looked at each time.
    const young = this.#open.findIndex((draft) => !isTooOld(draft));
    this.#open.splice(0, young === -1 ? this.#open.length : young);
    const told = this.#toldStart(event);
    return this.#open.findLast(
      (draft) => !isTooOld(draft) && (told === undefined || (draft.startedAt !== undefined && Math.abs(draft.startedAt - told) <= TOLD_MS)),
    );
  }

  #toldStart(event: SessionEvent): number | undefined {
    const { began } = this.#product;
    const told = began === undefined ? Number.NaN : Date.parse(textOf(event, began));
    return told <= event.at && event.at - told <= this.#longestMs ? told : undefined;
  }

  /** The end of this very second, sent again when nothing is open any more. */
  #isEndedAlready(event: SessionEvent): boolean {
    // Of a key whose ends alone are heard there are thousands to look through.
    if (this.#endedAt !== event.at) return false;
    const known = this.#all.findLast(({ closed }) => closed?.at === event.at && closed.action === event.action);
    known?.repeats.push(event);
    return known !== undefined;
  }

  #startUnheard(event: SessionEvent): void {
    const draft: Draft = { first: event, startedAt: this.#toldStart(event), repeats: [], deeds: [] };
    this.#end(draft, event);
    if (draft.cut !== undefined) this.#open.push(draft);
    this.#all.push(draft);
  }
}

/** What happened in sessions. An event that does not say in which belongs to the only one that its person had then, or to none. */
function* addDeeds(
  product: SessionEvents,
  events: readonly SessionEvent[],
  byKey: ReadonlyMap<string, readonly Draft[]>,
  longestMs: number,
): Steps<void> {
  const ofPersons = yield* grouped([...byKey.values()].flat(), ({ first }) => personOf(first));
  const ongoing = ([name, drafts]: readonly [string, readonly Draft[]]) => [name, new Ongoing(drafts, longestMs)] as const;
  const [keys, persons] = [new Map(yield* mapped(byKey, ongoing)), new Map(yield* mapped(ofPersons, ongoing))];
  for (const event of events) {
    yield;
    const deed = product.deeds[event.action];
    if (deed === undefined) continue;
    const key = keyOf(event, product);
    const during = (key === undefined ? persons.get(personOf(event)) : keys.get(key))?.at(event.at);
    if (key !== undefined || during?.count === 1) during?.latest?.deeds.push({ event, deed });
  }
}

interface Span {
  readonly draft: Draft;
  readonly from: number;
  readonly to: number;
}

/** Of one that was cut off, and began nobody knows when, that moment is all that is known. */
function spansOf(draft: Draft, longestMs: number): Span[] {
  const { startedAt, closed, cut } = draft;
  if (startedAt !== undefined) return [{ draft, from: startedAt, to: closed?.at ?? startedAt + longestMs }];
  return cut === undefined ? [] : [{ draft, from: cut.at, to: cut.at }];
}

/** Sessions of one key, or of one person, as time goes by: all of them are not looked through for each thing that is done. */
class Ongoing {
  /** What is still to begin and to end, the latest first. */
  readonly #begins: Span[];
  readonly #ends: number[];
  /** What has begun, the latest last; among them some that have ended. */
  readonly #begun: Span[] = [];

  constructor(drafts: readonly Draft[], longestMs: number) {
    const spans = drafts.flatMap((draft) => spansOf(draft, longestMs));
    this.#ends = spans.map(({ to }) => to).sort((a, b) => b - a);
    this.#begins = spans.sort((a, b) => a.from - b.from).reverse();
  }

  /** How many there are at a moment, which is none before the one asked for last, and which of them began last. */
  at(moment: number): { readonly count: number; readonly latest: Draft | undefined } {
    for (const span of popped(this.#begins, ({ from }) => from <= moment).reverse()) this.#begun.push(span);
    popped(this.#ends, (end) => end < moment);
    popped(this.#begun, ({ to }) => to < moment);
    return { count: this.#ends.length - this.#begins.length, latest: this.#begun.at(-1)?.draft };
  }
}

/** Takes from the end all that are so. */
const popped = <T>(stack: T[], isSo: (last: T) => boolean): T[] => stack.splice(stack.findLastIndex((each) => !isSo(each)) + 1);
