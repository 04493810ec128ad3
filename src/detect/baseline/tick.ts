import type { BaselineDetails, Finding } from '../../model/found.ts';
import type { EventEngine } from '../../store/store.ts';
import type { Cursor } from '../correlate/ledger.ts';
import type { Heads } from '../correlate/sql/triggers.ts';
import type { Baseline } from '../sigma/baseline.ts';
import { Calendar } from './calendar.ts';
import { describeStretch, type StretchContents } from './describe.ts';
import { entitiesIn, type FreshEntity, freshEntities } from './fresh.ts';
import { BaselineJudge, type Question, type Verdict } from './judge.ts';
import { measureWords, usualWords } from './words.ts';

/** A baseline whose rows are all there. */
export interface LiveBaseline {
  readonly identity: string;
  readonly baseline: Baseline;
  /** When it was loaded first; milliseconds since the epoch. */
  readonly beganAt: number;
  /** Since when its rows are all there; milliseconds since the epoch. */
  readonly liveAt: number;
}

/** How far was looked, as it is written down. */
export interface Looked {
  readonly cursor: Cursor;
  /** By identity, since when a baseline was live when what was there before it was looked at. */
  readonly begun: ReadonlyMap<string, number>;
}

/** A stretch that was judged anew: where there is no finding, nothing holds. */
export interface Judged extends Pick<Finding, 'identity' | 'groupKey'> {
  readonly from: number;
  readonly to: number;
}

/** What there is to say of a finding. */
export interface Told extends StretchContents {
  /** What is new, as it is compared; how it is spelled, only the events say. */
  readonly details: BaselineDetails;
  readonly news: readonly string[];
  readonly fieldNames: readonly string[];
}

/** What one round has found, and how far it has looked. */
export interface Round {
  readonly findings: readonly Finding[];
  readonly reviewed: readonly Judged[];
  /** In the order of the findings. */
  readonly told: readonly Told[];
  /** Where it went on from: the last one's end. */
  readonly from: Cursor;
  readonly to: Cursor;
  /** Of these, what was there before they were live is among it. */
  readonly begun: readonly LiveBaseline[];
}

export interface BaselineTickDeps {
  readonly engine: EventEngine;
  /** Baselines whose rows are all there. */
  live(): readonly LiveBaseline[];
  /** By node, the last number up to which all rows are in the store; and when that was received, in milliseconds since the epoch. */
  head(): Promise<{ readonly heads: Heads; readonly receivedAt: number }>;
  /** How far was looked before; undefined: never. */
  looked(): Promise<Looked | undefined>;
  /** Findings become alerts, the cursor moves, and the ledger says from where to where, together. */
  commit(round: Round): Promise<void>;
}

/** Rows of so many numbers are looked at in one round: an import takes several. */
const MOST_SEQS = 200_000;
/** Stretches that an event of the past may change, one after the other. */
const MOST_LATER = 200;

/** A round that was under way when a baseline came live may have passed over rows of this long after. */
const UNDER_WAY_MS = 60_000;

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;

interface Asked extends Question {
  readonly late: boolean;
}

/** Looks at what is new by the clock: the stretches of time that it is in, and, of what came late, those after them. */
export class BaselineTick {
  readonly #deps: BaselineTickDeps;
  readonly #judge: BaselineJudge;

  constructor(deps: BaselineTickDeps) {
    this.#deps = deps;
    this.#judge = new BaselineJudge(deps.engine);
  }

  /** One round; true where there is more to look at. Throws EngineError: nothing was passed over, the next round does it. */
  async run(): Promise<boolean> {
    const { heads, receivedAt } = await this.#deps.head();
    const looked = await this.#deps.looked();
    if (looked === undefined) {
      // What is older than the first round is history.
      const here = { seqs: heads, watermark: receivedAt };
      await this.#deps.commit({ findings: [], reviewed: [], told: [], from: here, to: here, begun: [] });
      return false;
    }
    const { cursor: from, begun } = looked;
    const seqs = new Map([
      ...from.seqs,
      ...[...heads].map(([node, seq]): [number, number] => [node, reachOf(seq, from.seqs.get(node) ?? 0)]),
    ]);
    const live = this.#deps.live();
    // Those that were loaded before, and taken out meanwhile, are live anew.
    const fresh = live.filter(({ identity, liveAt }) => begun.get(identity) !== liveAt);
    if (fresh.length === 0 && [...seqs].every(([node, seq]) => seq === from.seqs.get(node))) return false;
    const isBehind = [...heads].some(([node, seq]) => (seqs.get(node) ?? 0) < seq);
    const to = { seqs, watermark: Math.max(from.watermark, isBehind ? 0 : receivedAt) };
    await this.#deps.commit({ ...(await this.#look(live, fresh, from.seqs, seqs, receivedAt)), from, to, begun: fresh });
    return isBehind;
  }

  async #look(
    baselines: readonly LiveBaseline[],
    begun: readonly LiveBaseline[],
    from: Heads,
    to: Heads,
    now: number,
  ): Promise<Pick<Round, 'findings' | 'reviewed' | 'told'>> {
    const fresh: FreshEntity[] = [];
    for (const [unitMs, alike] of Map.groupBy(baselines, ({ baseline }) => unitOf(baseline)))
      fresh.push(...(await freshEntities(this.#deps.engine, { identities: alike.map(({ identity }) => identity), unitMs }, from, to)));
    const of = new Map(baselines.map((each) => [each.identity, each.baseline]));
    const questions = fresh.flatMap((entity): Asked[] => {
      const baseline = of.get(entity.identity);
      return baseline === undefined ? [] : this.#questionsOf(baseline, entity, now).map((question) => ({ ...question, late: false }));
    });
    const asked = new Set(questions.map(placeOf));
    for (const each of begun)
      for (const question of await this.#beginningOf(each, now, to)) if (!asked.has(placeOf(question))) questions.push(question);
    return this.#found(questions, to);
  }

  async #found(questions: readonly Asked[], to: Heads): Promise<Pick<Round, 'findings' | 'reviewed' | 'told'>> {
    const verdicts = await this.#judge.judge(questions, to);
    const [findings, told]: [Finding[], Told[]] = [[], []];
    for (const [i, question] of questions.entries()) {
      const verdict = verdicts[i];
      const contents = verdict && (await describeStretch(this.#deps.engine, question, to));
      if (verdict === undefined || contents === undefined) continue;
      findings.push(findingOf(question, contents));
      const { news } = verdict;
      told.push({ ...contents, details: detailsOf(question, verdict), news, fieldNames: question.baseline.fieldNames });
    }
    return { findings, told, reviewed: questions.map(stretchOf) };
  }

  /** The stretches from when it was loaded until it was live, as a whole. What was there before it is told to nobody. */
  async #beginningOf({ identity, baseline, beganAt, liveAt }: LiveBaseline, now: number, to: Heads): Promise<Asked[]> {
    const calendar = new Calendar(baseline.every, baseline.timeZone);
    const until = calendar.next(calendar.startOf(Math.min(now, liveAt + UNDER_WAY_MS)));
    const found: Asked[] = [];
    for (const start of calendar.between(calendar.startOf(beganAt), until).slice(-MOST_LATER)) {
      const keys = await entitiesIn(this.#deps.engine, { identity, from: start, to: calendar.next(start) }, to);
      found.push(...keys.map((groupKey) => ({ baseline, identity, groupKey, start, late: true })));
    }
    return found;
  }

  /** Whole stretches: those of its new events, and of what came late those after it, as their norms have changed. */
  #questionsOf(baseline: Baseline, { identity, groupKey, moments, first }: FreshEntity, now: number): Question[] {
    const calendar = new Calendar(baseline.every, baseline.timeZone);
    const open = calendar.startOf(now);
    if (first < open) this.#judge.forget({ identity, groupKey });
    const starts = new Set(moments.map((each) => calendar.startOf(each)));
    const oldest = Math.min(...starts);
    if (oldest < open) for (const start of calendar.between(oldest, calendar.next(open)).slice(0, MOST_LATER)) starts.add(start);
    return [...starts].sort((a, b) => a - b).map((start) => ({ baseline, identity, groupKey, start }));
  }
}

/** Zones differ by quarters of an hour; shorter stretches begin at any minute. */
const unitOf = ({ every }: Baseline): number => (typeof every === 'number' && every % QUARTER !== 0 ? MINUTE : QUARTER);

const placeOf = ({ identity, groupKey, start }: Question): string => `${start} ${identity} ${groupKey}`;

/** A head may be less than before, after a restart. */
const reachOf = (seq: number, from: number): number => Math.max(from, Math.min(seq, from + MOST_SEQS));

const stretchOf = ({ identity, groupKey, start }: Question): Judged => ({ identity, groupKey, from: start, to: start });

/** It holds at the beginning of its stretch, whenever it was noticed: so a stretch is one alert, and its neighbor another. */
const findingOf = ({ baseline, identity, groupKey, start, late }: Asked, { shown }: StretchContents): Finding => ({
  kind: 'baseline',
  ruleId: baseline.id,
  identity,
  groupKey,
  group: Object.fromEntries(baseline.groupNames.map((name, i) => [name, shown[i] ?? ''])),
  firstTrigger: start,
  lastTrigger: start,
  gapMs: 0,
  late,
});

function detailsOf({ baseline, start }: Question, { value, norm, historyDays, news }: Verdict): BaselineDetails {
  const [of, against] = [measureWords(baseline), usualWords(baseline)];
  return {
    kind: 'baseline',
    measure: of,
    value,
    against,
    ...(norm !== undefined && { norm }),
    historyDays,
    ...(news.length > 0 && { firstSeen: news.join('; ') }),
    bucketStart: start,
    ruleIds: baseline.refs.map(({ id }) => id),
  };
}
