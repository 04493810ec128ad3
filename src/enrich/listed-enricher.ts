import { LISTED, type ListProbes } from '../model/enrichment.ts';
import type { Value } from '../model/event.ts';
import type { FieldSet } from '../model/field-set.ts';
import type { NamedList } from '../model/named-list.ts';

interface Probed {
  readonly fields: FieldSet;
  /** Milliseconds since the epoch: entries expire by it. */
  readonly receivedAt: number;
  add(path: string, value: Value): void;
}

/** The entries of a list, each with the time at which it expires. */
type Words = ReadonlyMap<string, number>;

/**
 * Adds `earshot.listed`: the questions of rules about lists that are true of the event. What is written down stays true of it, whatever
 * becomes of the list.
 */
export function listedEnricher(lists: readonly NamedList[]): (event: Probed, probes: ListProbes) => void {
  // A list of programs has patterns, and is no list of texts to a rule.
  const byName = new Map(lists.filter(({ kind }) => kind !== 'user_agent').map((list) => [list.name, list]));
  const known = new Map<string, Words>();
  const wordsOf = (name: string, fold: ListProbes['fold']): Words => {
    let words = known.get(name);
    if (words === undefined) {
      words = foldedWords(byName.get(name), fold);
      known.set(name, words);
    }
    return words;
  };
  return (event, { asked, fold }) => {
    let listed: string[] | undefined;
    for (const { list, name, texts } of asked) {
      const found = texts(event.fields);
      if (found.length === 0) continue;
      const words = wordsOf(list, fold);
      if (!found.some((text) => event.receivedAt < (words.get(text) ?? Number.NEGATIVE_INFINITY))) continue;
      listed ??= [];
      listed.push(name);
    }
    if (listed !== undefined) event.add(LISTED, listed);
  };
}

/** Of entries that are one in this form, the one that stays longest counts. */
function foldedWords(list: NamedList | undefined, fold: ListProbes['fold']): Words {
  const words = new Map<string, number>();
  for (const { value, expiresAt = Number.POSITIVE_INFINITY } of list?.entries ?? []) {
    const word = fold(value);
    words.set(word, Math.max(expiresAt, words.get(word) ?? expiresAt));
  }
  return words;
}
