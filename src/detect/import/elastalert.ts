import type { Logsource } from '../sigma/logsource.ts';
import { readNewTerm, readSpike } from './elastalert-baseline.ts';
import { noteOtherKeys } from './elastalert-keys.ts';
import { eventsOf, lineOf, type Reading, readTimeframe, titleOf } from './elastalert-rule.ts';
import { readFlatline } from './elastalert-silence.ts';
import { plainField, present } from './elastic-field.ts';
import { fieldNames, readFilters } from './elastic-filter.ts';
import { and, type Expression, item, literal, not, or } from './expression.ts';
import type { Imported, Importer, ImportOptions, InputFile, RuleNotes, WrittenRules } from './imported.ts';
import { Notes } from './imported.ts';
import { child, type LocatedMap, numberOf, readYaml, textOf, textsOf } from './located.ts';
import { type CorrelationRule, detectionOf, type EventRule, fileName, head, type RuleDocument, refusalOf } from './rule-document.ts';
import { timespan } from './timespan.ts';

/** Rules of ElastAlert 2, one a file. */
export const importElastalert: Importer = (files, options) => new Run(options).read(files);

/** What each type becomes. Undefined: not carried, and the notes say why. */
const TYPES: Readonly<Record<string, (reading: Reading) => WrittenRules | undefined>> = {
  any: (reading) => single(reading, reading.filter),
  blacklist: readBlacklist,
  whitelist: readWhitelist,
  frequency: readFrequency,
  cardinality: readCardinality,
  new_term: readNewTerm,
  flatline: readFlatline,
  spike: readSpike,
};

/** Types without an equal: what they would need, and what can be done today. */
const WITHOUT_EQUAL: Readonly<Record<string, readonly [why: string, mend: string]>> = {
  change: [
    'compares a value with the one before it for the same `query_key`; there is no rule of that kind',
    'Near to it: a correlation `value_count` of the field, `gte: 2`, grouped by the query_key (here: type: cardinality with max_cardinality: 1).',
  ],
  metric_aggregation: [
    'compares a sum, average or other number of a whole window',
    'Sums, averages and percentiles are the correlations value_sum, value_avg and value_percentile: write one by hand.',
  ],
  spike_aggregation: [
    'needs a baseline: the number that the window before had. Baselines are written by hand: docs/guides/baselines.md',
    'Write a correlation value_sum or value_avg with a fixed number.',
  ],
  percentage_match: [
    'compares the share of one bucket of events with all others; there is no rule of that kind',
    'Write a correlation event_count with a fixed number.',
  ],
};

class Run {
  readonly #options: ImportOptions;
  readonly #notes = new Notes();
  readonly #names = new Map<string, string>();

  constructor(options: ImportOptions) {
    this.#options = options;
  }

  read(files: readonly InputFile[]): Imported {
    const written = files.flatMap(({ file, text }) => {
      const maps = readYaml(text, '1.1');
      if (maps.ok && maps.value.length > 0) return maps.value.flatMap((map) => this.#rule(file, map) ?? []);
      const fault = maps.ok ? { line: 1, why: 'the file holds no rule' } : maps.error;
      this.#notes.of(file, '').left(fault.line, 'file', fault.why);
      return [];
    });
    return { written, notes: this.#notes.all };
  }

  #rule(file: string, map: LocatedMap): WrittenRules | undefined {
    const origin = textOf(child(map, 'name')) ?? file.replace(/^.*\//, '').replace(/\.ya?ml$/, '');
    const notes = this.#notes.of(file, origin);
    const type = child(map, 'type');
    const kind = textOf(type) ?? '';
    const make = Object.hasOwn(TYPES, kind) ? TYPES[kind] : undefined;
    const [why, mend] = (Object.hasOwn(WITHOUT_EQUAL, kind) ? WITHOUT_EQUAL[kind] : undefined) ?? [
      kind === '' ? 'the rule has no type' : "a type that is not ElastAlert's own: its code is not read",
      'Write it by hand; docs/sigma.md says how.',
    ];
    if (make === undefined) return notes.left(type?.line ?? map.line, 'rule', `type ${kind}: ${why}`, mend);
    const name = this.#free(fileName('elastalert', origin), origin);
    if (name === undefined)
      return notes.left(map.line, 'rule', 'another rule has the same name', 'Names are unique in ElastAlert too: rename one.');
    const filter = readFilters(child(map, 'filter'), notes);
    if (filter === undefined)
      return notes.left(
        child(map, 'filter')?.line ?? map.line,
        'rule',
        'a part of its filter cannot be asked for, and without it the rule would mean something else',
      );
    const used = new Set(['name', 'type', 'description', 'filter', 'index', 'query_key']);
    const reading = { map, origin, name, notes, filter, logsource: this.#logsource(map, notes), used };
    const rules = make(reading);
    if (rules === undefined) return undefined;
    const refusal = refusalOf(...rules.documents);
    if (refusal !== undefined) return notes.left(map.line, 'rule', refusal);
    noteOtherKeys(map, used, notes);
    notes.carried(map.line, `type ${kind}: ${kindsOf(rules.documents)}`);
    return rules;
  }

  /** Undefined where the very rule is there already. */
  #free(name: string, origin: string): string | undefined {
    if ([...this.#names.values()].includes(origin)) return undefined;
    let free = name;
    for (let i = 2; this.#names.has(free); i++) free = `${name}_${i}`;
    this.#names.set(free, origin);
    return free;
  }

  #logsource(map: LocatedMap, notes: RuleNotes): Logsource {
    const { logsource } = this.#options;
    if (logsource !== undefined) return logsource;
    const index = textOf(child(map, 'index')) ?? '';
    const [, guess] = INDICES.find(([pattern]) => pattern.test(index)) ?? [undefined, { product: 'linux' }];
    const words = Object.entries(guess).map(([key, value]) => `${key}: ${value}`);
    notes.changed(
      child(map, 'index')?.line ?? map.line,
      'index',
      `\`${index}\` is taken for the log source ${words.join(', ')}`,
      'If it is another: --logsource product=…,service=….',
    );
    return guess;
  }
}

/** What was written: `a correlation, and the rule that it counts`. */
function kindsOf(documents: readonly RuleDocument[]): string {
  const baselines = documents.filter((each) => 'baseline' in each).length;
  if (baselines > 1) return `${baselines} baselines, and the rule that they look at`;
  const silence = documents.some((each) => 'silence' in each) ? ', and a silence document' : '';
  if (baselines === 1) return `a baseline, and the rule that it looks at${silence}`;
  if (documents.some((each) => 'silence' in each)) return 'a silence document';
  return documents.some((each) => 'correlation' in each) ? 'a correlation and the rule that it counts' : 'a rule';
}

/** What names of indices say of their events. */
const INDICES: readonly (readonly [RegExp, Logsource])[] = [
  [/winlog|windows/i, { product: 'windows' }],
  [/auditbeat|auditd/i, { product: 'linux', service: 'auditd' }],
  [/packetbeat|firewall/i, { category: 'firewall' }],
  [/nginx|apache|access/i, { category: 'webserver' }],
];

function single(reading: Reading, expression: Expression): WrittenRules {
  const groupBy = fieldNames(child(reading.map, 'query_key'));
  const rule: EventRule = {
    ...head('elastalert', titleOf(reading)),
    taxonomy: 'ecs',
    logsource: reading.logsource,
    detection: detectionOf(expression),
    level: 'medium',
    ...(groupBy.length > 0 && { earshot: { group_by: groupBy } }),
  };
  return { name: reading.name, documents: [rule] };
}

function readBlacklist(reading: Reading): WrittenRules | undefined {
  const compared = comparedList(reading, 'blacklist');
  return compared && single(reading, and([reading.filter, compared.listed]));
}

function readWhitelist(reading: Reading): WrittenRules | undefined {
  const compared = comparedList(reading, 'whitelist');
  if (compared === undefined) return undefined;
  reading.used.add('ignore_null');
  const ignoreNull = textOf(child(reading.map, 'ignore_null')) === 'true';
  return single(reading, and([reading.filter, ...(ignoreNull ? [present(compared.field)] : []), not(compared.listed)]));
}

function comparedList({ map, notes, used }: Reading, key: string): { field: string; listed: Expression } | undefined {
  used.add('compare_key').add(key);
  const field = textOf(child(map, 'compare_key'));
  const list = child(map, key);
  const values = textsOf(list);
  if (field === undefined || values === undefined || values.length === 0)
    return notes.left(list?.line ?? map.line, 'rule', `type ${key} needs \`compare_key\` and texts under \`${key}\``);
  const file = values.find((value) => /^"?!file/.test(value));
  if (file !== undefined)
    return notes.left(
      list?.line ?? map.line,
      'rule',
      `\`${file}\`: the file is not read`,
      `Write its values under ${key} and convert again.`,
    );
  return { field: plainField(field), listed: or(values.map((value) => item(`${plainField(field)}|cased`, literal(value)))) };
}

function readFrequency(reading: Reading): WrittenRules | undefined {
  const { map, notes, used } = reading;
  used.add('num_events');
  const events = child(map, 'num_events');
  const count = numberOf(events);
  if (count === undefined) return notes.left(events?.line ?? map.line, 'rule', '`num_events` is missing, or not a number');
  return counted(reading, 'event_count', { gte: count });
}

function readCardinality(reading: Reading): WrittenRules | undefined {
  const { map, notes, used } = reading;
  used.add('cardinality_field').add('max_cardinality').add('min_cardinality');
  const [field] = fieldNames(child(map, 'cardinality_field'));
  const most = numberOf(child(map, 'max_cardinality'));
  const least = numberOf(child(map, 'min_cardinality'));
  if (field === undefined || (most === undefined && least === undefined))
    return notes.left(map.line, 'rule', 'type cardinality needs `cardinality_field` and `max_cardinality` or `min_cardinality`');
  if (most === undefined && least !== undefined) {
    notes.changed(lineOf(map, 'min_cardinality'), 'min_cardinality', 'counts only where at least one event came: silence is not seen');
    return counted(reading, 'value_count', { field, lt: least });
  }
  if (least !== undefined)
    notes.left(
      lineOf(map, 'min_cardinality'),
      'min_cardinality',
      'a correlation has one side: `max_cardinality` was carried',
      'Write a second rule with min_cardinality alone.',
    );
  return counted(reading, 'value_count', { field, gt: most ?? 0 });
}

/** A rule for the events, and a correlation that counts them. */
function counted(
  reading: Reading,
  type: 'event_count' | 'value_count',
  condition: Readonly<Record<string, number | string>>,
): WrittenRules | undefined {
  const { map, name } = reading;
  const seconds = readTimeframe(reading);
  if (seconds === undefined) return undefined;
  const groupBy = fieldNames(child(map, 'query_key'));
  const events = eventsOf(reading);
  const correlation: CorrelationRule = {
    ...head('elastalert', titleOf(reading)),
    taxonomy: 'ecs',
    correlation: { type, rules: [events.name], ...(groupBy.length > 0 && { 'group-by': groupBy }), timespan: timespan(seconds), condition },
    level: 'medium',
  };
  return { name, documents: [correlation, events] };
}
