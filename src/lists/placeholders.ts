import type { NamedList } from '../model/named-list.ts';

/**
 * What `%name%` stands for in rules, by the names of lists. Entries that have expired are left out. A list of programs has patterns,
 * which a rule would take as texts, so it stands for nothing.
 */
export function placeholdersOf(lists: readonly NamedList[], now: number): ReadonlyMap<string, readonly string[]> {
  const texts = lists.filter(({ kind }) => kind !== 'user_agent');
  return new Map(
    texts.map(({ name, entries }) => [
      name,
      entries.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now).map(({ value }) => value),
    ]),
  );
}
