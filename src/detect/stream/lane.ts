import type { EventView, Texts } from './event-view.ts';
import { Needles } from './needles.ts';
import type { Sign, Witness } from './witness.ts';

/** What one field's signs lead to: numbers of rules. */
class FieldIndex {
  readonly slot: number;
  readonly there: number[] = [];
  readonly equal = new Map<string, number[]>();
  readonly #holds = new Map<string, number[]>();
  #needles: { readonly needles: Needles; readonly rules: readonly (readonly number[])[] } | undefined;

  constructor(slot: number) {
    this.slot = slot;
  }

  add(sign: Exclude<Sign, { kind: 'anywhere' }>, rule: number): void {
    if (sign.kind === 'there') this.there.push(rule);
    else listAt(sign.kind === 'equal' ? this.equal : this.#holds, sign.text).push(rule);
  }

  seal(): void {
    this.#needles = needleIndex(this.#holds);
  }

  collect(view: EventView, take: (rules: readonly number[]) => void): void {
    const value = view.value(this.slot);
    if (value === undefined || value === null) return;
    if (this.there.length > 0) take(this.there);
    if (this.equal.size > 0) each(view.folded(this.slot), (text) => take(this.equal.get(text) ?? NONE));
    const index = this.#needles;
    if (index) each(view.texts(this.slot), (text) => index.needles.search(text, (id) => take(index.rules[id] ?? NONE)));
  }
}

const NONE: readonly number[] = [];

function needleIndex(
  texts: ReadonlyMap<string, readonly number[]>,
): { needles: Needles; rules: readonly (readonly number[])[] } | undefined {
  if (texts.size === 0) return undefined;
  return { needles: new Needles([...texts.keys()].map((text, id) => ({ text, id }))), rules: [...texts.values()] };
}

function listAt(map: Map<string, number[]>, key: string): number[] {
  const list = map.get(key) ?? [];
  map.set(key, list);
  return list;
}

function each(texts: Texts, use: (text: string) => void): void {
  if (typeof texts === 'string') use(texts);
  else if (texts !== undefined) for (const text of texts) use(text);
}

/** The rules that are asked about one kind of event, with an index from what is seen in an event to the rules it may concern. */
export class Lane {
  readonly #always: number[] = [];
  readonly #fields: FieldIndex[] = [];
  readonly #anywhere: ReturnType<typeof needleIndex>;
  /** Generation in which a rule was last taken, by rule: so that it is taken once an event. */
  readonly #takenAt: Uint32Array;
  #generation = 0;

  constructor(rules: readonly { readonly number: number; readonly witness: Witness }[]) {
    const fields = new Map<number, FieldIndex>();
    const anywhere = new Map<string, number[]>();
    for (const { number, witness } of rules) {
      if (witness === undefined) this.#always.push(number);
      for (const sign of witness ?? []) {
        if (sign.kind === 'anywhere') {
          listAt(anywhere, sign.text).push(number);
          continue;
        }
        const index = fields.get(sign.slot) ?? new FieldIndex(sign.slot);
        fields.set(sign.slot, index);
        index.add(sign, number);
      }
    }
    for (const index of fields.values()) index.seal();
    this.#fields = [...fields.values()];
    this.#anywhere = needleIndex(anywhere);
    this.#takenAt = new Uint32Array(rules.reduce((most, rule) => Math.max(most, rule.number + 1), 0));
  }

  /** Adds to `into` the numbers of the rules that may be true of the event in view, each once. */
  candidates(view: EventView, into: number[]): void {
    this.#generation = (this.#generation + 1) >>> 0;
    if (this.#generation === 0) {
      this.#takenAt.fill(0);
      this.#generation = 1;
    }
    const generation = this.#generation;
    const take = (rules: readonly number[]): void => {
      for (const rule of rules) {
        if (this.#takenAt[rule] === generation) continue;
        this.#takenAt[rule] = generation;
        into.push(rule);
      }
    };
    take(this.#always);
    for (const index of this.#fields) index.collect(view, take);
    const anywhere = this.#anywhere;
    if (anywhere) for (const text of view.haystacks()) anywhere.needles.search(text, (id) => take(anywhere.rules[id] ?? NONE));
  }
}
