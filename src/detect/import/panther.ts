import type { Level } from '../../model/severity.ts';
import type { Logsource } from '../sigma/logsource.ts';
import { and } from './expression.ts';
import type { Imported, Importer, ImportOptions, InputFile, RuleNotes, WrittenRules } from './imported.ts';
import { Notes } from './imported.ts';
import { child, type LocatedMap, numberOf, readYaml, textOf, textsOf } from './located.ts';
import { readCorrelation } from './panther-correlation.ts';
import { pathOf, readMatches } from './panther-match.ts';
import { type CorrelationRule, detectionOf, type EventRule, fileName, head, refusalOf } from './rule-document.ts';
import { timespan } from './timespan.ts';

/** Correlation rules of Panther, and its rules in YAML. All files are read together, as correlations name rules. */
export const importPanther: Importer = (files, options) => new Run(options).read(files);

interface Reading {
  readonly map: LocatedMap;
  readonly id: string;
  readonly notes: RuleNotes;
}

const WITHOUT_EQUAL: Readonly<Record<string, readonly [why: string, mend: string]>> = {
  scheduled_rule: [
    'a scheduled rule asks by SQL and judges by Python: code is not read',
    'Write it as a rule on events, or as a correlation.',
  ],
  policy: ['a policy judges resources, not events', 'There is no rule of that kind.'],
};

const nameOf = (id: string): string => fileName('panther', id);

class Run {
  readonly #options: ImportOptions;
  readonly #notes = new Notes();
  readonly #written = new Map<string, WrittenRules>();
  readonly #seen = new Set<string>();
  /** Names of the rules that alert by themselves. */
  readonly #alerting = new Set<string>();

  constructor(options: ImportOptions) {
    this.#options = options;
  }

  read(files: readonly InputFile[]): Imported {
    const all = files.flatMap((file) => this.#readings(file));
    const isCorrelation = ({ map }: Reading): boolean => textOf(child(map, 'AnalysisType')) === 'correlation_rule';
    for (const reading of all) if (!isCorrelation(reading)) this.#keep(reading, this.#rule(reading));
    const correlations = all.filter(isCorrelation);
    const names = new Set(correlations.map(({ id }) => nameOf(id)));
    for (const reading of correlations) this.#keep(reading, this.#correlation(reading, names));
    for (const reading of correlations) this.#noteMissing(reading);
    return { written: [...this.#written.values()], notes: this.#notes.all };
  }

  #readings({ file, text }: InputFile): readonly Reading[] {
    const maps = readYaml(text, '1.2');
    const fault = maps.ok ? { line: 1, why: 'the file holds no rule' } : maps.error;
    if (!maps.ok || maps.value.length === 0) this.#notes.of(file, '').left(fault.line, 'file', fault.why);
    return (maps.ok ? maps.value : []).flatMap((map) => {
      const id = textOf(child(map, 'RuleID')) ?? textOf(child(map, 'PolicyID')) ?? '';
      const notes = this.#notes.of(file, id);
      const type = textOf(child(map, 'AnalysisType')) ?? 'missing';
      if (id === '') return notes.left(map.line, 'file', `AnalysisType ${type} without a RuleID: not a rule`) ?? [];
      if (this.#seen.has(nameOf(id)))
        return notes.left(map.line, 'rule', 'another rule has this RuleID, or one that differs only by signs') ?? [];
      this.#seen.add(nameOf(id));
      if (textOf(child(map, 'CreateAlert')) !== 'false') this.#alerting.add(nameOf(id));
      return [{ map, id, notes }];
    });
  }

  #keep({ id, notes, map }: Reading, written: WrittenRules | undefined): void {
    const refusal = written?.documents
      .map((each) => ('detection' in each ? refusalOf(each) : undefined))
      .find((each) => each !== undefined);
    if (refusal !== undefined) notes.left(map.line, 'rule', refusal);
    else if (written !== undefined) {
      this.#written.set(nameOf(id), written);
      noteOtherKeys(map, notes);
      notes.carried(
        map.line,
        `AnalysisType ${textOf(child(map, 'AnalysisType'))}: ${'detection' in (written.documents[0] ?? {}) ? 'a rule' : 'a correlation'}`,
      );
    }
  }

  /** Correlations wait for rules whose code is not read, too: those are for somebody to write. */
  #noteMissing({ id, notes, map }: Reading): void {
    const documents = this.#written.get(nameOf(id))?.documents ?? [];
    const there = new Set([...this.#written.values()].flatMap((each) => each.documents.map(({ name }) => name)));
    for (const document of documents) {
      for (const name of 'correlation' in document ? document.correlation.rules.filter((each) => !there.has(each)) : []) {
        const why = `waits for a rule that was not carried: the correlation is rejected until there is a rule \`name: ${name}\``;
        notes.changed(map.line, 'RuleID', why, 'Write that rule as Sigma; its events are all that the correlation needs.');
      }
    }
  }

  #rule(reading: Reading): WrittenRules | undefined {
    const { map, id, notes } = reading;
    const type = textOf(child(map, 'AnalysisType')) ?? 'missing';
    const detection = child(map, 'Detection');
    const python = 'its code in Python is not read';
    const again = `Write it as Sigma with \`name: ${nameOf(id)}\`: correlations that refer to it find it by that name.`;
    const [why, mend] =
      (Object.hasOwn(WITHOUT_EQUAL, type) ? WITHOUT_EQUAL[type] : undefined) ??
      (type === 'rule' ? [python, again] : [`AnalysisType ${type} is no rule`, 'Nothing is to be done.']);
    if (type !== 'rule' || detection === undefined) return notes.left(map.line, 'rule', why, mend);
    const filters = child(map, 'InlineFilters');
    const asked = [readMatches(detection, notes), ...(filters === undefined ? [] : [readMatches(filters, notes)])];
    const sound = asked.filter((each) => each !== undefined);
    if (sound.length < asked.length)
      return notes.left(map.line, 'rule', 'a part of it cannot be asked, and without it the rule would mean something else');
    return this.#withThreshold(reading, {
      ...headOf(reading),
      taxonomy: 'ecs',
      logsource: this.#logsource(reading),
      detection: detectionOf(and(sound)),
      level: levelOf(reading),
      ...earshotOf(reading),
    });
  }

  /** `Threshold` events of one group within the period in which Panther makes one alert of them. */
  #withThreshold({ map, id, notes }: Reading, rule: EventRule): WrittenRules {
    const name = nameOf(id);
    const threshold = numberOf(child(map, 'Threshold')) ?? 1;
    if (threshold <= 1) return { name, documents: [rule] };
    const seconds = Math.round((numberOf(child(map, 'DedupPeriodMinutes')) ?? 60) * 60);
    const groupBy = rule.earshot?.group_by ?? [];
    if (groupBy.length === 0)
      notes.changed(
        map.line,
        'GroupBy',
        'without it Panther counts by the title of the alert; the correlation counts all events together',
        'Add group-by to the correlation.',
      );
    const { id: uuid, taxonomy, level, logsource, detection, ...rest } = rule;
    const { earshot, ...common } = rest;
    const correlation: CorrelationRule = {
      ...common,
      id: uuid,
      taxonomy,
      correlation: {
        type: 'event_count',
        rules: [`${name}_events`],
        ...(groupBy.length > 0 && { 'group-by': groupBy }),
        timespan: timespan(seconds),
        condition: { gte: threshold },
      },
      level,
      ...(earshot?.next_steps && { earshot: { next_steps: earshot.next_steps } }),
    };
    const events = head('panther', { origin: `${id}/events`, name: `${name}_events`, title: `${rule.title}: the events that are counted` });
    return { name, documents: [correlation, { ...events, taxonomy, logsource, detection, level: 'informational' }] };
  }

  #correlation(reading: Reading, correlations: ReadonlySet<string>): WrittenRules | undefined {
    const { map, id, notes } = reading;
    const parts = readCorrelation(child(map, 'Detection'), { name: nameOf(id), origin: id, line: map.line, nameOf, notes, correlations });
    if (parts === undefined) return undefined;
    const { next_steps: steps } = earshotOf(reading).earshot ?? {};
    const rule: CorrelationRule = {
      ...headOf(reading),
      taxonomy: 'ecs',
      correlation: parts.correlation,
      level: levelOf(reading),
      ...(steps && { earshot: { next_steps: steps } }),
    };
    return { name: nameOf(id), documents: [rule, ...parts.counts].map((each) => this.#generating(each)) };
  }

  /** What it waits for alerts by itself in Panther, unless that says `CreateAlert: false`. */
  #generating(rule: CorrelationRule): CorrelationRule {
    return rule.correlation.rules.some((name) => this.#alerting.has(name)) ? { ...rule, generate: true } : rule;
  }

  #logsource({ map, notes }: Reading): Logsource {
    const { logsource } = this.#options;
    if (logsource !== undefined) return logsource;
    const types = textsOf(child(map, 'LogTypes')) ?? [];
    const [product = 'linux', service] = (types[0] ?? '').split('.').filter((word) => word !== '');
    const guess = { product: product.toLowerCase(), ...(service !== undefined && { service: service.toLowerCase() }) };
    const words = Object.entries(guess).map(([key, value]) => `${key}: ${value}`);
    notes.changed(
      child(map, 'LogTypes')?.line ?? map.line,
      'LogTypes',
      `${types.join(', ')} is taken for the log source ${words.join(', ')}`,
      'If events of it come here under another: --logsource product=….',
    );
    return guess;
  }
}

const LEVELS: Readonly<Record<string, Level>> = { info: 'informational', low: 'low', medium: 'medium', high: 'high', critical: 'critical' };
const levelOf = ({ map }: Reading): Level => LEVELS[textOf(child(map, 'Severity'))?.toLowerCase() ?? ''] ?? 'medium';

function headOf({ map, id }: Reading): ReturnType<typeof head> {
  const reports = child(map, 'Reports');
  const attack =
    reports?.kind === 'map' ? [...reports.entries].filter(([name]) => /mitre/i.test(name)).flatMap(([, ids]) => textsOf(ids) ?? []) : [];
  const techniques = attack.flatMap((text) => /T\d{4}(\.\d{3})?$/i.exec(text.trim())?.[0] ?? []);
  const tags = (textsOf(child(map, 'Tags')) ?? []).map(
    (tag) =>
      `panther.${tag
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-+|-+$/g, '')}`,
  );
  return head('panther', {
    origin: id,
    name: nameOf(id),
    title: textOf(child(map, 'DisplayName')) ?? id,
    description: textOf(child(map, 'Description')) ?? '',
    references: textsOf(child(map, 'Reference')) ?? [],
    tags: [...new Set([...techniques.map((technique) => `attack.${technique.toLowerCase()}`), ...tags])],
  });
}

function earshotOf({ map }: Reading): Pick<EventRule, 'earshot'> {
  const groups = child(map, 'GroupBy');
  const groupBy = groups?.kind === 'list' ? groups.items.flatMap((each) => (each.kind === 'map' ? (pathOf(each) ?? []) : [])) : [];
  const runbook = textOf(child(map, 'Runbook'))?.trim() ?? '';
  if (groupBy.length === 0 && runbook === '') return {};
  return { earshot: { ...(groupBy.length > 0 && { group_by: groupBy }), ...(runbook !== '' && { next_steps: [runbook] }) } };
}

const CARRIED = new Set(
  'AnalysisType RuleID DisplayName Description Reference Reports Tags Severity Runbook GroupBy Detection InlineFilters LogTypes Threshold DedupPeriodMinutes'.split(
    ' ',
  ),
);

function noteOtherKeys(map: LocatedMap, notes: RuleNotes): void {
  for (const [key, value] of map.entries) {
    if (CARRIED.has(key) || (key === 'Enabled' && textOf(value) === 'true') || (key === 'CreateAlert' && textOf(value) === 'true'))
      continue;
    const [why, mend] = KEYS[key] ?? ['not known here, or about how Panther tells', 'See whether the rule means the same without it.'];
    notes.left(value.line, key, why, mend);
  }
}

const KEYS: Readonly<Record<string, readonly [why: string, mend: string]>> = {
  Enabled: ['rules here have no such switch', 'Name a rule that is not to alert under `rules.staged` in the settings.'],
  CreateAlert: ['rules here have no such switch', 'Name a rule that is not to alert under `rules.staged` in the settings.'],
  Tests: ['tests begin with raw messages here', 'Write x.test.yml beside the rule; docs/sigma.md says how.'],
};
