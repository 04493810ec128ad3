import { fitsGlob } from '../lib/glob.ts';
import type { Value } from '../model/event.ts';
import type { ListKind, NamedList } from '../model/named-list.ts';
import { type Enrichable, type Enricher, type Place, placeOf, valueAt } from './enricher.ts';
import { LONGEST_TEXT, Memo } from './memo.ts';
import { PrefixTable, parsePrefix } from './networks.ts';

const REMEMBERED = 20_000;

/** An entry as it is looked for: the list it is on, and until when. */
interface Entry {
  readonly list: string;
  readonly expiresAt: number;
}

/** The lists that a value is on, and until when that holds. */
interface Found {
  readonly lists: readonly string[];
  readonly until: number;
}

const NONE: Found = { lists: [], until: Number.POSITIVE_INFINITY };

/** The entries of one kind, by value. */
class Matcher {
  readonly #look: (value: string) => readonly Entry[];
  readonly #remembered = new Memo<Found>(REMEMBERED);

  constructor(look: (value: string) => readonly Entry[]) {
    this.#look = look;
  }

  /** Names of the lists that the value is on at that time. */
  listsOf(value: string, at: number): readonly string[] {
    if (value.length > LONGEST_TEXT) return NONE.lists;
    const known = this.#remembered.get(value);
    if (known !== undefined && at < known.until) return known.lists;
    return this.#remembered.keep(value, this.#find(value, at)).lists;
  }

  #find(value: string, at: number): Found {
    const places = this.#look(value).filter(({ expiresAt }) => at < expiresAt);
    if (places.length === 0) return NONE;
    return { lists: [...new Set(places.map(({ list }) => list))], until: Math.min(...places.map(({ expiresAt }) => expiresAt)) };
  }
}

/** What of an event a kind of list is compared with, and whose it is. */
interface Probe {
  readonly place: Place;
  readonly matcher: Matcher;
  readonly whose?: 'source' | 'user';
}

const ADDRESSES: readonly Omit<Probe, 'matcher'>[] = [
  { place: placeOf('source.ip'), whose: 'source' },
  { place: placeOf('client.ip'), whose: 'source' },
  { place: placeOf('destination.ip') },
  { place: placeOf('server.ip') },
];
const SYSTEMS: readonly Omit<Probe, 'matcher'>[] = [
  { place: placeOf('source.as.number'), whose: 'source' },
  { place: placeOf('client.as.number'), whose: 'source' },
  { place: placeOf('destination.as.number') },
];
const ACCOUNTS: readonly Omit<Probe, 'matcher'>[] = [
  { place: placeOf('user.name'), whose: 'user' },
  { place: placeOf('user.email'), whose: 'user' },
  { place: placeOf('user.id'), whose: 'user' },
  { place: placeOf('related.user') },
];
const AGENTS: readonly Omit<Probe, 'matcher'>[] = [{ place: placeOf('user_agent.original'), whose: 'source' }];

/**
 * Adds `earshot.lists`, the names of the lists that a value of the event is on; those of where it came from (address, network, program)
 * are in `earshot.source.lists` too, those of who acts in `earshot.user.lists`.
 */
export function listEnricher(lists: readonly NamedList[]): Enricher {
  const probes = probesOf(lists);
  return (event) => {
    let all: readonly string[] | undefined;
    let source: readonly string[] | undefined;
    let user: readonly string[] | undefined;
    for (const { place, matcher, whose } of probes) {
      const value = valueAt(event.fields, place);
      if (value === undefined) continue;
      const found = listsOfValue(matcher, value, event.receivedAt);
      if (found.length === 0) continue;
      all = joined(all, found);
      if (whose === 'source') source = joined(source, found);
      else if (whose === 'user') user = joined(user, found);
    }
    addTo(event, 'earshot.lists', all);
    addTo(event, 'earshot.source.lists', source);
    addTo(event, 'earshot.user.lists', user);
  };
}

function addTo(event: Enrichable, path: string, lists: readonly string[] | undefined): void {
  if (lists !== undefined) event.add(path, lists);
}

function joined(some: readonly string[] | undefined, more: readonly string[]): readonly string[] {
  if (some === undefined || some === more) return more;
  return more.every((name) => some.includes(name)) ? some : [...new Set([...some, ...more])];
}

function listsOfValue(matcher: Matcher, value: Value, at: number): readonly string[] {
  if (typeof value === 'string') return matcher.listsOf(value, at);
  if (typeof value === 'number') return matcher.listsOf(`${value}`, at);
  if (!Array.isArray(value)) return NONE.lists;
  let all: readonly string[] | undefined;
  for (const each of value) {
    const found = typeof each === 'string' ? matcher.listsOf(each, at) : NONE.lists;
    if (found.length > 0) all = joined(all, found);
  }
  return all ?? NONE.lists;
}

function probesOf(lists: readonly NamedList[]): Probe[] {
  const of = (kind: ListKind) => lists.filter((list) => list.kind === kind);
  const withMatcher = (kind: ListKind, look: (some: readonly NamedList[]) => Matcher, places: readonly Omit<Probe, 'matcher'>[]) => {
    const some = of(kind);
    if (some.length === 0) return [];
    const matcher = look(some);
    return places.map((place) => ({ ...place, matcher }));
  };
  return [
    ...withMatcher('cidr', networkMatcher, ADDRESSES),
    ...withMatcher('asn', (some) => wordMatcher(some, (value) => value.replace(/^as/i, '')), SYSTEMS),
    ...withMatcher('account', wordMatcher, ACCOUNTS),
    ...withMatcher('user_agent', patternMatcher, AGENTS),
    ...textProbes(of('text')),
  ];
}

const placesOf = ({ name, entries }: NamedList): (Entry & { readonly value: string })[] =>
  entries.map(({ value, expiresAt }) => ({ list: name, value, expiresAt: expiresAt ?? Number.POSITIVE_INFINITY }));

function networkMatcher(lists: readonly NamedList[]): Matcher {
  const table = new PrefixTable<Entry>();
  for (const place of lists.flatMap(placesOf)) {
    const prefix = parsePrefix(place.value);
    if (prefix.ok) table.add(prefix.value, place);
  }
  return new Matcher((address) => table.find(address));
}

function wordMatcher(lists: readonly NamedList[], wordOf: (value: string) => string = (value) => value): Matcher {
  const places = Map.groupBy(lists.flatMap(placesOf), ({ value }) => wordOf(value).toLowerCase());
  return new Matcher((value) => places.get(value.toLowerCase()) ?? []);
}

function patternMatcher(lists: readonly NamedList[]): Matcher {
  const places = lists.flatMap(placesOf).map((place) => ({ ...place, pattern: place.value.toLowerCase() }));
  return new Matcher((value) => {
    const text = value.toLowerCase();
    return places.filter(({ pattern }) => fitsGlob(text, pattern));
  });
}

/** Lists of texts that look at the same field share a look. */
function textProbes(lists: readonly NamedList[]): Probe[] {
  const paths = [...new Set(lists.flatMap(({ fields }) => fields))];
  return paths.map((path) => ({ place: placeOf(path), matcher: wordMatcher(lists.filter(({ fields }) => fields.includes(path))) }));
}
