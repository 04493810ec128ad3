import { fitsGlob } from '../lib/glob.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { Alert } from '../model/alert.ts';
import type { AskedPerson } from '../model/ask.ts';
import type { Person, PersonNames } from '../model/person.ts';

/** Names of those who act in an alert: they can be asked whether it was them. */
export const actingIn = ({ evidence }: Pick<Alert, 'evidence'>): string[] => [
  ...new Set(evidence.flatMap(({ user }) => (user === undefined || user === '' ? [] : [user]))),
];

/** What decides whether somebody can be asked by mail. */
export interface Asked {
  /** With the events that the asker may see: who acts in others is not for them to learn. */
  readonly alert: Pick<Alert, 'evidence'>;
  /** Of all its events. */
  readonly datasets: readonly string[];
  /** As the caller named them; undefined where the alert names but one. */
  readonly name: string | undefined;
  /** The user who asks; undefined for a program. */
  readonly asker: string | undefined;
  readonly names: PersonNames;
  readonly notFor: readonly string[];
  /** Today, as `2026-12-31`. */
  readonly today: string;
}

/** An address and nothing else: directories hold what people have typed. */
const ADDRESS = /^[^\s<>(),;:"\\@]{1,64}@[^\s<>(),;:"\\@]{1,253}$/;

/** Whom the caller means, or why they cannot be asked by mail; the words are for the caller. */
export function whoIsAsked({
  alert,
  datasets,
  name,
  asker,
  names,
  notFor,
  today,
}: Asked): Result<{ person: AskedPerson; isTheirs: (user: string) => boolean }, string> {
  const acting = actingIn(alert);
  const given = name ?? (acting.length === 1 ? acting[0] : undefined);
  if (acting.length === 0) return err('the alert names nobody who has done anything');
  if (given === undefined) return err(`say whom: ${acting.slice(0, 5).join(', ')}`);
  const person = names.find(given);
  const isTheirs = (user: string) =>
    user.toLowerCase() === given.toLowerCase() || (person !== undefined && names.find(user)?.id === person.id);
  if (!acting.some(isTheirs)) return err(`the alert does not say that ${given} has done anything`);
  if (person === undefined)
    return err(`the identity directory does not know ${given}, and so no mail address of theirs; ask them by another way`);
  const email = person.emails.find((each) => ADDRESS.test(each));
  if (email === undefined)
    return err(`the identity directory has no mail address of ${person.displayName || person.id}; ask them by another way`);
  if (isGone(person, today)) return err(`${person.displayName || person.id} has left: whoever reads their mail now would answer`);
  if (asker !== undefined && names.find(asker)?.id === person.id) return err('that is yourself: write a comment in place of an answer');
  const doubted = datasets.find((dataset) => notFor.some((pattern) => fitsGlob(dataset.toLowerCase(), pattern.toLowerCase())));
  if (doubted !== undefined) {
    const which = alert.evidence.some(({ dataset }) => dataset === doubted) ? `${doubted}, ` : '';
    return err(
      `the alert is about their mailbox, or what opens it (${which}asking.not_for): whoever holds it would answer. Ask them in person`,
    );
  }
  return ok({ person: { id: person.id, name: person.displayName || person.id, email }, isTheirs });
}

/** Whether somebody is not there any more. Who is about to leave can be asked. */
export const isGone = ({ active, leavingDate }: Pick<Person, 'active' | 'leavingDate'>, today: string): boolean =>
  !active || (leavingDate !== undefined && leavingDate < today);
