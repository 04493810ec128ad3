import type { Sql } from '../../store/sql.ts';
import type { EventEngine, QueryBounds } from '../../store/store.ts';
import type { Heads } from '../correlate/sql/triggers.ts';
import type { Baseline } from '../sigma/baseline.ts';
import { Calendar } from './calendar.ts';
import { valueText } from './evaluate.ts';
import { HeardHours } from './heard-hours.ts';
import { KnownNorms } from './known-norms.ts';
import { exceeds, historyDaysOf, normOf } from './norm.ts';
import { firstOfAll, type NewsRow, newValues, type Slice, type StretchRow, stretchValues } from './stretch-sql.ts';

/** One stretch of one entity: does it hold there? */
export interface Question {
  readonly baseline: Baseline;
  readonly identity: string;
  readonly groupKey: string;
  /** First moment of the stretch, in milliseconds since the epoch. */
  readonly start: number;
}

/** What is unusual there. */
export interface Verdict {
  readonly value: number;
  /** Absent for what is seen for the first time. */
  readonly norm?: number;
  readonly historyDays: number;
  /** The first few new values, as they are compared. */
  readonly news: readonly string[];
}

const BOUNDS: QueryBounds = { timeoutMs: 10_000, maxMemoryBytes: 200 * 1024 ** 2, maxRows: 2_000_000, lane: 'detect' };
/** So many entities in a statement, with keys of so many characters. */
const KEYS = 500;
const KEY_CHARACTERS = 100_000;

type Ask = <Row>(statement: Sql) => Promise<Row[]>;

/** Entities of one baseline, in one stretch. */
interface Batch {
  readonly baseline: Baseline;
  readonly identity: string;
  readonly start: number;
  readonly groupKeys: readonly string[];
}

/**
 * Judges stretches by SQL over the table of hits: what `evaluateBaselines` says of the same rows. A norm is kept until another stretch is
 * asked for, or an event of the past comes.
 */
export class BaselineJudge {
  readonly #engine: EventEngine;
  readonly #hours: HeardHours;
  readonly #norms = new KnownNorms();

  constructor(engine: EventEngine) {
    this.#engine = engine;
    this.#hours = new HeardHours(engine);
  }

  /** For each question, what is unusual; undefined where nothing is. Throws EngineError. */
  async judge(questions: readonly Question[], heads: Heads, signal?: AbortSignal): Promise<(Verdict | undefined)[]> {
    const found = new Map<string, ReadonlyMap<string, Verdict>>();
    const ask: Ask = (statement) => this.#engine.query(statement, { ...BOUNDS, ...(signal && { signal }) });
    for (const [place, alike] of Map.groupBy(questions, placeOf)) {
      const verdicts = new Map<string, Verdict>();
      for (const batch of batchesOf(alike)) await new BatchJudge(batch, heads, ask, this.#norms, this.#hours).judge(verdicts);
      found.set(place, verdicts);
    }
    return questions.map((question) => found.get(placeOf(question))?.get(question.groupKey));
  }

  /** An event of the past has come to this entity: what is known of it is no longer true. */
  forget(entity: Pick<Question, 'identity' | 'groupKey'>): void {
    this.#norms.forget(entity);
  }
}

const placeOf = ({ identity, start }: Question): string => `${start} ${identity}`;

class BatchJudge {
  readonly #batch: Batch;
  readonly #heads: Heads;
  readonly #ask: Ask;
  readonly #norms: KnownNorms;
  readonly #hours: HeardHours;
  readonly #calendar: Calendar;
  /** Where the history begins, and where the stretch ends. */
  readonly #from: number;
  readonly #to: number;

  constructor(batch: Batch, heads: Heads, ask: Ask, norms: KnownNorms, hours: HeardHours) {
    const { baseline, start } = batch;
    this.#batch = batch;
    this.#heads = heads;
    this.#ask = ask;
    this.#norms = norms;
    this.#hours = hours;
    this.#calendar = new Calendar(baseline.every, baseline.timeZone);
    this.#from = this.#calendar.before(start, baseline.historyDays);
    this.#to = this.#calendar.next(start);
  }

  /** Adds what is unusual, by entity. */
  async judge(verdicts: Map<string, Verdict>): Promise<void> {
    const first = this.#batch.baseline.since === 'anybody' ? await this.#firstOfAll() : undefined;
    if (this.#batch.baseline.measure === 'new') return this.#judgeNews(verdicts, first);
    const { groupKeys } = this.#batch;
    const unknown = groupKeys.filter((each) => !this.#norms.has({ ...this.#batch, groupKey: each }));
    const known = groupKeys.filter((each) => !unknown.includes(each));
    if (unknown.length > 0) await this.#judgeAnew(unknown, first, verdicts);
    if (known.length > 0) await this.#judgeKnown(known, verdicts);
  }

  async #judgeNews(verdicts: Map<string, Verdict>, firstOfAny: number | undefined): Promise<void> {
    const { baseline, groupKeys, start } = this.#batch;
    for (const row of await this.#ask<NewsRow>(newValues(this.#slice(groupKeys, this.#from), start, this.#heads))) {
      const first = baseline.since === 'anybody' ? firstOfAny : Number(row.first);
      const historyDays = historyDaysOf(baseline, this.#calendar, start, first);
      const value = Number(row.value);
      if (historyDays !== undefined && value > 0) verdicts.set(row.group_key, { value, historyDays, news: row.news.map(valueText) });
    }
  }

  /** Reads the whole history. */
  async #judgeAnew(groupKeys: readonly string[], firstOfAny: number | undefined, verdicts: Map<string, Verdict>): Promise<void> {
    const { baseline, start } = this.#batch;
    const starts = this.#starts();
    await this.#hours.learn(baseline.against.kind === 'previous' ? this.#calendar.previous(start) : this.#from, start);
    const rows = await this.#ask<StretchRow>(stretchValues(this.#slice(groupKeys, this.#from), starts, this.#heads));
    const rowsOf = Map.groupBy(rows, ({ group_key }) => group_key);
    for (const groupKey of groupKeys) {
      const own = rowsOf.get(groupKey) ?? [];
      const values = new Map(own.map((row) => [Number(row.start), row.value]));
      const [earliest] = own.map((row) => Number(row.first)).sort((a, b) => a - b);
      const history = { values, first: baseline.since === 'anybody' ? firstOfAny : earliest };
      this.#norms.keep({ ...this.#batch, groupKey }, normOf(baseline, this.#calendar, start, history, this.#hours.heard));
      this.#compare(groupKey, values.get(start) ?? 0, verdicts);
    }
  }

  /** Those whose values matter, from that of the history's beginning on. */
  #starts(): readonly number[] {
    const { baseline, start } = this.#batch;
    if (baseline.against.kind !== 'previous') return this.#calendar.between(this.#from, this.#to);
    return [...new Set([this.#from, this.#calendar.previous(start), start])];
  }

  /** Reads the stretch alone. */
  async #judgeKnown(groupKeys: readonly string[], verdicts: Map<string, Verdict>): Promise<void> {
    const { start } = this.#batch;
    for (const row of await this.#ask<StretchRow>(stretchValues(this.#slice(groupKeys, start), [start], this.#heads)))
      this.#compare(row.group_key, row.value, verdicts);
  }

  #compare(groupKey: string, value: number, verdicts: Map<string, Verdict>): void {
    const norm = this.#norms.get({ ...this.#batch, groupKey });
    if (norm !== undefined && exceeds(value, this.#batch.baseline, norm)) verdicts.set(groupKey, { value, ...norm, news: [] });
  }

  async #firstOfAll(): Promise<number | undefined> {
    const { identity, start } = this.#batch;
    const [row] = await this.#ask<{ first: string }>(firstOfAll(identity, this.#from, start, this.#heads));
    return row && Number(row.first);
  }

  #slice(groupKeys: readonly string[], from: number): Slice {
    const { baseline, identity } = this.#batch;
    return { baseline, identity, groupKeys, from, to: this.#to };
  }
}

/** Questions of one baseline and one stretch. */
function batchesOf(questions: readonly Question[]): Batch[] {
  const found: Batch[] = [];
  let keys: string[] = [];
  let characters = 0;
  for (const { baseline, identity, start, groupKey } of questions) {
    if (keys.length === 0 || keys.length >= KEYS || characters + groupKey.length > KEY_CHARACTERS) {
      keys = [];
      characters = 0;
      found.push({ baseline, identity, start, groupKeys: keys });
    }
    keys.push(groupKey);
    characters += groupKey.length;
  }
  return found;
}
