import { err, ok, type Result } from '../../lib/result.ts';
import { type Logsource, logsourceText } from '../sigma/logsource.ts';
import { ALL, and, type Expression, isAll, not, or, sizeOf } from './expression.ts';
import type { WazuhRule } from './wazuh-rule.ts';

/** What a rule asks when what it says of other rules is followed. */
export interface Asked {
  readonly expression: Expression;
  /** Undefined where nothing says it. */
  readonly logsource: Logsource | undefined;
}

export interface Refusal {
  readonly why: string;
  readonly mend?: string;
}

const MAX_ITEMS = 400;
const MISSING = 'Convert its file together with this one: earshot convert --from wazuh ruleset/rules/*.xml local_rules.xml.';
const NOT_ASKED = 'a condition of it cannot be asked, and without it the rule would mean something else';

/** Follows `if_sid` and `if_group`: in Wazuh a rule is asked only when one of its parents has matched. */
export class Ancestry {
  readonly #rules: ReadonlyMap<string, WazuhRule>;
  readonly #order: ReadonlyMap<string, number>;
  readonly #children = new Map<string, WazuhRule[]>();
  readonly #inGroup = new Map<string, WazuhRule[]>();
  readonly #asked = new Map<string, Result<Asked, Refusal>>();

  constructor(rules: ReadonlyMap<string, WazuhRule>) {
    this.#rules = rules;
    this.#order = new Map([...rules.keys()].map((id, i) => [id, i]));
    for (const rule of rules.values()) {
      for (const parent of rule.parents) this.#add(this.#children, parent, rule);
      for (const group of rule.groups) this.#add(this.#inGroup, group, rule);
    }
  }

  #add(map: Map<string, WazuhRule[]>, key: string, rule: WazuhRule): void {
    const there = map.get(key);
    if (there === undefined) map.set(key, [rule]);
    else there.push(rule);
  }

  of(rule: WazuhRule): Result<Asked, Refusal> {
    const known = this.#asked.get(rule.id);
    if (known !== undefined) return known;
    this.#asked.set(rule.id, err({ why: 'its parents lead back to itself' }));
    const asked =
      rule.counts === undefined
        ? this.#follow(rule)
        : err({ why: `rule ${rule.id} counts events, and a rule beneath a count has no equal` });
    this.#asked.set(rule.id, asked);
    return asked;
  }

  /** For a rule that counts others and has conditions of its own: the events that are counted. */
  ofCounted(rule: WazuhRule, counted: readonly WazuhRule[]): Result<Asked, Refusal> {
    const parents = counted.map((each) => this.of(each));
    const refused = parents.find((each) => !each.ok);
    if (refused !== undefined && !refused.ok) return refused;
    return this.#under(
      rule,
      parents.flatMap((each) => (each.ok ? [each.value] : [])),
    );
  }

  /** Rules of the groups that come before `rule`: those are which Wazuh knows when it reads it. */
  inGroups(groups: readonly string[], rule: WazuhRule): readonly WazuhRule[] {
    const place = this.#order.get(rule.id) ?? 0;
    const found = groups.flatMap((group) => this.#inGroup.get(group) ?? []);
    return [...new Set(found)].filter((each) => (this.#order.get(each.id) ?? 0) < place);
  }

  noteAlertingParents(rule: WazuhRule): void {
    const named = rule.parents.filter((id) => this.#rules.get(id)?.alerts);
    const grouped = this.inGroups(rule.parentGroups, rule).filter(({ alerts }) => alerts);
    const alerting = [...new Set([...named, ...grouped.map(({ id }) => id)])];
    if (alerting.length === 0 || !rule.alerts) return;
    rule.notes.changed(
      rule.line,
      'if_sid',
      `in Wazuh only the last rule of a chain alerts; here each of these alerts beside it: ${alerting.join(', ')}`,
    );
  }

  /** What became of a rule that does not alert and that no other rule counts. */
  noteSilent(rule: WazuhRule): void {
    const beneath =
      (this.#children.get(rule.id) ?? []).length > 0 ||
      rule.groups.some((group) => [...this.#rules.values()].some((each) => each.parentGroups.includes(group)));
    const exceptsFrom = rule.parents.filter((id) => this.#rules.get(id)?.alerts);
    if (rule.own === undefined) rule.notes.left(rule.line, 'rule', NOT_ASKED);
    else if (beneath) rule.notes.carried(rule.line, 'does not alert: its conditions are in the rules beneath it');
    else if (exceptsFrom.length > 0 && this.#isException(rule))
      rule.notes.carried(rule.line, `does not alert: an exception in ${exceptsFrom.join(', ')} and the rules beneath`);
    else
      rule.notes.left(
        rule.line,
        'rule',
        'does not alert, and no rule refers to it: it keeps rules beside it from being asked',
        'Where a rule beside it now alerts too often, add its condition there under `not`.',
      );
  }

  #follow(rule: WazuhRule): Result<Asked, Refusal> {
    const parents: Asked[] = [];
    const refusals: string[] = [];
    const family = [...rule.parents.map((id) => this.#rules.get(id) ?? id), ...this.inGroups(rule.parentGroups, rule)];
    for (const parent of family) {
      const asked = typeof parent === 'string' ? undefined : this.of(parent);
      if (asked?.ok) parents.push(asked.value);
      else refusals.push(typeof parent === 'string' ? parent : parent.id);
    }
    const orphan = rule.parents.length + rule.parentGroups.length > 0 && parents.length === 0;
    if (orphan)
      return err({
        why: `its parents (${[...refusals, ...rule.parentGroups].join(', ')}) were not carried, or are not among the files`,
        mend: MISSING,
      });
    if (refusals.length > 0)
      rule.notes.changed(rule.line, 'if_sid', `not asked beneath ${refusals.join(', ')}: not carried, or not among the files`, MISSING);
    return this.#under(rule, parents);
  }

  #under(rule: WazuhRule, parents: readonly Asked[]): Result<Asked, Refusal> {
    if (rule.own === undefined) return err({ why: NOT_ASKED });
    const sources = new Map(parents.map(({ logsource }) => [logsource === undefined ? '' : logsourceText(logsource), logsource]));
    if (rule.logsource === undefined && sources.size > 1)
      return err({
        why: `its parents are of several log sources (${[...sources.keys()].join('; ')})`,
        mend: 'Make a rule for each parent, or say --logsource.',
      });
    const above = parents.length === 0 ? ALL : or(parents.map(({ expression }) => expression));
    const exceptions = rule.alerts ? (this.#children.get(rule.id) ?? []).filter((child) => this.#isException(child)) : [];
    const expression = and([above, rule.own, ...exceptions.map(({ own = ALL }) => not(own))]);
    if (sizeOf(expression) > MAX_ITEMS)
      return err({ why: `with its parents it has more than ${MAX_ITEMS} conditions`, mend: 'Write it by hand, with fewer parents.' });
    return ok({ expression, logsource: rule.logsource ?? [...sources.values()][0] });
  }

  /** A rule of level 0 beneath another, with nothing beneath it: what it matches is not told. */
  #isException(rule: WazuhRule): boolean {
    return (
      !rule.alerts &&
      rule.level === 0 &&
      rule.counts === undefined &&
      rule.own !== undefined &&
      !isAll(rule.own) &&
      !this.#children.has(rule.id)
    );
  }
}
