/** A person as the identity directory knows them: one, however many names they have. */
export interface Person {
  /** What events and addresses call the person by; the same for good. */
  readonly id: string;
  readonly displayName: string;
  /** By which systems know them: account names, ids of products, addresses of mail. */
  readonly names: readonly string[];
  readonly emails: readonly string[];
  readonly title?: string;
  readonly department?: string;
  /** The manager's id or one of their names. */
  readonly manager?: string;
  readonly groups: readonly string[];
  readonly active: boolean;
  /** The day they leave or left, `2026-12-31`. */
  readonly leavingDate?: string;
  readonly privileged: boolean;
  /** Where it was said: paths of files, and `scim`. */
  readonly sources: readonly string[];
}

/** Of a person who leaves, or has left, more is worth a look. */
export const isLeaving = ({ active, leavingDate }: Person): boolean => !active || leavingDate !== undefined;

/** A name that several persons claim: it stands for none of them. */
export interface NameConflict {
  readonly name: string;
  /** Ids of the persons. */
  readonly persons: readonly string[];
}

/** A number names nobody outside its own machine. */
const NUMBER = /^\d+$/;

const fold = (name: string): string => name.toLowerCase();

/**
 * Finds persons by any of their names, whatever the case. Names of the domains (`jsilva@example.com`, `EXAMPLE\jsilva`) also count
 * without the domain, unless somebody else has the bare name. A name that several claim is nobody's.
 */
export class PersonNames {
  readonly conflicts: readonly NameConflict[];
  readonly #byName = new Map<string, Person>();
  readonly #domains: ReadonlySet<string>;

  constructor(people: readonly Person[], domains: readonly string[]) {
    this.#domains = new Set(domains.map(fold));
    const conflicts = new Map<string, Set<string>>();
    this.#claim(people, statedNames, conflicts);
    const stated = new Set([...this.#byName.keys(), ...conflicts.keys()]);
    const bare = (person: Person) => statedNames(person).flatMap((name) => this.#bare(fold(name)) ?? []);
    this.#claim(people, (person) => bare(person).filter((name) => !stated.has(name)), conflicts);
    this.conflicts = [...conflicts].map(([name, persons]) => ({ name, persons: [...persons] }));
  }

  find(name: string): Person | undefined {
    const key = fold(name);
    const found = this.#byName.get(key);
    if (found !== undefined || this.#domains.size === 0) return found;
    const bare = this.#bare(key);
    return bare === undefined ? undefined : this.#byName.get(bare);
  }

  /** The names under which events of a person, or of a name that no directory knows, may be: with each domain and without. */
  spellings(names: readonly string[]): string[] {
    const all = new Set(names.map(fold));
    for (const name of [...all]) {
      const bare = this.#bare(name) ?? name;
      if (!this.#mayStandAlone(bare, all)) continue;
      all.add(bare);
      for (const domain of this.#domains) all.add(domain.includes('.') ? `${bare}@${domain}` : `${domain}\\${bare}`);
    }
    return [...all];
  }

  #mayStandAlone(bare: string, own: ReadonlySet<string>): boolean {
    if (/[@\\]/.test(bare) || NUMBER.test(bare)) return false;
    const holder = this.#byName.get(bare);
    return own.has(bare) || (holder !== undefined && statedNames(holder).some((name) => own.has(fold(name))));
  }

  #claim(people: readonly Person[], namesOf: (person: Person) => readonly string[], conflicts: Map<string, Set<string>>): void {
    for (const person of people) {
      for (const name of namesOf(person)) {
        const key = fold(name);
        if (key === '' || NUMBER.test(key)) continue;
        const holder = this.#byName.get(key);
        const disputed = conflicts.get(key);
        if (disputed !== undefined) disputed.add(person.id);
        else if (holder === undefined) this.#byName.set(key, person);
        else if (holder.id !== person.id) {
          conflicts.set(key, new Set([holder.id, person.id]));
          this.#byName.delete(key);
        }
      }
    }
  }

  /** The name without one of the domains; undefined where it has none. */
  #bare(name: string): string | undefined {
    const at = name.lastIndexOf('@');
    if (at > 0 && this.#domains.has(name.slice(at + 1))) return name.slice(0, at);
    const slash = name.indexOf('\\');
    return slash > 0 && this.#domains.has(name.slice(0, slash)) ? name.slice(slash + 1) : undefined;
  }
}

const statedNames = ({ id, names, emails }: Person): readonly string[] => [id, ...names, ...emails];
