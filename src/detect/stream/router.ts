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

/**
 * Chooses by an event's few routing fields what it goes through. What a combination of values leads to is worked out once and then
 * looked up: `make` is called with the members whose routes hold, in order, and its answer is remembered.
 */
export class Router<T, Lane> {
  readonly #buckets: readonly Bucket<T>[];
  readonly #make: (members: readonly T[]) => Lane;
  readonly #fields: readonly { readonly field: string; readonly ids: ReadonlyMap<string, number> }[];
  #byKey = new Map<string, Lane>();
  #byMembers = new Map<string, Lane>();

  constructor(buckets: readonly Bucket<T>[], make: (members: readonly T[]) => Lane) {
    this.#buckets = buckets;
    this.#make = make;
    const values = new Map<string, Map<string, number>>();
    for (const term of buckets.flatMap((bucket) => bucket.route)) {
      for (const field of term.fields) {
        const ids = values.get(field) ?? new Map<string, number>();
        values.set(field, ids);
        for (const value of term.values) if (!ids.has(value)) ids.set(value, ids.size + 1);
      }
    }
    this.#fields = [...values].map(([field, ids]) => ({ field, ids }));
  }

  lane(event: Judged): Lane {
    const key = this.#key(event);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const lane = this.#choose(event);
    if (this.#byKey.size >= MAX_REMEMBERED) this.#byKey = new Map();
    this.#byKey.set(key, lane);
    return lane;
  }

  /** Of each field, which of the values that matter it has: nothing else can change the answer. */
  #key(event: Judged): string {
    let key = '';
    for (const { field, ids } of this.#fields) {
      const value = event.fields[field];
      if (value === undefined) key += ';';
      else if (typeof value === 'string') key += `${idOf(ids, value)};`;
      else if (isList(value)) key += `${listKey(ids, value)};`;
      else key += ';';
    }
    return key;
  }

  #choose(event: Judged): Lane {
    const chosen: number[] = [];
    this.#buckets.forEach((bucket, i) => {
      if (routeHolds(bucket.route, event)) chosen.push(i);
    });
    const key = chosen.join(',');
    const known = this.#byMembers.get(key);
    if (known !== undefined) return known;
    const lane = this.#make(chosen.flatMap((i) => this.#buckets[i]?.member ?? []));
    if (this.#byMembers.size >= MAX_REMEMBERED) this.#byMembers = new Map();
    this.#byMembers.set(key, lane);
    return lane;
  }
}

const idOf = (ids: ReadonlyMap<string, number>, value: string): number => ids.get(value) ?? ids.get(value.toLowerCase()) ?? 0;

function listKey(ids: ReadonlyMap<string, number>, values: readonly Value[]): string {
  const found = new Set<number>();
  for (const value of values) if (typeof value === 'string') found.add(idOf(ids, value));
  found.delete(0);
  return [...found].sort((a, b) => a - b).join(',');
}

/** Whether an event is of a route; the meaning that {@link Router} remembers. */
export function routeHolds(route: Route, event: Judged): boolean {
  return route.every((term) => term.fields.some((field) => hasOne(event.fields[field], term.values)));
}

function hasOne(value: Value | undefined, values: readonly string[]): boolean {
  if (typeof value === 'string') return values.includes(value.toLowerCase());
  return isList(value) && value.some((element) => typeof element === 'string' && values.includes(element.toLowerCase()));
}
