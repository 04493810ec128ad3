import { TACTICS, tacticOf, techniqueName, techniqueOf } from '../../model/attack.ts';
import type { RuleInfo } from '../../model/detection.ts';

export interface CoveredTactic {
  /** ATT&CK's name for it, and the key that tags have. */
  readonly tactic: string;
  readonly name: string;
  readonly techniques: readonly { readonly id: string; readonly name?: string; readonly rules: readonly string[] }[];
}

/**
 * The techniques that rules name, under each tactic that the same rule names: a rule's tags do not say which goes with which. Tactics are
 * in ATT&CK's order, techniques by number.
 */
export function coverageOf(rules: readonly Pick<RuleInfo, 'id' | 'tags'>[]): CoveredTactic[] {
  return Object.entries(TACTICS).flatMap(([tactic, name]) => {
    const members = rules.filter(({ tags }) => tags.some((tag) => tacticOf(tag) === tactic));
    if (members.length === 0) return [];
    const named = members.flatMap(({ id, tags }) =>
      [...new Set(tags.flatMap((tag) => techniqueOf(tag) ?? []))].map((technique) => [technique, id] as const),
    );
    const techniques = [...Map.groupBy(named, ([technique]) => technique)]
      .map(([id, pairs]) => ({ ...techniqueWithName(id), rules: pairs.map(([, rule]) => rule) }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
    return [{ tactic, name, techniques }];
  });
}

export function techniqueWithName(id: string): { id: string; name?: string } {
  const name = techniqueName(id);
  return { id, ...(name !== undefined && { name }) };
}
