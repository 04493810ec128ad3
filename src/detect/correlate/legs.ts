import type { RuleHit } from '../../model/detection.ts';
import type { Value } from '../../model/event.ts';
import { Slots } from '../stream/event-view.ts';
import type { Judged } from '../stream/judged.ts';
import type { HitCounter } from './counter.ts';
import { type CountedValue, countedValue, groupText } from './values.ts';

type Read = (event: Judged) => Value | undefined;

/** A rule's place in a counter: how to read what the counter wants to know of the rule's events. */
export interface Leg<C extends HitCounter = HitCounter> {
  readonly counter: C;
  /** Index in the counter's `refs`. */
  readonly ref: number;
  readonly group: readonly Read[];
  readonly fields: readonly Read[];
}

/** What a counter counts of an event. */
export interface Reading extends CountedValue {
  /** Values of the group, as the event spells them. */
  readonly group: readonly string[];
}

/** The places of rules in counters. Most rules have none. */
export class Legs<C extends HitCounter = HitCounter> {
  readonly #byRule = new Map<string, Leg<C>[]>();

  constructor(counters: readonly C[]) {
    const slots = new Slots();
    const readers = (paths: readonly (readonly string[])[] = []) => paths.map((each) => slots.reader(slots.slot(each)));
    for (const counter of counters) {
      counter.refs.forEach((rule, ref) => {
        if (rule === undefined) return;
        const leg = { counter, ref, group: readers(counter.groupPaths[ref]), fields: readers(counter.fieldPaths[ref]) };
        this.#byRule.set(rule, [...(this.#byRule.get(rule) ?? []), leg]);
      });
    }
  }

  /** Where the rule is counted. */
  of(rule: string): readonly Leg<C>[] {
    return this.#byRule.get(rule) ?? NONE;
  }

  /** Whether one of these hits is counted somewhere. */
  count(hits: readonly RuleHit[]): boolean {
    return hits.some(({ id }) => this.#byRule.has(id));
  }
}

const NONE: readonly never[] = [];

/** What a counter counts of an event that its rule has hit; undefined where a value of the group is missing, or what is to be counted. */
export function readLeg({ counter, group: reads, fields }: Leg, event: Judged): Reading | undefined {
  const group: string[] = [];
  for (const read of reads) {
    const text = groupText(read(event));
    if (text === undefined) return undefined;
    group.push(text);
  }
  const counted = countedValue(
    counter.values,
    fields.map((read) => groupText(read(event))),
  );
  return counted && { group, ...counted };
}
