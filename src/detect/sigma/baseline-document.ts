import { zoneOf } from '../../formats/time-zone.ts';
import { Attributes } from './attributes.ts';
import type { Against, Baseline, Every, Measure } from './baseline.ts';
import { type CountingDocument, readCounting } from './counting-document.ts';
import type { Faults } from './fault.ts';
import { type Reference, readReferences } from './reference.ts';
import type { ReadOptions } from './rule.ts';
import { parseTimespan } from './timespan.ts';
import { attribute, entries, isMap, isScalar, type Node, scalarText, type YAMLMap } from './yaml-document.ts';

const FIELD_KEYS = ['distinct', 'sum', 'new'] as const satisfies readonly Measure[];
const NORM_KEYS = ['against', 'factor', 'margin', 'or_equal', 'least', 'least_norm'] as const;
/** What says nothing about whether a value was there before. */
const NUMBER_KEYS = [...NORM_KEYS, 'weekdays'];
const KEYS: readonly string[] = [
  'rules',
  'group-by',
  'aliases',
  ...FIELD_KEYS,
  'every',
  ...NORM_KEYS,
  'history',
  'least_history',
  'since',
  'weekdays',
  'time_zone',
  'generate',
];

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const EVERY: ReadonlyMap<number, Every> = new Map([
  [3_600_000, 'hour'],
  [DAY_MS, 'day'],
  [7 * DAY_MS, 'week'],
]);
const HISTORY_DAYS = 30;
const LEAST_DAYS = 14;
/** A norm is made of the values of each stretch of time, for each entity. */
const MOST_STRETCHES = 100 * 24;

/** A baseline document, read and checked by itself. */
export interface BaselineDocument
  extends CountingDocument,
    Pick<
      Baseline,
      | 'measure'
      | 'every'
      | 'timeZone'
      | 'against'
      | 'factor'
      | 'margin'
      | 'orEqual'
      | 'least'
      | 'leastNorm'
      | 'historyDays'
      | 'leastDays'
      | 'since'
      | 'weekdays'
    > {
  readonly fields: readonly Reference[];
}

/** Reads one document. `name`: Earshot's name of it. Undefined: it is rejected, and `faults` says why. */
export function readBaseline(name: string, map: YAMLMap, faults: Faults, options: ReadOptions): BaselineDocument | undefined {
  const before = faults.found.length;
  const node = attribute(map, 'baseline');
  if (!isMap(node))
    return faults.add(node ?? map, '`baseline` is a map with `rules`, such as `{ rules: [my_rule], group-by: [user.name] }`');
  const counting = readCounting(name, map, node, faults, options);
  for (const { key, keyNode } of entries(node, faults))
    if (!KEYS.includes(key)) faults.add(keyNode, `\`baseline.${key}\` is not known: there are ${KEYS.join(', ')}`);
  const part = new Part(node, faults);
  const { measure, fields } = part.measure();
  if (measure === 'new') part.refuse(NUMBER_KEYS, 'means nothing where values are `new`: there is no number to compare');
  const every = part.every();
  const against = part.against();
  const read = {
    ...counting,
    measure,
    fields,
    every,
    against,
    factor: part.number('factor', 1),
    margin: part.number('margin', 0),
    orEqual: part.orEqual(),
    least: part.number('least', 0),
    leastNorm: part.number('least_norm', 0),
    ...part.history(every, measure, against),
    timeZone: part.timeZone(),
    since: part.words.oneOf('since', ['own', 'anybody'] as const) ?? 'own',
    weekdays: part.words.oneOf('weekdays', ['any', 'same', 'workdays'] as const) ?? 'any',
  };
  if (every === 'week' && read.weekdays !== 'any') part.refuse(['weekdays'], 'means nothing for weeks, which have every weekday');
  if (against.kind === 'previous') part.refuse(['weekdays'], 'means nothing against the stretch right before');
  if (read.since === 'anybody' && counting.groups.length === 0) part.refuse(['since'], 'means nothing without `group-by`');
  return faults.found.length > before ? undefined : read;
}

/** Milliseconds, of weeks and days those without a change of clocks. */
const lengthOf = (every: Every): number => [...EVERY].find(([, each]) => each === every)?.[0] ?? Number(every);

/** What is below `baseline`. */
class Part {
  readonly words: Attributes;
  readonly #map: YAMLMap;
  readonly #faults: Faults;

  constructor(map: YAMLMap, faults: Faults) {
    this.#map = map;
    this.#faults = faults;
    this.words = new Attributes(map, faults);
  }

  measure(): { measure: Measure; fields: readonly Reference[] } {
    const [measure, second] = FIELD_KEYS.filter((key) => this.#map.has(key));
    if (measure === undefined) return { measure: 'events', fields: [] };
    if (second !== undefined) this.#faults.add(attribute(this.#map, second), `one of ${FIELD_KEYS.join(', ')}, or none to count events`);
    const node = attribute(this.#map, measure) ?? this.#map;
    const fields = readReferences(node, `\`${measure}\``, this.#faults) ?? [];
    if (measure === 'sum' && fields.length > 1) this.#faults.add(node, '`sum` takes one field');
    return { measure, fields };
  }

  refuse(keys: readonly string[], why: string): void {
    for (const key of keys) if (this.#map.has(key)) this.#faults.add(attribute(this.#map, key) ?? this.#map, `\`${key}\` ${why}`);
  }

  every(): Every {
    const [node, text] = this.#text('every');
    const span = parseTimespan(text ?? '1d');
    const ms = span.ok ? span.value : 0;
    const every = EVERY.get(ms);
    if (every !== undefined) return every;
    if (ms > 0 && ms % MINUTE_MS === 0 && DAY_MS % ms === 0) return ms;
    return this.#faults.add(node, '`every` is one of 1h, 1d, 1w, or whole minutes that divide a day: 5m, 2h') ?? 'day';
  }

  /** `max`, `quantile 0.99`, `mean + 3 sigma`, `previous`. */
  against(): Against {
    const [node, text = 'max'] = this.#text('against');
    if (text === 'previous') return { kind: 'previous' };
    const quantile = /^quantile (0?\.\d*[1-9]\d*)$/.exec(text);
    if (quantile !== null) return { kind: 'quantile', q: Number(quantile[1]) };
    const mean = /^mean(?: \+ (\d+(?:\.\d+)?) sigma)?$/.exec(text);
    if (mean !== null) return { kind: 'mean', sigmas: Number(mean[1] ?? 0) };
    if (text !== 'max')
      this.#faults.add(node, '`against` is `max`, `quantile 0.99` (or another number below 1), `mean + 3 sigma` or `previous`');
    return { kind: 'max' };
  }

  number(key: 'factor' | 'margin' | 'least' | 'least_norm', otherwise: number): number {
    const node = attribute(this.#map, key);
    if (node === undefined) return otherwise;
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value === 'number' && Number.isFinite(value) && (key === 'factor' ? value > 0 : value >= 0)) return value;
    this.#faults.add(node, key === 'factor' ? '`factor` is a number greater than 0' : `\`${key}\` is a number, not less than 0`);
    return otherwise;
  }

  orEqual(): boolean {
    const node = attribute(this.#map, 'or_equal');
    const value = isScalar(node) ? node.value : false;
    if (typeof value === 'boolean' && (node === undefined || isScalar(node))) return value;
    this.#faults.add(node ?? this.#map, '`or_equal` is true or false');
    return false;
  }

  history(every: Every, measure: Measure, against: Against): { historyDays: number; leastDays: number } {
    const historyDays = this.#days('history', HISTORY_DAYS);
    const leastDays = this.#days('least_history', Math.min(LEAST_DAYS, historyDays), lengthOf(every));
    if (leastDays > historyDays)
      this.#faults.add(attribute(this.#map, 'least_history'), `\`least_history\` is longer than the history of ${historyDays} days`);
    if (every === 'week' && historyDays % 7 !== 0)
      this.#faults.add(
        attribute(this.#map, 'history') ?? this.#map,
        '`history` is a number of whole weeks, such as 8w, where `every` is 1w',
      );
    const most = Math.floor((MOST_STRETCHES * lengthOf(every)) / DAY_MS);
    if (lengthOf(every) < DAY_MS && measure !== 'new' && against.kind !== 'previous' && historyDays > most)
      this.#faults.add(
        attribute(this.#map, 'history') ?? this.#map,
        `\`history\` is ${most} days at most where \`every\` is ${scalarText(attribute(this.#map, 'every')) ?? ''}`,
      );
    return { historyDays, leastDays };
  }

  timeZone(): string {
    const [node, text = 'UTC'] = this.#text('time_zone');
    if (zoneOf(text) === undefined) this.#faults.add(node, '`time_zone` is an IANA name, such as Europe/Helsinki');
    return text;
  }

  /** `partMs`: of less than a day, what it is made of. */
  #days(key: 'history' | 'least_history', otherwise: number, partMs: number = DAY_MS): number {
    const [node, text] = this.#text(key);
    if (text === undefined) return otherwise;
    const span = parseTimespan(text);
    if (span.ok && span.value % DAY_MS === 0) return span.value / DAY_MS;
    if (span.ok && span.value < DAY_MS && span.value % partMs === 0) return span.value / DAY_MS;
    this.#faults.add(node, `\`${key}\` is a number of whole days or weeks: 30d, 8w`);
    return otherwise;
  }

  /** Undefined text: the key is not there. */
  #text(key: string): [Node, string | undefined] {
    const node = attribute(this.#map, key);
    return node === undefined ? [this.#map, undefined] : [node, scalarText(node) ?? ''];
  }
}
