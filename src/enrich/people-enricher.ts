import type { Value } from '../model/event.ts';
import { isLeaving, type Person, type PersonNames } from '../model/person.ts';
import { type Enrichable, type Enricher, placeOf, valueAt } from './enricher.ts';
import { LONGEST_TEXT, Memo } from './memo.ts';

const REMEMBERED = 20_000;
/**
 * Whose deed it is, the surest first: many products let people choose the name that they show, and who calls themselves by somebody else's
 * must not be taken for them.
 */
const ACTING = ['user.email', 'user.id', 'user.name', 'source.user.email', 'source.user.id', 'source.user.name'].map(placeOf);
const USER_NAME = placeOf('user.name');
const USERS = placeOf('related.user');

/** A person with what their events get: made once, shared by all of them. */
interface Known {
  readonly id: string;
  readonly displayName: string;
  readonly ids: readonly string[];
  readonly displayNames: readonly string[];
  readonly acting: readonly (readonly [path: string, value: Value])[];
}

/**
 * Says which persons an event is about (`earshot.person.id`, `earshot.person.name`), and of the one who acts their full name,
 * department, title, manager, and whether they are leaving or privileged.
 */
export function peopleEnricher(names: PersonNames): Enricher {
  const known = new Map<string, Known>();
  const remembered = new Memo<Known | null>(REMEMBERED);

  const lookUp = (name: string): Known | null => {
    if (name.length > LONGEST_TEXT) return null;
    const found = remembered.get(name);
    if (found !== undefined) return found;
    const person = names.find(name);
    if (person === undefined) return remembered.keep(name, null);
    const made = known.get(person.id) ?? knownOf(person);
    known.set(person.id, made);
    return remembered.keep(name, made);
  };

  return (event) => {
    const users = valueAt(event.fields, USERS);
    if (!Array.isArray(users)) return;
    let first: Known | undefined;
    let firstName: Value | undefined;
    let others: Known[] | undefined;
    for (const user of users) {
      const person = typeof user === 'string' ? lookUp(user) : null;
      if (person === null) continue;
      if (first === undefined) {
        first = person;
        firstName = user;
      }
      if (person === first) continue;
      if (others === undefined) others = [person];
      else if (!others.includes(person)) others.push(person);
    }
    if (first === undefined) return;
    addPersons(event, first, others);
    // Mostly the one name that was just looked up, and nobody else is named.
    const actor = others === undefined && valueAt(event.fields, USER_NAME) === firstName ? first : actingPerson(event, lookUp);
    if (actor !== null) for (const [path, value] of actor.acting) event.add(path, value);
  };
}

function addPersons(event: Enrichable, first: Known, others: readonly Known[] | undefined): void {
  let { ids, displayNames } = first;
  if (others !== undefined) {
    ids = [first.id, ...others.map(({ id }) => id)];
    displayNames = [first.displayName, ...others.map(({ displayName }) => displayName)];
  }
  event.add('earshot.person.id', ids);
  event.add('earshot.person.name', displayNames);
}

function actingPerson({ fields }: Enrichable, lookUp: (name: string) => Known | null): Known | null {
  for (const place of ACTING) {
    const name = valueAt(fields, place);
    const person = typeof name === 'string' ? lookUp(name) : null;
    if (person !== null) return person;
  }
  return null;
}

function knownOf(person: Person): Known {
  const { id, displayName, department, title, manager, leavingDate, active, privileged } = person;
  const acting: [string, Value][] = [['user.full_name', displayName]];
  if (department !== undefined) acting.push(['earshot.person.department', department]);
  if (title !== undefined) acting.push(['earshot.person.title', title]);
  if (manager !== undefined) acting.push(['earshot.person.manager', manager]);
  if (isLeaving(person)) acting.push(['earshot.person.leaving', true]);
  if (leavingDate !== undefined) acting.push(['earshot.person.leaving_date', leavingDate]);
  if (!active) acting.push(['earshot.person.active', false]);
  if (privileged) acting.push(['earshot.person.privileged', true]);
  return { id, displayName, ids: [id], displayNames: [displayName], acting };
}
