import type { RuleHit } from '../../model/detection.ts';
import type { Value } from '../../model/event.ts';
import type { Correlation } from '../sigma/correlation.ts';
import { Slots } from '../stream/event-view.ts';
import type { Judged } from '../stream/judged.ts';
import type { Counted } from './counted.ts';
import { countedValues, groupText } from './values.ts';

type Read = (event: Judged) => Value | undefined;

/** A rule's place in a correlation: how to read what the correlation wants to know of the rule's events. */
interface Leg {
  readonly correlation: Correlation;
  readonly ref: number;
  readonly group: readonly Read[];
  readonly fields: readonly Read[];
  readonly into: Counted[];
}

/** Collects of the events that rules hit what correlations count. */
export class CountedHits {
  /** By id of the correlation. */
  readonly found: ReadonlyMap<string, readonly Counted[]>;
  readonly #legs = new Map<string, Leg[]>();

  constructor(correlations: readonly Correlation[]) {
    const slots = new Slots();
    const readers = (paths: readonly (readonly string[])[] = []) => paths.map((each) => slots.reader(slots.slot(each)));
    const found = new Map<string, Counted[]>();
    for (const correlation of correlations) {
      const into: Counted[] = [];
      found.set(correlation.id, into);
      correlation.refs.forEach(({ id, kind }, ref) => {
        if (kind !== 'rule') return;
        const [group, fields] = [readers(correlation.groupPaths[ref]), readers(correlation.fieldPaths[ref])];
        this.#legs.set(id, [...(this.#legs.get(id) ?? []), { correlation, ref, group, fields, into }]);
      });
    }
    this.found = found;
  }

  /** Whether some correlation counts one of these hits. */
  counts(hits: readonly RuleHit[]): boolean {
    return hits.some(({ id }) => this.#legs.has(id));
  }

  /** `number` tells the event from all others; `at` is its time, in milliseconds since the epoch. */
  add(event: Judged, hits: readonly RuleHit[], number: number, at: number): void {
    for (const { id } of hits) {
      for (const { correlation, ref, group, fields, into } of this.#legs.get(id) ?? []) {
        const values = group.map((read) => groupText(read(event)));
        const counted = countedValues(
          correlation.type,
          fields.map((read) => groupText(read(event))),
        );
        if (counted !== undefined && values.every((value) => value !== undefined))
          into.push({ at, ref, event: number, group: values, ...counted });
      }
    }
  }
}
