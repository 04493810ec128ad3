import type { Value } from '../../model/event.ts';
import { FieldSet } from '../../model/field-set.ts';
import type { Heard } from '../../model/heard.ts';
import type { LiveEvent } from '../../model/live-event.ts';
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
/** What is noted is true to within a step; who spoke less than this part of it ago speaks. */
const FRESH_SHARE = 10;

/** One for all events, each in its turn: an object for each would be most of the cost. */
class Turn implements Judged {
  fields = new FieldSet();
  timestamp = 0;
  receivedAt = 0;
  source = '';
  #raw: Buffer = Buffer.alloc(0);

  begin({ fields, timestamp, receivedAt, source, raw }: LiveEvent): void {
    this.fields = fields;
    this.timestamp = timestamp;
    this.receivedAt = receivedAt;
    this.source = source;
    this.#raw = raw;
  }

  /** Asked for only where a detection searches in it. */
  get text(): string {
    return this.#raw.toString('utf8');
  }
}

/** The key where everything is watched together. */
const EVERYTHING = '[]';

/** What is known of one key here: the state database knows the rest. */
class Voice {
  readonly key: string;
  readonly group: Readonly<Record<string, string>>;
  lastAt = Number.NEGATIVE_INFINITY;
  notedAt = Number.NEGATIVE_INFINITY;
  moments: number[] = [];
  /** Where one event is not enough: when the last were received, in a ring of which `oldest` is the first. */
  readonly recent: number[] = [];
  oldest = 0;

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
  readonly name: string;
  readonly ask: Ask | undefined;
  readonly #names: readonly string[];
  readonly #reads: readonly ((event: Judged) => Value | undefined)[];
  readonly #stepMs: number;
  /** Who was heard so shortly ago is not listened to: of a thousand events a second most cost next to nothing. */
  readonly #freshMs: number;
  readonly #times: number;
  readonly #withinMs: number;
  /** When the first event was heard here: what came before it, before a restart, is not known. */
  #beganAt: number | undefined;
  #spelled: Voices = new Map();
  #voices = new Map<string, Voice>();
  #spellings = 0;
  #noted = new Set<Voice>();
  #sweptAt = 0;
  /** Events whose key was one too many. */
  refused = 0;

  constructor(silence: Silence, slots: Slots, predicates: Predicates) {
    this.identity = silence.identity;
    this.name = silence.name;
    this.ask = silence.tree === undefined ? undefined : compileTree(silence.tree, predicates);
    this.#names = silence.groupBy;
    this.#reads = silence.paths.map((paths) => slots.reader(slots.slot(paths)));
    this.#stepMs = stepOf(silence);
    this.#times = silence.times;
    this.#withinMs = silence.expectMs ?? 0;
    // Where events are counted none may be left out.
    this.#freshMs = silence.times === 1 ? this.#stepMs / FRESH_SHARE : 0;
  }

  /** Nothing is made for an event of a key that is known: this runs for each. `isMeant`: whether the detection holds, asked only where it matters. */
  hear(event: Turn, isMeant: () => boolean): void {
    const at = event.receivedAt;
    const known = this.#known(event);
    if (known === null || (known !== undefined && at >= known.lastAt && at - known.lastAt < this.#freshMs)) return;
    if (this.ask !== undefined && !isMeant()) return;
    const voice = known ?? this.#meet(event);
    if (voice === undefined) return;
    const spoke = this.#times === 1 ? at : this.#spokeAt(voice, at);
    if (spoke === undefined) return;
    if (spoke - voice.lastAt >= this.#stepMs || spoke < voice.lastAt) this.#noteSpeaking(voice, spoke);
    voice.lastAt = spoke;
  }

  /**
   * Where several events are expected within a time, it has spoken when the first of the last so many came: so long after that moment there
   * are too few. Undefined: there are too few now. While it is not known what came before, one is enough.
   */
  #spokeAt(voice: Voice, at: number): number | undefined {
    const { recent } = voice;
    this.#beganAt ??= at;
    const last = recent.at(voice.oldest - 1);
    // A clock that was set back: what was known is of another time.
    if (last !== undefined && at < last) {
      recent.length = 0;
      voice.oldest = 0;
      this.#beganAt = at;
    }
    if (recent.length < this.#times) recent.push(at);
    else {
      recent[voice.oldest] = at;
      voice.oldest = (voice.oldest + 1) % this.#times;
    }
    if (voice.lastAt === Number.NEGATIVE_INFINITY || at - this.#beganAt < this.#withinMs) return at;
    const first = recent.length < this.#times ? undefined : recent[voice.oldest];
    return first !== undefined && at - first <= this.#withinMs && first > voice.lastAt ? first : undefined;
  }

  /** After a silence, both its ends are noted. */
  #noteSpeaking(voice: Voice, at: number): void {
    if (voice.lastAt > voice.notedAt) voice.note(voice.lastAt);
    voice.note(at);
    this.#noted.add(voice);
  }

  /** Undefined: not met before. Null: the event says nothing of whom. */
  #known(event: Judged): Voice | undefined | null {
    if (this.#reads.length === 0) return this.#voices.get(EVERYTHING);
    let level = this.#spelled;
    for (const read of this.#reads) {
      const value = read(event);
      const text = typeof value === 'string' ? value : groupText(value);
      if (text === undefined || text === '') return null;
      const next = level.get(text);
      if (next === undefined || next instanceof Voice) return next;
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

const always = () => true;

/** Hears who speaks that is watched for silence, and notes it now and then: what is noted goes into the state database. */
export class SilenceTap {
  readonly #slots = new Slots();
  readonly #predicates = new Predicates(this.#slots);
  readonly #view = new EventView(this.#slots);
  readonly #turn = new Turn();
  /** Whether the event is in view. */
  #shown = false;
  readonly #onRefused: (rule: string, events: number) => void;
  readonly #ears: readonly Ear[];
  readonly #everyEvent: readonly Ear[];
  /** By what an event's log source is. */
  readonly #router: Router<Ear, readonly Ear[]> | undefined;

  /** `onRefused`: so many events had a key that was one too many. */
  constructor(silences: readonly Silence[], onRefused: (rule: string, events: number) => void = () => undefined) {
    this.#onRefused = onRefused;
    const all = silences.map((silence) => ({ ear: new Ear(silence, this.#slots, this.#predicates), route: silence.route }));
    this.#ears = all.map(({ ear }) => ear);
    this.#everyEvent = all.flatMap(({ ear, route }) => (route.length === 0 ? [ear] : []));
    const routed = all.flatMap(({ ear, route }) => (route.length === 0 ? [] : [{ route, member: ear }]));
    if (routed.length > 0) this.#router = new Router(routed, (ears) => ears);
  }

  hear(event: LiveEvent): void {
    if (this.#ears.length === 0) return;
    this.#shown = false;
    this.#turn.begin(event);
    for (const ear of this.#everyEvent) this.#hearBy(ear);
    if (this.#router === undefined) return;
    for (const ear of this.#router.lane(this.#turn)) this.#hearBy(ear);
  }

  #hearBy(ear: Ear): void {
    const { ask } = ear;
    if (ask === undefined) ear.hear(this.#turn, always);
    else ear.hear(this.#turn, () => ask(this.#inView()));
  }

  #inView(): EventView {
    if (!this.#shown) {
      this.#view.show(this.#turn);
      this.#predicates.forget();
      this.#shown = true;
    }
    return this.#view;
  }

  /** What is to be noted, after a block that ends at `at`: milliseconds since the epoch, of receipt. */
  take(at: number): Heard[] {
    return this.#ears.flatMap((ear) => {
      if (ear.refused > 0) this.#onRefused(ear.name, ear.refused);
      ear.refused = 0;
      return ear.take(at);
    });
  }
}
