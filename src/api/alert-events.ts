import type { Alert } from '../model/alert.ts';
import { AUDIT_DATASET } from '../model/audit.ts';
import { atLeast, LEVELS, type Level } from '../model/severity.ts';
import { patternOf, type QueryNode } from '../store/search/node.ts';
import { printQuery } from '../store/search/print.ts';

/** Characters that a query in an address may have. */
const LONGEST = 1_500;

export const is = (field: string, value: string): QueryNode => ({ type: 'is', field, pattern: patternOf([value]) });

/** The events of an alert as a search: those that the rule hit, of its group. */
export function alertEvents(alert: Alert): QueryNode {
  const precise = allOf([...ruleNodes(alert), ...groupNodes(alert)]);
  return printQuery(precise).length <= LONGEST ? precise : ruleEvents(alert);
}

/** The events that any rule hit. */
const ANY_RULE: QueryNode = { type: 'range', field: 'earshot.hits', kind: 'number', lower: { text: '1', inclusive: true } };

/** The events that a rule of this level or above hit. */
export function hitByRule(least: Level): QueryNode {
  if (least === LEVELS[0]) return ANY_RULE;
  return { type: 'or', nodes: LEVELS.filter((level) => atLeast(level, least)).map((level) => is('rule.level', level)) };
}

/** The events that the alert's rule hit, of whatever group. Earshot's own trail is only in a search that names it. */
export const ruleEvents = (alert: Alert): QueryNode => allOf(ruleNodes(alert));

const allOf = (nodes: readonly QueryNode[]): QueryNode => (nodes.length === 0 ? { type: 'all' } : { type: 'and', nodes });

function ruleNodes(alert: Alert): QueryNode[] {
  const own = alert.evidence.some(({ dataset }) => dataset === AUDIT_DATASET);
  const hit = rulesThatHit(alert).map((id) => is('rule.id', id));
  return [...(hit.length > 1 ? [{ type: 'or' as const, nodes: hit }] : hit), ...(own ? [is('event.dataset', AUDIT_DATASET)] : [])];
}

/** What marks the events: of a correlation or a baseline, the rules that it counts. Silence is of whatever speaks. */
function rulesThatHit({ ruleId, details }: Alert): readonly string[] {
  switch (details?.kind) {
    case 'correlation':
      return [...new Set(details.legs.flatMap(({ ruleId, countedRuleIds }) => countedRuleIds ?? [ruleId]))];
    case 'baseline':
      return details.ruleIds;
    case 'silence':
      return [];
    case undefined:
      return [ruleId];
  }
}

/** A correlation may group by a name of its own, which is no field: those have no dot. */
export const groupNodes = ({ kind, group }: Alert): QueryNode[] =>
  Object.entries(group).flatMap(([field, value]) => (kind === 'rule' || field.includes('.') ? [groupNode(field, value)] : []));

/** A field that was missing is in the group as the empty text, several values as a list with commas. */
function groupNode(field: string, value: string): QueryNode {
  if (value === '') return { type: 'not', node: { type: 'exists', field } };
  const parts = value.split(', ');
  if (parts.length === 1 || parts.includes('')) return is(field, value);
  return { type: 'or', nodes: [is(field, value), { type: 'and', nodes: parts.map((part) => is(field, part)) }] };
}
