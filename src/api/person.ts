import type { Person, PersonNames } from '../model/person.ts';
import { patternOf, type QueryNode } from '../store/search/node.ts';
import { printQuery } from '../store/search/print.ts';
import { ApiProblem } from './problem.ts';

/** More names than these make a search that nobody can read, and the engine slow. */
const MOST_NAMES = 60;
/** A query has at most 2,000 characters and 100 terms, and whoever goes on from this adds some. */
const QUERY_ROOM = 1_700;
const TERMS_ROOM = 80;
const ACTING = ['user.name', 'user.email', 'user.id', 'source.user.name'] as const;

/** Whom an address of the API means: somebody of the directory, or a name that it does not know. */
export interface Subject {
  readonly person: Person | undefined;
  readonly title: string;
  /** All spellings of all names, in lower case. */
  readonly names: readonly string[];
}

/** Finds whom `alice`, `name:alice` or a directory's id means. Throws an {@link ApiProblem} where it is nobody's id. */
export function subjectOf(id: string, people: readonly Person[], names: PersonNames): Subject {
  const unknown = id.startsWith('name:') ? id.slice('name:'.length).trim() : undefined;
  const person = unknown === undefined ? (people.find((each) => each.id === id) ?? names.find(id)) : names.find(unknown);
  if (person !== undefined) return { person, title: person.displayName, names: spellingsOf(person, names) };
  if (unknown === undefined || unknown === '')
    throw new ApiProblem(404, 'EAR_API_NOT_FOUND', `The directory knows nobody as ${id.slice(0, 100)}. Ask for name:${id.slice(0, 100)}.`);
  return { person: undefined, title: unknown, names: names.spellings([unknown]).slice(0, MOST_NAMES) };
}

/**
 * Whom these names mean, which are all one person's: the surest first. By the first that the directory knows; what else is among them is
 * theirs too, unless somebody else has it.
 */
export function subjectNamed(own: readonly string[], title: string, names: PersonNames): Subject {
  const person = own.map((name) => names.find(name)).find((found) => found !== undefined);
  if (person === undefined) return { person, title, names: names.spellings(own).slice(0, MOST_NAMES) };
  const more = own.filter((name) => (names.find(name) ?? person).id === person.id).map((name) => name.toLowerCase());
  return { person, title: person.displayName, names: [...new Set([...more, ...spellingsOf(person, names)])].slice(0, MOST_NAMES) };
}

/** A name that several claim is not taken for this person's. */
function spellingsOf(person: Person, names: PersonNames): string[] {
  const disputed = new Set(names.conflicts.map(({ name }) => name));
  const own = [person.id, ...person.names, ...person.emails].filter((name) => !disputed.has(name.toLowerCase()));
  return names.spellings(own).slice(0, MOST_NAMES);
}

/** All events that name the subject. */
export const aboutSubject = ({ names }: Subject): QueryNode => anyOf(names.map((name) => is('related.user', name)));

/** Events in which the subject acts. */
export const bySubject = ({ names }: Subject): QueryNode => anyOf(ACTING.flatMap((field) => names.map((name) => is(field, name))));

/** A search that people can go on from: with as many names as a query has room for, the ones that were stated first. */
export function searchText(who: Subject, nodeOf: (who: Subject) => QueryNode): string {
  const fits = (names: readonly string[]) => {
    const node = nodeOf({ ...who, names });
    return printQuery(node).length <= QUERY_ROOM && (node.type !== 'or' || node.nodes.length <= TERMS_ROOM);
  };
  const last = who.names.findLastIndex((_, i) => fits(who.names.slice(0, i + 1)));
  return printQuery(nodeOf({ ...who, names: who.names.slice(0, Math.max(last, 0) + 1) }));
}

const is = (field: string, value: string): QueryNode => ({ type: 'is', field, pattern: patternOf([value]) });

const anyOf = (nodes: readonly QueryNode[]): QueryNode => {
  const [first, ...others] = nodes;
  return first !== undefined && others.length === 0 ? first : { type: 'or', nodes };
};
