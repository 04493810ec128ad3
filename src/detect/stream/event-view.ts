import type { Value } from '../../model/event.ts';
import { FieldSet, slotOf } from '../../model/field-set.ts';
import { fold } from '../sigma/fold.ts';
import { RECEIVED } from '../sigma/tree.ts';
import type { Budget } from './budget.ts';
import type { Judged } from './judged.ts';
import { NestedFields, readNested } from './nested-reader.ts';
import { below, collectStrings, elements, isList, isMap, textOf } from './values.ts';

/** Texts of a field: none, one, or several. */
export type Texts = string | readonly string[] | undefined;

type Read = (event: Judged) => Value | undefined;

/** The fields that a set of rules asks for. Each has a number, the slot, under which an {@link EventView} answers. */
export class Slots {
  readonly #numbers = new Map<string, number>();
  readonly #reads: Read[] = [];
  readonly #paths: (readonly string[])[] = [];

  /** `paths`: the first that is there counts. */
  slot(paths: readonly string[]): number {
    const key = paths.join('\n');
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#reads.length);
    const reads = paths.map(readerOf);
    const [only] = reads;
    this.#reads.push(reads.length === 1 && only ? only : (event) => firstThere(reads, event));
    this.#paths.push(paths);
    return this.#reads.length - 1;
  }

  reader(slot: number): Read {
    return this.#reads[slot] ?? (() => undefined);
  }

  paths(slot: number): readonly string[] {
    return this.#paths[slot] ?? [];
  }
}

function firstThere(reads: readonly Read[], event: Judged): Value | undefined {
  for (const read of reads) {
    const value = read(event);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** How to read a path: `a.b`, `a.b[n]`, a field that every event has, or a path into the maps of an array. */
function readerOf(path: string): Read {
  if (path === RECEIVED) return (event) => event.receivedAt ?? event.timestamp;
  const element = /^(.+)\[(\d{1,4})\]$/.exec(path);
  if (element) {
    const list = readerOf(element[1] ?? '');
    const index = Number(element[2]);
    return (event) => {
      const value = list(event);
      return isList(value) ? value[index] : undefined;
    };
  }
  const flat = flatReader(path);
  const nested = readNested(path);
  return (event) => (event.fields instanceof NestedFields ? nested(event.fields.document) : flat(event, event.fields));
}

function flatReader(path: string): (event: Judged, fields: FieldSet) => Value | undefined {
  if (path === '@timestamp') return (event) => isoTime(event.timestamp);
  if (path === 'event.original') return (event) => event.text;
  if (path === 'earshot.source') return (event) => event.source;
  const words = path.split('.');
  const parents = words.slice(1).map((_, i) => ({ key: words.slice(0, i + 1).join('.'), rest: words.slice(i + 1) }));
  const slot = slotOf(path);
  return (_, fields) => {
    const value = slot === -1 ? fields.getOther(path) : fields.slots[slot];
    if (value !== undefined) return value;
    for (const { key, rest } of parents) {
      const parent = fields.get(key);
      if (typeof parent === 'object' && parent !== null && isList(parent)) return below(parent, rest);
    }
    return undefined;
  };
}

const isoTime = (timestamp: number): string | undefined => {
  const date = new Date(timestamp);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
};

/** Something made of a field's value; the name stands for it. */
export interface Derived<T> {
  readonly name: string;
  readonly make: (view: EventView, slot: number) => T;
}

/** One event as the rules see it. Values are read once, and folded once, when they are asked for. Reused from event to event. */
export class EventView {
  readonly #slots: Slots;
  #event: Judged = { fields: new FieldSet(), text: '', timestamp: 0, source: '' };
  #generation = 0;
  readonly #readAt: number[] = [];
  readonly #values: (Value | undefined)[] = [];
  readonly #textsAt: number[] = [];
  readonly #texts: Texts[] = [];
  readonly #foldedAt: number[] = [];
  readonly #folded: Texts[] = [];
  /** Long texts of this event, and their folded form. */
  readonly #foldings = new Map<string, string>();
  readonly #derived = new Map<string, unknown>();
  #strings: readonly string[] | undefined;
  #haystacks: readonly string[] | undefined;
  #foldedHaystacks: readonly string[] | undefined;
  readonly #budget: Budget | undefined;
  #spent = 0;
  #refusals = 0;

  /** Without a budget, all work is done. */
  constructor(slots: Slots, budget?: Budget) {
    this.#slots = slots;
    this.#budget = budget;
  }

  /** Whether this work may be done on the event in view. False: the question is left open, and that is counted. */
  affords(steps: number): boolean {
    if (this.#budget === undefined) return true;
    if (steps <= this.#budget.question && this.#spent + steps <= this.#budget.event) {
      this.#spent += steps;
      return true;
    }
    this.leaveOpen();
    return false;
  }

  /** A question on the event in view has no answer, and what follows from it counts for nothing. */
  leaveOpen(): void {
    this.#refusals++;
  }

  /** How many questions were left open so far; only its change says something. */
  get leftOpen(): number {
    return this.#refusals;
  }

  show(event: Judged): void {
    this.#event = event;
    this.#generation++;
    this.#spent = 0;
    this.#strings = undefined;
    this.#haystacks = undefined;
    this.#foldedHaystacks = undefined;
    if (this.#foldings.size > 0) this.#foldings.clear();
    if (this.#derived.size > 0) this.#derived.clear();
  }

  /** The folded form of a text of the event; of a long one it is found once. */
  readonly folding = (text: string): string => {
    if (text.length < LONG_FOLD) return fold(text);
    let folded = this.#foldings.get(text);
    if (folded === undefined) {
      folded = fold(text);
      this.#foldings.set(text, folded);
    }
    return folded;
  };

  /** What is made of a field's value, such as the addresses in it: made once an event, whoever asks. */
  derived<T>(slot: number, what: Derived<T>): T {
    const key = `${slot}\n${what.name}`;
    if (!this.#derived.has(key)) this.#derived.set(key, what.make(this, slot));
    return this.#derived.get(key) as T;
  }

  value(slot: number): Value | undefined {
    if (this.#readAt[slot] === this.#generation) return this.#values[slot];
    const value = this.#slots.reader(slot)(this.#event);
    this.#readAt[slot] = this.#generation;
    this.#values[slot] = value;
    return value;
  }

  /** The single values of a field; of an array, its elements. */
  elements(slot: number): readonly Value[] {
    const value = this.value(slot);
    return value === undefined ? [] : isList(value) ? this.derived(slot, ELEMENTS) : [value];
  }

  texts(slot: number): Texts {
    if (this.#textsAt[slot] === this.#generation) return this.#texts[slot];
    const texts = textsOf(this.value(slot));
    this.#textsAt[slot] = this.#generation;
    this.#texts[slot] = texts;
    return texts;
  }

  folded(slot: number): Texts {
    if (this.#foldedAt[slot] === this.#generation) return this.#folded[slot];
    const texts = this.texts(slot);
    const folded = texts === undefined ? undefined : typeof texts === 'string' ? this.folding(texts) : texts.map(this.folding);
    this.#foldedAt[slot] = this.#generation;
    this.#folded[slot] = folded;
    return folded;
  }

  /** The field is there, be its value empty or null; a map is there when something in it is. */
  has(slot: number): boolean {
    const value = this.value(slot);
    const { fields } = this.#event;
    const nested = fields instanceof NestedFields;
    if (value !== undefined && !(nested && isMap(value))) return true;
    const paths = this.#slots.paths(slot);
    if (nested) return paths.some((path) => fields.hasBelow(path));
    return paths.some((path) => [...fields].some(([key]) => key.startsWith(path) && key.charAt(path.length) === '.'));
  }

  /** Which of a field's paths the event has. */
  pathOf(paths: readonly string[]): string | undefined {
    return paths.length === 1 ? paths[0] : paths.find((path) => readerOf(path)(this.#event) !== undefined);
  }

  /** Every text of the event, the raw message first. */
  strings(): readonly string[] {
    if (this.#strings) return this.#strings;
    const { fields, text } = this.#event;
    const found: string[] = [text];
    if (fields instanceof NestedFields) for (const value of fields.values()) collectStrings(value, found);
    else for (const [, value] of fields) collectStrings(value, found);
    this.#strings = found;
    return found;
  }

  /** The texts in which to look for a part of a text: long ones that are in the raw message are left out, as it holds what they hold. */
  haystacks(): readonly string[] {
    const { text } = this.#event;
    this.#haystacks ??= this.strings().filter((each, i) => i === 0 || each.length < LONG || !text.includes(each));
    return this.#haystacks;
  }

  foldedHaystacks(): readonly string[] {
    this.#foldedHaystacks ??= this.haystacks().map(this.folding);
    return this.#foldedHaystacks;
  }
}

const ELEMENTS: Derived<readonly Value[]> = { name: 'elements', make: (view, slot) => elements(view.value(slot) ?? []) };

/** To remember the folded form of a shorter text costs more than to fold it again. */
const LONG_FOLD = 256;

/** Looking for a shorter text in the message costs more than searching in it. */
const LONG = 32;

/** The texts by which a value is compared. */
export function textsOf(value: Value | undefined): Texts {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object') return textOf(value);
  return elements(value).flatMap((element) => textOf(element) ?? []);
}
