import type { RuleHit } from '../model/detection.ts';
import { type Event, eventId } from '../model/event.ts';
import { fetchEvents, type Position } from '../store/event-sql.ts';
import { Param, sql, u64 } from '../store/sql.ts';
import { EngineError, type EventEngine, type QueryBounds } from '../store/store.ts';
import type { Rule } from './sigma/rule.ts';
import { candidatesIn, judgedOf } from './sql-hits.ts';
import { compileRules } from './stream/rule-set.ts';

/** An event that rules have left open. */
export interface Deferred extends Position {
  readonly receivedAt: number;
  /** Ids of these rules. */
  readonly ruleIds: readonly string[];
}

/** An event and the rules of those it was left open by that are true of it. */
export interface LateJudgment {
  readonly event: Event;
  readonly hits: readonly RuleHit[];
}

/** Events after one `seq` of a node, up to another. */
export interface SeqRange {
  readonly node: number;
  readonly after: number;
  readonly upTo: number;
}

const BOUNDS = { timeoutMs: 15_000, maxMemoryBytes: 200 * 1024 ** 2, lane: 'system' } as const satisfies Omit<QueryBounds, 'maxRows'>;
/** One rule over the events that it has left open. */
const RULE_MS = 10_000;

interface DeferredRow {
  readonly ts_ms: string;
  readonly ingested_ms: string;
  readonly seq: string;
  readonly deferred: readonly string[];
}

/** The first events, in the order of `seq`, that rules have left open; at most so many. Throws EngineError. */
export async function deferredIn(engine: EventEngine, { node, after, upTo }: SeqRange, limit: number): Promise<Deferred[]> {
  const rows = await engine.query<DeferredRow>(
    sql`SELECT toUnixTimestamp64Milli(ts) AS ts_ms, toUnixTimestamp64Milli(ingested) AS ingested_ms, seq, deferred FROM earshot.events
      WHERE node = ${u64(node)} AND seq > ${u64(after)} AND seq <= ${u64(upTo)} AND notEmpty(deferred) ORDER BY seq LIMIT ${u64(limit)}`,
    { ...BOUNDS, maxRows: limit },
  );
  return rows.map(({ ts_ms, ingested_ms, seq, deferred }) => ({
    node,
    seq: Number(seq),
    ts: Number(ts_ms),
    receivedAt: Number(ingested_ms),
    ruleIds: deferred,
  }));
}

/**
 * Judges events of one node by the rules that have left them open: by SQL over the store, where no rule and no value costs the stream its
 * time. What the engine cannot do in its time is judged as the stream does, without a bound: each is judged. A rule that is not loaded any
 * more finds nothing. In the order of the events. Throws EngineError.
 */
export async function judgeDeferred(
  engine: EventEngine,
  deferred: readonly Deferred[],
  rules: readonly Rule[],
  signal: AbortSignal,
): Promise<LateJudgment[]> {
  const events = await fetchEvents(engine, deferred, { signal });
  const hitsOf = new Map<Event, RuleHit[]>(events.map((event) => [event, []]));
  const byRule = Map.groupBy(
    deferred.flatMap((each) => each.ruleIds.map((ruleId) => ({ ruleId, each }))),
    ({ ruleId }) => ruleId,
  );
  for (const rule of rules) {
    const asked = byRule.get(rule.id)?.map(({ each }) => each);
    if (asked === undefined) continue;
    const among = new Set(asked.map(placeOf));
    const found = await candidates(engine, rule, asked, signal);
    const stream = compileRules([rule]);
    for (const event of events) {
      const candidate = among.has(placeOf(event)) ? found(event) : undefined;
      if (candidate === undefined) continue;
      const [hit] = stream.match(judgedOf(event));
      if (hit !== undefined) hitsOf.get(event)?.push(hit);
      else if (candidate === 'hit') hitsOf.get(event)?.push({ ...pick(rule), matches: [] });
    }
  }
  return [...hitsOf].map(([event, hits]) => ({ event, hits }));
}

const pick = ({ id, version, title, level }: Rule) => ({ id, version, title, level });

const placeOf = ({ node, seq }: { readonly node: number; readonly seq: number }): string => eventId(node, seq);

/** Of an event, whether the rule hits it (`hit`), or may (`maybe`: the stream's engine is to say). */
type Says = (event: Event) => 'hit' | 'maybe' | undefined;

async function candidates(engine: EventEngine, rule: Rule, asked: readonly Deferred[], signal: AbortSignal): Promise<Says> {
  const times = asked.map(({ ts }) => ts);
  const seqs = new Param('Array(UInt64)', `[${asked.map(({ seq }) => seq).join(',')}]`);
  const only = () => sql`node = ${u64(asked[0]?.node ?? 0)} AND seq IN ${seqs}`;
  const window = { from: least(times), to: most(times) + 1 };
  try {
    const found = await candidatesIn(engine, rule, window, { only, limit: asked.length, signal, lane: 'system' }, RULE_MS);
    const says = new Map(found.map((candidate) => [placeOf(candidate), candidate.odd ? 'maybe' : 'hit'] as const));
    return (event) => says.get(placeOf(event));
  } catch (error) {
    if (!(error instanceof EngineError) || !TOO_MUCH.has(error.fault.code)) throw error;
    return () => 'maybe';
  }
}

/** The same again would end so again. */
const TOO_MUCH: ReadonlySet<string> = new Set(['timeout', 'memory', 'refused']);

const least = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.min(a, b));
const most = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.max(a, b));
