import type { Person } from '../model/person.ts';

/** What one source says of a person. What it is silent about, another may say. */
export interface PersonDraft {
  readonly id: string;
  /** Other ids of the same person: what another source may call them by. */
  readonly otherIds?: readonly string[];
  readonly displayName?: string;
  readonly names: readonly string[];
  readonly emails: readonly string[];
  readonly title?: string;
  readonly department?: string;
  readonly manager?: string;
  readonly groups: readonly string[];
  readonly active?: boolean;
  readonly leavingDate?: string;
  readonly privileged?: boolean;
  /** Path of a file, or `scim`. */
  readonly source: string;
}

/**
 * Makes one person of all drafts with one id. The first source that says something is believed; names, groups and addresses add up;
 * who is said to be inactive, leaving or privileged by one source is.
 */
export function mergePeople(drafts: readonly PersonDraft[]): Person[] {
  const byId = new Map<string, PersonDraft[]>();
  const all: PersonDraft[][] = [];
  for (const draft of drafts) {
    const ids = [draft.id, ...(draft.otherIds ?? [])].map((id) => id.toLowerCase());
    const known = ids.map((id) => byId.get(id)).find((found) => found !== undefined);
    const group = known ?? [];
    if (known === undefined) all.push(group);
    group.push(draft);
    for (const id of ids) if (!byId.has(id)) byId.set(id, group);
  }
  return all.map(merged);
}

function merged(drafts: readonly PersonDraft[]): Person {
  const first = <K extends keyof PersonDraft>(key: K): PersonDraft[K] | undefined =>
    drafts.find((draft) => draft[key] !== undefined)?.[key];
  const union = (of: (draft: PersonDraft) => readonly string[]) => [...new Set(drafts.flatMap(of))];
  const id = drafts[0]?.id ?? '';
  const [title, department, manager, leavingDate] = [first('title'), first('department'), first('manager'), first('leavingDate')];
  return {
    id,
    displayName: first('displayName') ?? id,
    names: union(({ id: own, otherIds = [], names }) => [...names, ...otherIds, ...(own === id ? [] : [own])]),
    emails: union(({ emails }) => emails),
    ...(title !== undefined && { title }),
    ...(department !== undefined && { department }),
    ...(manager !== undefined && { manager }),
    ...(leavingDate !== undefined && { leavingDate }),
    groups: union(({ groups }) => groups),
    active: drafts.every(({ active }) => active !== false),
    privileged: drafts.some(({ privileged }) => privileged === true),
    sources: union(({ source }) => [source]),
  };
}
