import type { Level } from '../../model/severity.ts';
import type { Logsource } from '../sigma/logsource.ts';
import { isAll } from './expression.ts';
import type { ImportOptions, WrittenRules } from './imported.ts';
import { type CorrelationRule, detectionOf, type EventRule, head, refusalOf } from './rule-document.ts';
import { timespan } from './timespan.ts';
import { Ancestry } from './wazuh-ancestry.ts';
import type { Counting, WazuhRule } from './wazuh-rule.ts';

/** Rules of ours for rules of Wazuh, by their ids. What becomes of each is told to its notes. */
export function writeWazuhRules(rules: ReadonlyMap<string, WazuhRule>, options: ImportOptions): readonly WrittenRules[] {
  const writer = new Writer(rules, options);
  for (const rule of rules.values()) if (rule.alerts) writer.write(rule);
  return writer.finish();
}

const levelOf = (level: number): Level =>
  level >= 15 ? 'critical' : level >= 12 ? 'high' : level >= 7 ? 'medium' : level >= 4 ? 'low' : 'informational';
const nameOf = ({ id }: WazuhRule): string => `wazuh_${id}`;

/** Most of what Wazuh reads is syslog. */
const DEFAULT_LOGSOURCE: Logsource = { product: 'linux' };

class Writer {
  readonly #rules: ReadonlyMap<string, WazuhRule>;
  readonly #ancestry: Ancestry;
  readonly #logsource: Logsource | undefined;
  /** Undefined: not carried, or not known yet, which is how a rule that counts itself is seen. */
  readonly #written = new Map<string, WrittenRules | undefined>();

  constructor(rules: ReadonlyMap<string, WazuhRule>, { logsource }: ImportOptions) {
    this.#rules = rules;
    this.#ancestry = new Ancestry(rules);
    this.#logsource = logsource;
  }

  write(rule: WazuhRule): WrittenRules | undefined {
    if (this.#written.has(rule.id)) return this.#written.get(rule.id);
    this.#written.set(rule.id, undefined);
    const written = rule.counts === undefined ? this.#single(rule) : this.#counting(rule, rule.counts);
    this.#written.set(rule.id, written);
    return written;
  }

  /** In the order of the rules; says of rules that do not alert what became of them. */
  finish(): readonly WrittenRules[] {
    for (const rule of this.#rules.values()) if (!this.#written.has(rule.id)) this.#ancestry.noteSilent(rule);
    return [...this.#rules.keys()].flatMap((id) => this.#written.get(id) ?? []);
  }

  #single(rule: WazuhRule): WrittenRules | undefined {
    const event = this.#event(rule, this.#ancestry.of(rule));
    if (event === undefined) return undefined;
    this.#ancestry.noteAlertingParents(rule);
    rule.notes.carried(rule.line, rule.alerts ? `level ${rule.level}: a rule` : 'does not alert by itself: a rule, as others count it');
    return { name: nameOf(rule), documents: [event] };
  }

  #event(rule: WazuhRule, asked: ReturnType<Ancestry['of']>, base = false): EventRule | undefined {
    if (!asked.ok) return rule.notes.left(rule.line, 'rule', asked.error.why, asked.error.mend);
    const { expression, logsource } = asked.value;
    if (isAll(expression) && rule.alerts)
      rule.notes.changed(rule.line, 'rule', 'has no condition: it is true of every event of its log source');
    const event: EventRule = {
      ...(base
        ? head('wazuh', {
            origin: `${rule.id}/events`,
            name: `${nameOf(rule)}_events`,
            title: `${rule.title.replace(/\.\s*$/, '')}: the events that are counted`,
          })
        : headOf(rule)),
      taxonomy: 'ecs',
      logsource: this.#logsource ?? logsource ?? DEFAULT_LOGSOURCE,
      detection: detectionOf(expression),
      level: base ? 'informational' : levelOf(rule.level),
    };
    const refusal = refusalOf(event);
    return refusal === undefined ? event : rule.notes.left(rule.line, 'rule', refusal);
  }

  #counting(rule: WazuhRule, counts: Counting): WrittenRules | undefined {
    const counted = this.#counted(rule, counts);
    if (counted.length === 0)
      return rule.notes.left(
        rule.line,
        'rule',
        'none of the rules that it counts was carried',
        'Convert their files together with this one.',
      );
    const narrowed = rule.own === undefined || !isAll(rule.own) || rule.parents.length + rule.parentGroups.length > 0;
    const base = narrowed ? this.#event(rule, this.#ancestry.ofCounted(rule, counted), true) : undefined;
    if (narrowed && base === undefined) return undefined;
    if (narrowed)
      rule.notes.changed(
        rule.line,
        'if_matched',
        'its own conditions are asked of all events that are counted; in Wazuh of the last one only',
      );
    const correlation = this.#correlation(
      rule,
      counts,
      base === undefined ? counted.map(nameOf) : [base.name],
      base === undefined && counted.some(({ alerts }) => alerts),
    );
    rule.notes.carried(rule.line, `level ${rule.level}: a correlation over ${correlation.correlation.rules.join(', ')}`);
    return { name: nameOf(rule), documents: base === undefined ? [correlation] : [correlation, base] };
  }

  /** The rules that it counts and that are carried; says which are not. */
  #counted(rule: WazuhRule, { sids, groups }: Counting): readonly WazuhRule[] {
    const wanted = [
      ...sids.map((id) => ({ id, rule: this.#rules.get(id) })),
      ...this.#ancestry.inGroups(groups, rule).map((each) => ({ id: each.id, rule: each })),
    ];
    const missing = wanted.filter((each) => each.rule === undefined || each.rule === rule || this.write(each.rule) === undefined);
    const counted = wanted.filter((each) => !missing.includes(each)).flatMap((each) => each.rule ?? []);
    if (missing.length > 0 && counted.length > 0) {
      rule.notes.changed(
        rule.line,
        'if_matched',
        `does not count ${missing.map(({ id }) => id).join(', ')}: not carried, or not among the files`,
      );
    }
    return counted;
  }

  #correlation(rule: WazuhRule, counts: Counting, rules: readonly string[], generate: boolean): CorrelationRule {
    const { frequency, seconds, same, different, allAgents } = counts;
    const groupBy = [...new Set([...same, ...(allAgents ? [] : ['host.name'])])];
    const [field, ...more] = different;
    if (field !== undefined) {
      rule.notes.changed(
        rule.line,
        'different',
        `counts distinct values of ${different.join(', ')}; Wazuh compares each event with the last one only`,
      );
    }
    return {
      ...headOf(rule),
      taxonomy: 'ecs',
      correlation: {
        type: field === undefined ? 'event_count' : 'value_count',
        rules,
        ...(groupBy.length > 0 && { 'group-by': groupBy }),
        timespan: timespan(seconds),
        condition: { ...(field !== undefined && { field: more.length === 0 ? field : different }), gte: frequency },
      },
      level: levelOf(rule.level),
      ...(generate && { generate }),
    };
  }
}

function headOf(rule: WazuhRule): ReturnType<typeof head> {
  const tags = [
    ...rule.techniques.filter((id) => /^T\d{4}(\.\d{3})?$/i.test(id)).map((id) => `attack.${id.toLowerCase()}`),
    ...rule.groups.map((group) => `wazuh.${group.toLowerCase().replace(/[^a-z0-9._-]+/g, '-')}`),
  ];
  const { id, title, references } = rule;
  return head('wazuh', {
    origin: id,
    name: nameOf(rule),
    title: title === '' ? `Wazuh rule ${id}` : title,
    references,
    tags: [...new Set(tags)],
  });
}
