import type { Relation } from '../sigma/tree.ts';
import { Needles } from './needles.ts';

/** Below that, one after the other is quicker than any preparation. */
const FEW = 8;

/**
 * Whether a text stands in the relation to any of the others, such as `contains`. Work grows with the length of all texts, and not with
 * pairs: two arrays of ten thousand elements would stall the stream.
 */
export function relatedToAny(relation: Relation, others: readonly string[]): (text: string) => boolean {
  if (others.length <= FEW) return (text) => others.some((other) => HOLDS[relation](text, other));
  switch (relation) {
    case 'equals': {
      const known = new Set(others);
      return (text) => known.has(text);
    }
    case 'startswith':
      return startsWithAny(others);
    case 'endswith': {
      const starts = startsWithAny(others.map(reversed));
      return (text) => starts(reversed(text));
    }
    case 'contains':
      return containsAny(others);
  }
}

const HOLDS: Readonly<Record<Relation, (text: string, other: string) => boolean>> = {
  equals: (text, other) => text === other,
  contains: (text, other) => text.includes(other),
  startswith: (text, other) => text.startsWith(other),
  endswith: (text, other) => text.endsWith(other),
};

const reversed = (text: string): string => text.split('').reverse().join('');

/** Sorted, and without those that another begins: then only the last that is not after the text can begin it. */
function startsWithAny(others: readonly string[]): (text: string) => boolean {
  const starts: string[] = [];
  for (const other of [...others].sort(byCodeUnits)) {
    const last = starts.at(-1);
    if (last === undefined || !other.startsWith(last)) starts.push(other);
  }
  return (text) => {
    let from = 0;
    let to = starts.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((starts[middle] ?? '') <= text) from = middle + 1;
      else to = middle;
    }
    return from > 0 && text.startsWith(starts[from - 1] ?? '');
  };
}

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function containsAny(others: readonly string[]): (text: string) => boolean {
  if (others.includes('')) return () => true;
  const single = new Set(others.filter((other) => other.length === 1));
  const needles = new Needles([...new Set(others)].filter((other) => other.length > 1).map((text, id) => ({ text, id })));
  return (text) => {
    if (single.size > 0) for (let i = 0; i < text.length; i++) if (single.has(text.charAt(i))) return true;
    let found = false;
    needles.searchAsIs(text, {
      found: () => {
        found = true;
      },
    });
    return found;
  };
}
