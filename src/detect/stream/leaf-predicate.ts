import type { Value } from '../../model/event.ts';
import { inNetwork, parseAddress } from '../sigma/cidr.ts';
import { fold } from '../sigma/fold.ts';
import { foldPattern } from '../sigma/pattern.ts';
import { compilePattern, type TextTest } from '../sigma/pattern-match.ts';
import { compileRegex, necessaryLiteral } from '../sigma/regex.ts';
import { timePart } from '../sigma/time-part.ts';
import type { Compare, Leaf, Relation, Test } from '../sigma/tree.ts';
import type { EventView, Slots, Texts } from './event-view.ts';
import { elements, isMap } from './values.ts';

/** A leaf made ready: whether it is true of the event in view, and which text made it so. */
export interface Predicate {
  readonly test: (view: EventView) => boolean;
  /** The value that made the leaf true, as the event has it; undefined where it is an absence. */
  readonly witness: (view: EventView) => string | undefined;
}

export function compileLeaf(leaf: Leaf, slots: Slots): Predicate {
  const { test, fields } = leaf;
  if (fields === undefined) return keyword(test);
  const slot = slots.slot(fields);
  switch (test.kind) {
    case 'text': {
      const matches = compilePattern(test.cased ? test.pattern : foldPattern(test.pattern));
      return test.cased ? onTexts(slot, matches) : onFolded(slot, matches);
    }
    case 'regex':
      return onTexts(slot, gatedRegex(test));
    case 'cidr':
      return onTexts(slot, (text) => {
        const address = parseAddress(text);
        return address !== undefined && inNetwork(address, test.network);
      });
    case 'compare':
      return onValues(slot, (value) => {
        const number = numberOf(value);
        return number !== undefined && compare(number, test.operator, test.number);
      });
    case 'time':
      return onValues(slot, (value) => {
        const part = typeof value === 'string' || typeof value === 'number' ? timePart(value, test.part) : undefined;
        return part !== undefined && compare(part, test.operator, test.number);
      });
    case 'exists':
      return { test: (view) => view.has(slot) === test.exists, witness: (view) => shown(view.value(slot)) };
    case 'null':
      return { test: (view) => isNull(view, slot), witness: () => undefined };
    case 'field':
      return fieldReference(slot, slots.slot(test.other), test);
  }
}

/** Missing, null, or an array with a null in it. A map with nothing in it is missing. */
function isNull(view: EventView, slot: number): boolean {
  const value = view.value(slot);
  return value === undefined || isMap(value) ? !view.has(slot) : elements(value).includes(null);
}

function keyword(test: Test): Predicate {
  if (test.kind === 'regex') {
    const search = gatedRegex(test);
    return { test: (view) => view.strings().some(search), witness: (view) => view.strings().find(search) };
  }
  if (test.kind !== 'text') throw new TypeError(`a keyword cannot ask for ${test.kind}`);
  if (test.cased) {
    const matches = compilePattern(test.pattern);
    return { test: (view) => view.haystacks().some(matches), witness: (view) => view.haystacks().find(matches) };
  }
  const matches = compilePattern(foldPattern(test.pattern));
  return {
    test: (view) => view.foldedHaystacks().some(matches),
    witness: (view) => view.haystacks()[view.foldedHaystacks().findIndex(matches)],
  };
}

/** A cheap look for a literal that must be there comes before the expression itself. */
function gatedRegex(test: Test & { kind: 'regex' }): TextTest {
  const compiled = compileRegex(test.source, test.flags);
  if (!compiled.ok) throw new TypeError(compiled.error);
  const search = compiled.value;
  const literal = necessaryLiteral(test.source);
  return literal === '' ? search : (text) => fold(text).includes(literal) && search(text);
}

const some = (texts: Texts, matches: TextTest): boolean =>
  texts === undefined ? false : typeof texts === 'string' ? matches(texts) : texts.some(matches);

const all = (texts: Texts): readonly string[] => (texts === undefined ? [] : typeof texts === 'string' ? [texts] : texts);

const onTexts = (slot: number, matches: TextTest): Predicate => ({
  test: (view) => some(view.texts(slot), matches),
  witness: (view) => all(view.texts(slot)).find(matches),
});

const onFolded = (slot: number, matches: TextTest): Predicate => ({
  test: (view) => some(view.folded(slot), matches),
  witness: (view) => all(view.texts(slot))[all(view.folded(slot)).findIndex(matches)],
});

function onValues(slot: number, matches: (value: Value) => boolean): Predicate {
  const find = (view: EventView): Value | undefined => {
    const value = view.value(slot);
    return value === undefined ? undefined : elements(value).find(matches);
  };
  return { test: (view) => find(view) !== undefined, witness: (view) => shown(find(view)) };
}

const shown = (value: Value | undefined): string | undefined =>
  value === undefined ? undefined : typeof value === 'string' ? value : JSON.stringify(value);

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/;

/** A number, or the number a text spells in decimal. */
function numberOf(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.length <= 64 && NUMBER.test(value) ? Number(value) : undefined;
}

function compare(value: number, operator: Compare | 'eq', bound: number): boolean {
  switch (operator) {
    case 'lt':
      return value < bound;
    case 'lte':
      return value <= bound;
    case 'gt':
      return value > bound;
    case 'gte':
      return value >= bound;
    case 'eq':
      return value === bound;
  }
}

const RELATIONS: Readonly<Record<Relation, (a: string, b: string) => boolean>> = {
  equals: (a, b) => a === b,
  contains: (a, b) => a.includes(b),
  startswith: (a, b) => a.startsWith(b),
  endswith: (a, b) => a.endsWith(b),
};

/** More pairs than that are compared for no rule: two long arrays would stall the stream. */
const MAX_OTHERS = 1_000;

function fieldReference(slot: number, other: number, test: Test & { kind: 'field' }): Predicate {
  const holds = RELATIONS[test.relation];
  const read = (view: EventView, which: number) => all(test.cased ? view.texts(which) : view.folded(which));
  const find = (view: EventView): number => {
    const others = read(view, other).slice(0, MAX_OTHERS);
    return others.length === 0 ? -1 : read(view, slot).findIndex((text) => others.some((each) => holds(text, each)));
  };
  return { test: (view) => find(view) >= 0, witness: (view) => all(view.texts(slot))[find(view)] };
}
