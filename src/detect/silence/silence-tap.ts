import type { Value } from '../../model/event.ts';
import type { Heard } from '../../model/heard.ts';
import { groupText } from '../correlate/values.ts';
import { fold } from '../sigma/fold.ts';
import type { Silence } from '../sigma/silence-document.ts';
import { EventView, Slots } from '../stream/event-view.ts';
import type { Judged } from '../stream/judged.ts';
import { type Ask, compileTree, Predicates } from '../stream/predicates.ts';
import { Router } from '../stream/router.ts';
import { stepOf } from './rhythm.ts';

/** Senders choose names of hosts: what one rule watches is bounded. */
export const MOST_KEYS = 10_000;
/** A key longer than this watches nothing that a person would name. */
const MOST_KEY_CHARS = 1_024;

/** An event as the tap sees it. `text` is asked for only where a detection searches in it. */
export type Audible = Judged & { readonly receivedAt: number };

/** What is known of one key here: the state database knows the rest. */
class Voice {
  readonly key: string;
  readonly group: Readonly<Record<string, string>>;
  lastAt = Number.NEGATIVE_INFINITY;
  notedAt = Number.NEGATIVE_INFINITY;
  moments: number[] = [];

  constructor(key: string, group: Readonly<Record<string, string>>) {
    this.key = key;
    this.group = group;
  }

  note(at: number): void {
    this.moments.push(at);
    this.notedAt = at;
  }
}

/** The values of one field, and below each those of the next; after the last field the voice. Keys are as events spell them. */
type Voices = Map<string, Voice | Voices>;

/** One rule's ear. */
class Ear {
  readonly identity: string;
  readonly ask: Ask | undefined;
  readonly #names: readonly string[];
  readonly #reads: readonly ((event: Judged) => Value | undefined)[];
  readonly #stepMs: number;
  #spelled: Voices = new Map();
  #voices = new Map<string, Voice>();
  #spellings = 0;
  #noted = new Set<Voice>();
  #sweptAt = 0;
  /** Keys that were too many, since this was asked last. */
  refused = 0;

  constructor(silence: Silence, slots: Slots, predicates: Predicates) {
    this.identity = silence.identity;
    this.ask = silence.tree === undefined ? undefined : compileTree(silence.tree, predicates);
    this.#names = silence.groupBy;
    this.#reads = silence.paths.map((paths) => slots.reader(slots.slot(paths)));
    this.#stepMs = stepOf(silence);
  }

  /** Nothing is made for an event of a key that is known: this runs for each. */
  hear(event: Audible): void {
    const at = event.receivedAt;
    const voice = this.#voiceOf(event);
    if (voice === undefined) return;
    if (at - voice.lastAt >= this.#stepMs || at < voice.lastAt) this.#noteSpeaking(voice, at);
    voice.lastAt = at;
  }

  /** After a silence, both its ends are noted. */
  #noteSpeaking(voice: Voice, at: number): void {
    if (voice.lastAt > voice.notedAt) voice.note(voice.lastAt);
    voice.note(at);
    this.#noted.add(voice);
  }

  #voiceOf(event: Judged): Voice | undefined {
    let level = this.#spelled;
    for (const read of this.#reads) {
      const value = read(event);
      const text = typeof value === 'string' ? value : groupText(value);
      if (text === undefined || text === '') return undefined;
      const next = level.get(text);
      if (next === undefined) return this.#meet(event);
      if (next instanceof Voice) return next;
      level = next;
    }
    return undefined;
  }

  /** A spelling that was not met before, perhaps of a key that is known. */
  #meet(event: Judged): Voice | undefined {
    const texts = this.#reads.map((read) => groupText(read(event)) ?? '');
    const key = JSON.stringify(texts.map(fold));
    if (texts.includes('') || key.length > MOST_KEY_CHARS) return undefined;
    if (this.#spellings >= MOST_KEYS) {
      this.refused++;
      return undefined;
    }
    this.#spellings++;
    const voice = this.#voices.get(key) ?? new Voice(key, Object.fromEntries(this.#names.map((name, i) => [name, texts[i] ?? ''])));
    this.#voices.set(key, voice);
    let level = this.#spelled;
    for (const text of texts.slice(0, -1)) {
      const next = level.get(text);
      const below: Voices = next instanceof Map ? next : new Map();
      level.set(text, below);
      level = below;
    }
    level.set(texts.at(-1) ?? '', voice);
    return voice;
  }

  /** What is to be noted, after a block that ends at `at`. */
  take(at: number): Heard[] {
    if (at - this.#sweptAt >= this.#stepMs || at < this.#sweptAt) this.#sweep(at);
    if (this.#noted.size === 0) return [];
    const heard = [...this.#noted].map(({ key, group, moments }) => ({ identity: this.identity, key, group, at: moments }));
    for (const voice of this.#noted) voice.moments = [];
    this.#noted.clear();
    return heard;
  }

  #sweep(at: number): void {
    this.#sweptAt = at;
    for (const voice of this.#voices.values()) {
      if (voice.lastAt <= voice.notedAt) continue;
      voice.note(voice.lastAt);
      this.#noted.add(voice);
    }
    // Names come and go. All that is lost is when each was noted last.
    if (this.#spellings < MOST_KEYS) return;
    this.#spelled = new Map();
    this.#voices = new Map();
    this.#spellings = 0;
  }
}

/** Hears who speaks that is watched for silence, and notes it now and then: what is noted goes into the state database. */
export class SilenceTap {
  readonly #slots = new Slots();
  readonly #predicates = new Predicates(this.#slots);
  readonly #view = new EventView(this.#slots);
  readonly #ears: readonly Ear[];
  readonly #everyEvent: readonly Ear[];
  /** By what an event's log source is. */
  readonly #router: Router<Ear, readonly Ear[]> | undefined;

  constructor(silences: readonly Silence[]) {
    const all = silences.map((silence) => ({ ear: new Ear(silence, this.#slots, this.#predicates), route: silence.route }));
    this.#ears = all.map(({ ear }) => ear);
    this.#everyEvent = all.flatMap(({ ear, route }) => (route.length === 0 ? [ear] : []));
    const routed = all.flatMap(({ ear, route }) => (route.length === 0 ? [] : [{ route, member: ear }]));
    if (routed.length > 0) this.#router = new Router(routed, (ears) => ears);
  }

  hear(event: Audible): void {
    this.#shown = false;
    for (const ear of this.#everyEvent) this.#hearBy(ear, event);
    if (this.#router === undefined) return;
    for (const ear of this.#router.lane(event)) this.#hearBy(ear, event);
  }

  #shown = false;

  #hearBy(ear: Ear, event: Audible): void {
    if (ear.ask !== undefined) {
      if (!this.#shown) {
        this.#view.show(event);
        this.#predicates.forget();
        this.#shown = true;
      }
      if (!ear.ask(this.#view)) return;
    }
    ear.hear(event);
  }

  /** What is to be noted, after a block that ends at `at`: milliseconds since the epoch, of receipt. */
  take(at: number): Heard[] {
    return this.#ears.flatMap((ear) => ear.take(at));
  }

  /** By identity, how many events had a key that was too many, since this was asked last. */
  refused(): { readonly identity: string; readonly count: number }[] {
    return this.#ears.flatMap((ear) => {
      const { identity, refused: count } = ear;
      ear.refused = 0;
      return count === 0 ? [] : [{ identity, count }];
    });
  }
}
