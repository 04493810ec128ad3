import type { Steps } from '../../lib/steps.ts';
import type { Value } from '../../model/event.ts';
import type { Route } from '../sigma/logsource.ts';
import type { Judged } from './judged.ts';
import { isList } from './values.ts';

interface Bucket<T> {
  readonly route: Route;
  readonly member: T;
}

/** Attackers choose some of the values that decide; what is remembered of them is bounded. */
const MAX_REMEMBERED = 10_000;
const MAX_MET = 500;

/** What decides the way of an event. */
export interface Routed {
  readonly fields: Pick<Judged['fields'], 'get'>;
}

/** A place in the tree of what events had, field by field; at the end is the lane. */
interface Place<Lane> {
  readonly next: (Place<Lane> | undefined)[];
  lane: Lane | undefined;
}

const place = <Lane>(): Place<Lane> => ({ next: [], lane: undefined });

/**
 * Chooses by an event's few routing fields what it goes through. What a combination of values leads to is worked out once and then
 * looked up: `make` is called with the members whose routes hold, in order, and its answer is remembered.
 */
export class Router<T, Lane> {
  readonly #buckets: readonly Bucket<T>[];
  readonly #make: (members: readonly T[]) => Lane;
  readonly #fields: readonly FieldCodes[];
  #root = place<Lane>();
  #remembered = 0;
  #byMembers = new Map<string, Lane>();
  readonly #met = new Map<string, Routed>();

  constructor(buckets: readonly Bucket<T>[], make: (members: readonly T[]) => Lane) {
    this.#buckets = buckets;
    this.#make = make;
    const fields = new Map<string, FieldCodes>();
    for (const term of buckets.flatMap((bucket) => bucket.route)) {
      for (const field of term.fields) {
        const codes = fields.get(field) ?? new FieldCodes(field);
        fields.set(field, codes);
        for (const value of term.values) codes.add(value);
      }
    }
    this.#fields = [...fields.values()];
  }

  /** An event of each lane there is, as far as routes ask for it. */
  get met(): readonly Routed[] {
    return [...this.#met.values()];
  }

  /** Works out beforehand, by `make` in steps, what {@link Router.lane} would at the first such event. */
  *prepare(event: Routed, make: (members: readonly T[]) => Steps<Lane>): Steps<void> {
    const chosen = this.#chosen(event);
    if (!this.#byMembers.has(chosen.join(','))) this.#keep(event, chosen, yield* make(this.#members(chosen)));
  }

  lane(event: Judged): Lane {
    let at = this.#root;
    for (const field of this.#fields) {
      const code = field.code(event.fields.get(field.field));
      at = at.next[code] ?? this.#step(at, code);
    }
    at.lane ??= this.#choose(event);
    return at.lane;
  }

  #step(from: Place<Lane>, code: number): Place<Lane> {
    if (++this.#remembered > MAX_REMEMBERED) {
      this.#root = place();
      this.#remembered = 0;
    }
    const next = place<Lane>();
    from.next[code] = next;
    return next;
  }

  #choose(event: Routed): Lane {
    const chosen = this.#chosen(event);
    return this.#byMembers.get(chosen.join(',')) ?? this.#keep(event, chosen, this.#make(this.#members(chosen)));
  }

  #chosen(event: Routed): readonly number[] {
    const chosen: number[] = [];
    this.#buckets.forEach((bucket, i) => {
      if (routeHolds(bucket.route, event)) chosen.push(i);
    });
    return chosen;
  }

  #members(chosen: readonly number[]): readonly T[] {
    return chosen.flatMap((i) => this.#buckets[i]?.member ?? []);
  }

  #keep(event: Routed, chosen: readonly number[], lane: Lane): Lane {
    if (this.#byMembers.size >= MAX_REMEMBERED) this.#byMembers = new Map();
    this.#byMembers.set(chosen.join(','), lane);
    const values = new Map(this.#fields.map(({ field }) => [field, event.fields.get(field)]));
    if (this.#met.size < MAX_MET) this.#met.set(chosen.join(','), { fields: { get: (field) => values.get(field) } });
    return lane;
  }
}

/** Numbers for what one field can mean to the routes: 0 for nothing, and one for each value or set of values that matters. */
class FieldCodes {
  readonly field: string;
  readonly #codes = new Map<string, number>();
  readonly #sets = new Map<string, number>();

  constructor(field: string) {
    this.field = field;
  }

  add(value: string): void {
    if (!this.#codes.has(value)) this.#codes.set(value, this.#codes.size + 1);
  }

  code(value: Value | undefined): number {
    if (typeof value === 'string') return this.#one(value);
    if (!isList(value)) return 0;
    if (value.length > 1) return this.#several(value);
    const [only] = value;
    return typeof only === 'string' ? this.#one(only) : 0;
  }

  #one(value: string): number {
    const code = this.#codes.get(value);
    if (code !== undefined) return code;
    const lower = value.toLowerCase();
    return lower === value ? 0 : (this.#codes.get(lower) ?? 0);
  }

  #several(values: readonly Value[]): number {
    const found = new Set<number>();
    for (const value of values) if (typeof value === 'string') found.add(this.#one(value));
    found.delete(0);
    const codes = [...found].sort((a, b) => a - b);
    const [first = 0] = codes;
    if (codes.length < 2) return first;
    const key = codes.join(',');
    const code = this.#sets.get(key) ?? this.#codes.size + this.#sets.size + 1;
    this.#sets.set(key, code);
    return code;
  }
}

/** Whether an event is of a route; the meaning that {@link Router} remembers. */
export function routeHolds(route: Route, event: Routed): boolean {
  return route.every((term) => term.fields.some((field) => hasOne(event.fields.get(field), term.values)));
}

function hasOne(value: Value | undefined, values: readonly string[]): boolean {
  if (typeof value === 'string') return values.includes(value.toLowerCase());
  return isList(value) && value.some((element) => typeof element === 'string' && values.includes(element.toLowerCase()));
}
