import type { Value } from '../../model/event.ts';
import type { CorrelationType } from '../sigma/correlation.ts';
import { fold } from '../sigma/fold.ts';
import { elements, textOf } from '../stream/values.ts';
import type { Counted } from './counted.ts';
import type { HitCounter } from './counter.ts';

/** The text by which a value is grouped or counted; of an array, its elements, sorted, as their order says nothing. Undefined: null, missing, or a map. */
export function groupText(value: Value | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object') return textOf(value);
  const texts = elements(value).flatMap((element) => textOf(element) ?? []);
  const distinct = new Map(texts.map((text) => [fold(text), text]));
  return texts.length === 0
    ? undefined
    : [...distinct.keys()]
        .sort()
        .map((key) => distinct.get(key))
        .join(', ');
}

const DECIMAL = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/;

/** The number that a text spells in decimal. */
function decimal(text: string): number | undefined {
  const number = text.length <= 64 && DECIMAL.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

/** What an event counts as: once, as a value, or as a number. */
export type CountedValue = Pick<Counted, 'value' | 'number'>;

/** How a type of correlation reads the fields of what it counts. */
export function readAs(type: CorrelationType): HitCounter['values'] {
  if (type === 'event_count' || type === 'temporal' || type === 'temporal_ordered') return 'none';
  return type === 'value_count' ? 'text' : 'number';
}

/** What an event counts as, by the values of the fields; undefined where it does not count, as one is missing or no number. */
export function countedValue(as: HitCounter['values'], texts: readonly (string | undefined)[]): CountedValue | undefined {
  if (as === 'none') return {};
  if (texts.length === 0 || !texts.every((text) => text !== undefined)) return undefined;
  if (as === 'text') return { value: JSON.stringify(texts.map(fold)) };
  const number = decimal(texts[0] ?? '');
  return number === undefined ? undefined : { number };
}
