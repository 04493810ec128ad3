import { createHash } from 'node:crypto';
import { cutText } from '../../lib/cut-text.ts';
import type { RuleHit } from '../../model/detection.ts';
import type { HitRow } from '../../model/hit-row.ts';
import type { Correlation } from '../sigma/correlation.ts';
import { fold } from '../sigma/fold.ts';
import type { Judged } from '../stream/judged.ts';
import type { HitCounter } from './counter.ts';
import { Legs, type Reading, readLeg } from './legs.ts';
import { readAs } from './values.ts';

/** Where an event has its place in the store. */
export interface HitPlace {
  readonly node: number;
  readonly seq: number;
  readonly receivedAt: number;
}

/** The longest key or value that is kept as it is, in bytes; of a longer one, its hash. */
const MAX_KEY_BYTES = 512;
/** Of each value of a group whose key is a hash, so many characters are shown. */
const SHOWN_CHARACTERS = 200;

/** What of a correlation has rows. */
export const counterOf = (
  { refs, groupPaths, fieldPaths, type }: Pick<Correlation, 'refs' | 'groupPaths' | 'fieldPaths' | 'type'>,
  identity: string,
): HitCounter => ({
  identity,
  refs: refs.map(({ id, kind }) => (kind === 'rule' ? id : undefined)),
  groupPaths,
  fieldPaths,
  values: readAs(type),
});

/** Which rows the hits of an event have. */
export class HitPlan {
  readonly #legs: Legs;
  readonly #onUngrouped: (rule: string) => void;

  /** `onUngrouped` is told of hits that have no row, as the event lacks a value that the counter groups by or counts. */
  constructor(counters: readonly HitCounter[], onUngrouped: (rule: string) => void = () => undefined) {
    this.#legs = new Legs(counters);
    this.#onUngrouped = onUngrouped;
  }

  rows(event: Judged, hits: readonly Pick<RuleHit, 'id'>[], place: HitPlace): readonly HitRow[] {
    if (hits.length === 0) return NONE;
    const rows: HitRow[] = [];
    for (const { id } of hits) {
      for (const leg of this.#legs.of(id)) {
        const reading = readLeg(leg, event);
        if (reading === undefined) this.#onUngrouped(id);
        else rows.push(rowOf(leg.counter.identity, leg.ref, reading, event.timestamp, place));
      }
    }
    return rows;
  }

  /** Whether one of these hits may have a row. */
  counts(hits: readonly RuleHit[]): boolean {
    return this.#legs.count(hits);
  }
}

const NONE: readonly never[] = [];

function rowOf(counter: string, ref: number, { group, value, number }: Reading, t: number, { node, seq, receivedAt }: HitPlace): HitRow {
  const textValue = value === undefined ? '' : bounded(value);
  return { counter, ...groupColumns(group), t, ref, textValue, numberValue: number ?? 0, node, seq, receivedAt };
}

/** The columns that say which group it is. Values are as they are spelled; equal keys mean the same group. */
export function groupColumns(values: readonly string[]): Pick<HitRow, 'groupKey' | 'shown'> {
  const key = JSON.stringify(values.map(fold));
  const groupKey = bounded(key);
  const shown = JSON.stringify(groupKey === key ? values : values.map((value) => cutText(value, SHOWN_CHARACTERS)));
  return { groupKey, shown: shown === groupKey ? '' : shown };
}

function bounded(text: string): string {
  if (text.length * 3 <= MAX_KEY_BYTES || Buffer.byteLength(text) <= MAX_KEY_BYTES) return text;
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
