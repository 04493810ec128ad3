import { LISTED, listedName } from '../../model/enrichment.ts';
import type { Value } from '../../model/event.ts';
import { inNetwork, type Network, parseAddress } from '../sigma/cidr.ts';
import { foldPattern, longestLiteral } from '../sigma/pattern.ts';
import { compilePattern, stepsOf, type TextTest } from '../sigma/pattern-match.ts';
import { compileRegex, necessaryLiteral } from '../sigma/regex.ts';
import { timePart } from '../sigma/time-part.ts';
import type { Compare, Leaf, Test } from '../sigma/tree.ts';
import { SHORT, STEPS } from './budget.ts';
import type { Derived, EventView, Slots, Texts } from './event-view.ts';
import { relatedToAny } from './field-reference.ts';
import { JOINED, JOINED_ALL, JOINED_ALL_FOLDED, JOINED_FOLDED, joinedLiteral, LONG_LIST } from './long-list.ts';
import { elements, isMap } from './values.ts';

/** A leaf made ready: whether it is true of the event in view, and which text made it so. */
export interface Predicate {
  readonly test: (view: EventView) => boolean;
  /** The value that made the leaf true, as the event has it; undefined where it is an absence. */
  readonly witness: (view: EventView) => string | undefined;
  /** It may be left open, as it costs too much; then what it says counts for nothing. */
  readonly costly?: true;
}

export function compileLeaf(leaf: Leaf, slots: Slots): Predicate {
  const { test, fields } = leaf;
  if (fields === undefined) return keyword(test);
  const slot = slots.slot(fields);
  switch (test.kind) {
    case 'text':
      return onText(inField(slot, test.cased), test);
    case 'regex':
      return regexPredicate(slot, test);
    case 'cidr':
      return inNetworkOf(slot, test.network);
    case 'compare':
      return onValues(slot, (value) => {
        const number = numberOf(value);
        return number !== undefined && compare(number, test.operator, test.number);
      });
    case 'time':
      return onTimeParts(slot, test);
    case 'exists':
      return { test: (view) => view.has(slot) === test.exists, witness: (view) => shown(view.value(slot)) };
    case 'null':
      return { test: (view) => isNull(view, slot), witness: () => undefined };
    case 'list':
      return onList(fields, test.list, slots);
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
    return { costly: true, test: (view) => view.strings().some(search(view)), witness: (view) => view.strings().find(search(view)) };
  }
  if (test.kind !== 'text') throw new TypeError(`a keyword cannot ask for ${test.kind}`);
  return onText(anywhere(test.cased), test);
}

/** A cheap look for a literal that must be there comes before the expression itself. */
function gatedRegex(test: Test & { kind: 'regex' }): (view: EventView) => TextTest {
  const compiled = compileRegex(test.source, test.flags);
  if (!compiled.ok) throw new TypeError(compiled.error);
  const search = compiled.value;
  const within = (view: EventView, text: string) => (text.length <= SHORT || view.affords(text.length * STEPS.regex)) && search(text);
  const literal = necessaryLiteral(test.source);
  if (literal === '') return (view) => (text) => within(view, text);
  return (view) => (text) => view.folding(text).includes(literal) && within(view, text);
}

function regexPredicate(slot: number, regex: Test & { kind: 'regex' }): Predicate {
  const search = gatedRegex(regex);
  return {
    costly: true,
    test: (view) => some(view.texts(slot), search(view)),
    witness: (view) => all(view.texts(slot)).find(search(view)),
  };
}

/** The texts that are addresses, in their order. */
const ADDRESSES: Derived<readonly { readonly text: string; readonly address: readonly number[] }[]> = {
  name: 'addresses',
  make: (view, slot) =>
    all(view.texts(slot)).flatMap((text) => {
      const address = parseAddress(text);
      return address === undefined ? [] : [{ text, address }];
    }),
};

function inNetworkOf(slot: number, network: Network): Predicate {
  const find = (view: EventView) => view.derived(slot, ADDRESSES).find(({ address }) => inNetwork(address, network));
  return { test: (view) => find(view) !== undefined, witness: (view) => find(view)?.text };
}

function onTimeParts(slot: number, { part, operator, number }: Test & { kind: 'time' }): Predicate {
  const parts: Derived<readonly { readonly value: Value; readonly part: number }[]> = {
    name: `${part}s`,
    make: (view, of) =>
      view.elements(of).flatMap((value) => {
        const found = typeof value === 'string' || typeof value === 'number' ? timePart(value, part) : undefined;
        return found === undefined ? [] : [{ value, part: found }];
      }),
  };
  const find = (view: EventView) => view.derived(slot, parts).find((each) => compare(each.part, operator, number));
  return { test: (view) => find(view) !== undefined, witness: (view) => shown(find(view)?.value) };
}

const some = (texts: Texts, matches: TextTest): boolean =>
  texts === undefined ? false : typeof texts === 'string' ? matches(texts) : texts.some(matches);

const all = (texts: Texts): readonly string[] => (texts === undefined ? [] : typeof texts === 'string' ? [texts] : texts);

/** Where a text is looked for: the texts as they are compared, as the event has them, and as one where they are many. */
interface Looked {
  readonly compared: (view: EventView) => Texts;
  readonly original: (view: EventView) => Texts;
  readonly joined: (view: EventView) => string | undefined;
}

const inField = (slot: number, cased: boolean): Looked => ({
  compared: (view) => (cased ? view.texts(slot) : view.folded(slot)),
  original: (view) => view.texts(slot),
  joined: (view) => view.derived(slot, cased ? JOINED : JOINED_FOLDED),
});

const NO_FIELD = -1;

const anywhere = (cased: boolean): Looked => ({
  compared: (view) => (cased ? view.haystacks() : view.foldedHaystacks()),
  original: (view) => view.haystacks(),
  joined: (view) => view.derived(NO_FIELD, cased ? JOINED_ALL : JOINED_ALL_FOLDED),
});

function onText({ compared, original, joined }: Looked, { pattern, cased }: Test & { kind: 'text' }): Predicate {
  const wanted = cased ? pattern : foldPattern(pattern);
  const steps = stepsOf(wanted);
  const holds = compilePattern(wanted);
  /** One literal is found as quickly as a text is read. */
  const within: (view: EventView) => TextTest =
    steps === 0 ? () => holds : (view) => (text) => (text.length <= SHORT || view.affords(text.length * steps)) && holds(text);
  const decisive = joinedLiteral(wanted);
  const necessary = decisive ?? longestLiteral(wanted);
  const testMany = (view: EventView, texts: readonly string[]): boolean => {
    const text = joined(view);
    const matches = within(view);
    if (text === undefined) return texts.some(matches);
    return text.includes(necessary) && (decisive !== undefined || texts.some(matches));
  };
  return {
    ...(steps > 0 && { costly: true }),
    test: (view) => {
      const texts = compared(view);
      if (texts === undefined) return false;
      const matches = within(view);
      if (typeof texts === 'string') return matches(texts);
      return texts.length < LONG_LIST ? texts.some(matches) : testMany(view, texts);
    },
    witness: (view) => all(original(view))[all(compared(view)).findIndex(within(view))],
  };
}

/** What was found out when the event came in. */
function onList(paths: readonly string[], list: string, slots: Slots): Predicate {
  const listed = slots.slot([LISTED]);
  const places = paths.map((path) => ({ slot: slots.slot([path]), name: listedName(list, path) }));
  const find = (view: EventView) => {
    const place = places.length === 1 ? places[0] : places.find(({ slot }) => view.value(slot) !== undefined);
    return place !== undefined && all(view.texts(listed)).includes(place.name) ? place : undefined;
  };
  return {
    test: (view) => find(view) !== undefined,
    witness: (view) => {
      const place = find(view);
      return place && all(view.texts(place.slot))[0];
    },
  };
}

function onValues(slot: number, matches: (value: Value) => boolean): Predicate {
  const find = (view: EventView): Value | undefined => {
    return view.elements(slot).find(matches);
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

function fieldReference(slot: number, other: number, test: Test & { kind: 'field' }): Predicate {
  const read = (view: EventView, which: number) => all(test.cased ? view.texts(which) : view.folded(which));
  const find = (view: EventView): number => {
    const others = read(view, other);
    if (others.length === 0) return -1;
    const texts = read(view, slot);
    const length = lengthOf(texts) + lengthOf(others);
    if (length > SHORT && !view.affords(length * STEPS.reference)) return -1;
    return texts.findIndex(relatedToAny(test.relation, others));
  };
  return { costly: true, test: (view) => find(view) >= 0, witness: (view) => all(view.texts(slot))[find(view)] };
}

const lengthOf = (texts: readonly string[]): number => texts.reduce((sum, { length }) => sum + length, 0);
