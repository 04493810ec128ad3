import type { z } from 'zod';
import type { RuleInfo } from '../model/detection.ts';
import { atLeast, LEVELS, type Level } from '../model/severity.ts';
import type { DetectedRule, Detections, HitRule, HitSet } from '../store/search/detections.ts';
import type { QueryNode } from '../store/search/node.ts';
import { printQuery } from '../store/search/print.ts';
import { hitByRule, is } from './alert-events.ts';
import type { DetectionSeries, detectionsEndpoint } from './contract/detections.ts';
import { iso } from './time-range.ts';

type Answer = z.input<typeof detectionsEndpoint.answer>;
type RuleJson = Answer['rules'][number];

/** Values over time that have a colour of their own; the rest is together. */
const SERIES = 8;
const OTHERS = 'others';
const MUCH = { times: 3, least: 5 } as const;

/** `query`, and this too. */
export const narrowed = (query: QueryNode, ...more: readonly QueryNode[]): string => {
  const all = [...(query.type === 'all' ? [] : [query]), ...more];
  const [only] = all;
  return printQuery(all.length === 1 && only !== undefined ? only : { type: 'and', nodes: all });
};

const TECHNIQUE = /^attack\.(t\d{4}(?:\.\d{3})?)$/i;

/** The ATT&CK techniques that a rule is tagged with. */
const techniquesOf = (rule: Pick<RuleInfo, 'tags'> | undefined): string[] =>
  (rule?.tags ?? []).flatMap((tag) => TECHNIQUE.exec(tag)?.[1]?.toUpperCase() ?? []);

/** What the store counted, by rule, level and technique, as the contract has it. `query`: what the caller asked for. */
export function detectionsJson(
  all: Detections,
  { query, by, least, from, to, infos }: DetectionsAsked,
): Pick<Answer, 'total' | 'total_before' | 'interval_ms' | 'bars' | 'rules' | 'levels' | 'techniques' | 'compared_since' | 'anomalies'> {
  const found = fromLevel(all, least);
  const usualPart = (to - from) / Math.max(from - found.since, 1);
  const rules = found.rules.map((rule) => ruleJson(rule, infos.get(rule.id), query, usualPart));
  const techniquesBy = new Map(found.rules.map(({ id }) => [id, techniquesOf(infos.get(id))]));
  const keysOf: Record<DetectionSeries, (set: HitSet) => string[]> = {
    level: (set) => LEVELS.toReversed().filter((level) => set.rules.some((rule) => rule.level === level)),
    rule: (set) => [...new Set(set.rules.map(({ id }) => id))],
    technique: (set) => [...new Set(set.rules.flatMap(({ id }) => techniquesBy.get(id) ?? []))],
  };
  const ofTechnique = (technique: string) => found.rules.filter(({ id }) => techniquesBy.get(id)?.includes(technique)).map(({ id }) => id);
  return {
    total: found.sets.reduce((sum, { count }) => sum + count, 0),
    total_before: found.totalBefore,
    interval_ms: found.intervalMs,
    bars: barsOf(found, keysOf[by], by === 'level'),
    rules,
    levels: countedBy(found.sets, keysOf.level).map(([value, count]) => ({
      value,
      count,
      q: narrowed(query, hitByRule(least), is('rule.level', value)),
    })),
    techniques: countedBy(found.sets, keysOf.technique).map(([value, count]) => {
      const ids = ofTechnique(value);
      return { value, count, rules: ids, q: narrowed(query, anyOf(ids.map((id) => is('rule.id', id)))) };
    }),
    compared_since: iso(found.since),
    anomalies: anomaliesOf(found, rules, query),
  };
}

export interface DetectionsAsked {
  readonly query: QueryNode;
  readonly by: DetectionSeries;
  /** Rules below it are left out. */
  readonly least: Level;
  readonly from: number;
  readonly to: number;
  readonly infos: ReadonlyMap<string, RuleInfo>;
}

/** An event that is there for a rule of the level may have been hit by others. */
function fromLevel(found: Detections, least: Level): Detections {
  const isShown = ({ level }: HitRule) => atLeast(level, least);
  const sets = found.sets.map((set) => ({ ...set, rules: set.rules.filter(isShown) }));
  return { ...found, sets, rules: found.rules.filter(isShown) };
}

const anyOf = (nodes: readonly QueryNode[]): QueryNode => {
  const [only] = nodes;
  return nodes.length === 1 && only !== undefined ? only : { type: 'or', nodes };
};

const ruleJson = (rule: DetectedRule, info: RuleInfo | undefined, query: QueryNode, usualPart: number): RuleJson => ({
  id: rule.id,
  title: rule.title,
  level: rule.level,
  techniques: techniquesOf(info),
  count: rule.count,
  people: rule.people,
  last_at: iso(rule.lastAt),
  usual: rule.before * usualPart,
  q: narrowed(query, is('rule.id', rule.id)),
});

/** Counts events under each of their keys, the most frequent first. */
function countedBy(sets: readonly HitSet[], keysOf: (set: HitSet) => readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const set of sets) for (const key of keysOf(set)) counts.set(key, (counts.get(key) ?? 0) + set.count);
  return [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
}

/** Bars in which each event is once: under the first of its keys in their own order, or in that of their frequency. */
function barsOf({ starts, sets }: Detections, keysOf: (set: HitSet) => readonly string[], inOrder: boolean): Answer['bars'] {
  const shown = countedBy(sets, keysOf)
    .slice(0, SERIES)
    .map(([key]) => key);
  const keyOf = (set: HitSet): string => {
    const keys = keysOf(set);
    return (inOrder ? keys[0] : shown.find((key) => keys.includes(key))) ?? OTHERS;
  };
  const byStart = Map.groupBy(sets, ({ start }) => start);
  return starts.map((start) => {
    const values: Record<string, number> = {};
    let count = 0;
    for (const set of byStart.get(start) ?? []) {
      const key = keyOf(set);
      values[key] = (values[key] ?? 0) + set.count;
      count += set.count;
    }
    return { start: iso(start), count, values };
  });
}

function anomaliesOf({ rules, firsts }: Detections, shown: readonly RuleJson[], query: QueryNode): Answer['anomalies'] {
  const json = new Map(shown.map((rule) => [rule.id, rule]));
  const hadNothing = new Set(rules.filter(({ before }) => before === 0).map(({ id }) => id));
  const newRules = shown.filter(({ id }) => hadNothing.has(id)).map((rule) => ({ kind: 'new_rule', rule }) as const);
  const louder = shown
    .filter(({ id, count, usual }) => !hadNothing.has(id) && count >= MUCH.least && count >= MUCH.times * usual)
    .map((rule) => ({ kind: 'more_than_usual', rule }) as const);
  const people = firsts.flatMap(({ person, ruleId, count, firstAt }) => {
    const rule = json.get(ruleId);
    // Of a rule that had hit nobody, everybody is new: that is said once.
    if (rule === undefined || hadNothing.has(ruleId)) return [];
    const q = narrowed(query, is('rule.id', ruleId), is('user.name', person));
    return [{ kind: 'new_person', rule, person, count, first_at: iso(firstAt), q } as const];
  });
  return [...louder, ...newRules, ...people];
}
