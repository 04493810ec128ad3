import type { Pattern } from '../sigma/pattern.ts';
import type { Derived, Texts } from './event-view.ts';

/** Between the elements of a list that is written as one text. */
const BETWEEN = '\0';

/** Shorter lists are asked element by element. */
export const LONG_LIST = 100;

/** The list as one text; undefined where an element has the sign that stands between elements. */
function join(texts: readonly string[]): string | undefined {
  return texts.some((text) => text.includes(BETWEEN)) ? undefined : `${BETWEEN}${texts.join(BETWEEN)}${BETWEEN}`;
}

const joinTexts = (texts: Texts): string | undefined => (texts === undefined || typeof texts === 'string' ? undefined : join(texts));

/** A field's list as one text, as it is and folded. */
export const JOINED: Derived<string | undefined> = { name: 'joined', make: (view, slot) => joinTexts(view.texts(slot)) };
export const JOINED_FOLDED: Derived<string | undefined> = { name: 'joined folded', make: (view, slot) => joinTexts(view.folded(slot)) };
/** All texts of an event as one; they are no field's. */
export const JOINED_ALL: Derived<string | undefined> = { name: 'all', make: (view) => join(view.haystacks()) };
export const JOINED_ALL_FOLDED: Derived<string | undefined> = { name: 'all folded', make: (view) => join(view.foldedHaystacks()) };

/**
 * What is in the text of a joined list just when one of its elements matches: one search, where rules by the hundred would each walk over ten
 * thousand elements. Undefined for a pattern that is more than one literal.
 */
export function joinedLiteral(pattern: Pattern): string | undefined {
  const open = isAny(pattern[0]);
  const openAtEnd = pattern.length > 1 && isAny(pattern.at(-1));
  const middle = pattern.slice(open ? 1 : 0, openAtEnd ? -1 : undefined);
  const [literal = ''] = middle;
  if (middle.length > 1 || typeof literal !== 'string' || literal.includes(BETWEEN)) return undefined;
  return `${open ? '' : BETWEEN}${literal}${openAtEnd ? '' : BETWEEN}`;
}

const isAny = (part: Pattern[number] | undefined): boolean => typeof part === 'object' && part.special === 'any';
