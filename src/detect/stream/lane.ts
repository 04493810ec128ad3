import type { Steps } from '../../lib/steps.ts';
import type { EventView } from './event-view.ts';
import { type Finder, Needles } from './needles.ts';
import type { Sign, Witness } from './witness.ts';

/** Rules that an event may concern, each once an event. */
class Taken {
  /** Generation in which a rule was last taken, by rule. */
  readonly #at: Uint32Array;
  #generation = 0;
  #into: number[] = [];

  constructor(rules: number) {
    this.#at = new Uint32Array(rules);
  }

  start(into: number[]): void {
    this.#into = into;
    this.#generation++;
    if (this.#generation <= 0xffff_ffff) return;
    this.#at.fill(0);
    this.#generation = 1;
  }

  take(rules: readonly number[]): void {
    for (const rule of rules) {
      if (this.#at[rule] === this.#generation) continue;
      this.#at[rule] = this.#generation;
      this.#into.push(rule);
    }
  }
}

/** Texts, and the rules to take where one of them is found. */
class TextIndex implements Finder {
  readonly #rules: readonly (readonly number[])[];
  readonly #needles: Needles;
  readonly #taken: Taken;

  constructor(texts: ReadonlyMap<string, readonly number[]>, taken: Taken) {
    this.#needles = new Needles([...texts.keys()].map((text, id) => ({ text, id })));
    this.#rules = [...texts.values()];
    this.#taken = taken;
  }

  search(text: string, folding: (text: string) => string): void {
    this.#needles.search(text, this, folding);
  }

  found(id: number): void {
    this.#taken.take(this.#rules[id] ?? NONE);
  }
}

const NONE: readonly number[] = [];

/** What the signs of one field lead to. */
class FieldIndex {
  readonly #slot: number;
  readonly #there: readonly number[];
  readonly #equal: ReadonlyMap<string, readonly number[]>;
  readonly #holds: TextIndex | undefined;
  readonly #taken: Taken;

  constructor(slot: number, signs: FieldSigns, taken: Taken) {
    this.#slot = slot;
    this.#there = signs.there;
    this.#equal = signs.equal;
    this.#holds = signs.holds.size > 0 ? new TextIndex(signs.holds, taken) : undefined;
    this.#taken = taken;
  }

  collect(view: EventView): void {
    const value = view.value(this.#slot);
    if (value === undefined || value === null) return;
    if (this.#there.length > 0) this.#taken.take(this.#there);
    if (this.#equal.size > 0) this.#collectEqual(view);
    if (this.#holds !== undefined) this.#collectHolds(view, this.#holds);
  }

  #collectEqual(view: EventView): void {
    const texts = view.folded(this.#slot);
    if (typeof texts === 'string') this.#taken.take(this.#equal.get(texts) ?? NONE);
    else if (texts !== undefined) for (const text of texts) this.#taken.take(this.#equal.get(text) ?? NONE);
  }

  #collectHolds(view: EventView, index: TextIndex): void {
    const texts = view.texts(this.#slot);
    if (typeof texts === 'string') index.search(texts, view.folding);
    else if (texts !== undefined) for (const text of texts) index.search(text, view.folding);
  }
}

interface FieldSigns {
  readonly there: number[];
  readonly equal: Map<string, number[]>;
  readonly holds: Map<string, number[]>;
}

function addSign(signs: FieldSigns, sign: Exclude<Sign, { kind: 'anywhere' }>, rule: number): void {
  if (sign.kind === 'there') signs.there.push(rule);
  else listAt(signs[sign.kind === 'equal' ? 'equal' : 'holds'], sign.text).push(rule);
}

function listAt(map: Map<string, number[]>, key: string): number[] {
  const list = map.get(key) ?? [];
  map.set(key, list);
  return list;
}

/** The rules that are asked about one kind of event, with an index from what is seen in an event to the rules it may concern. */
export class Lane {
  readonly #always: readonly number[];
  readonly #fields: readonly FieldIndex[];
  readonly #anywhere: TextIndex | undefined;
  readonly #taken: Taken;

  private constructor(parts: { always: readonly number[]; fields: readonly FieldIndex[]; anywhere: TextIndex | undefined; taken: Taken }) {
    this.#always = parts.always;
    this.#fields = parts.fields;
    this.#anywhere = parts.anywhere;
    this.#taken = parts.taken;
  }

  static *make(rules: readonly { readonly number: number; readonly witness: Witness }[]): Steps<Lane> {
    const always: number[] = [];
    const fields = new Map<number, FieldSigns>();
    const anywhere = new Map<string, number[]>();
    for (const { number, witness } of rules) {
      if (witness === undefined) always.push(number);
      for (const sign of witness ?? []) {
        if (sign.kind === 'anywhere') {
          listAt(anywhere, sign.text).push(number);
          continue;
        }
        const signs = fields.get(sign.slot) ?? { there: [], equal: new Map(), holds: new Map() };
        fields.set(sign.slot, signs);
        addSign(signs, sign, number);
      }
      yield;
    }
    const taken = new Taken(rules.reduce((most, rule) => Math.max(most, rule.number + 1), 0));
    const indexes: FieldIndex[] = [];
    for (const [slot, signs] of fields) {
      indexes.push(new FieldIndex(slot, signs, taken));
      yield;
    }
    return new Lane({ always, fields: indexes, anywhere: anywhere.size > 0 ? new TextIndex(anywhere, taken) : undefined, taken });
  }

  /** Adds to `into` the numbers of the rules that may be true of the event in view, each once. */
  candidates(view: EventView, into: number[]): void {
    this.#taken.start(into);
    this.#taken.take(this.#always);
    for (const index of this.#fields) index.collect(view);
    const anywhere = this.#anywhere;
    if (anywhere !== undefined) for (const text of view.haystacks()) anywhere.search(text, view.folding);
  }
}
