import type { Rule } from './sigma/rule.ts';
import { techniquesOf } from './test-report.ts';

/** ATT&CK's version whose names `src/model/attack.ts` has. */
const ATTACK_VERSION = '19';

/**
 * A layer of MITRE's ATT&CK Navigator (format 4.5): each technique that a rule names, colored by how many rules do. A rule that can never
 * fire here (its name is in `silent`) covers nothing: it is told in the comment, and does not count.
 */
export function navigatorLayer(rules: readonly Pick<Rule, 'name' | 'tags'>[], silent: ReadonlySet<string>): object {
  const techniques = [...techniquesOf(rules)].map(([techniqueID, names]) => {
    const firing = names.filter((name) => !silent.has(name));
    const quiet = names.filter((name) => silent.has(name));
    const comment = [
      ...(firing.length > 0 ? [firing.join(', ')] : []),
      ...(quiet.length > 0 ? [`can never fire here: ${quiet.join(', ')}`] : []),
    ];
    return { techniqueID, score: firing.length, comment: comment.join('; '), enabled: true, showSubtechniques: techniqueID.includes('.') };
  });
  return {
    name: 'Earshot rules',
    versions: { attack: ATTACK_VERSION, navigator: '5.1.0', layer: '4.5' },
    domain: 'enterprise-attack',
    description: 'Techniques that the rules name in their tags. The score is the number of rules that can fire.',
    sorting: 0,
    layout: { layout: 'side', showName: true, showID: true },
    hideDisabled: false,
    techniques,
    gradient: { colors: ['#ffffff', '#2f6fdf'], minValue: 0, maxValue: Math.max(1, ...techniques.map(({ score }) => score)) },
    legendItems: [],
    metadata: [],
    showTacticRowBackground: false,
    selectTechniquesAcrossTactics: true,
    selectSubtechniquesWithParent: false,
  };
}
