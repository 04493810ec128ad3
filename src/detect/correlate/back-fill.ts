import type { Event } from '../../model/event.ts';
import { FieldSet } from '../../model/field-set.ts';
import type { HitRow } from '../../model/hit-row.ts';
import type { Window } from '../../store/event-sql.ts';
import { joinSql, type Sql, sql, u64 } from '../../store/sql.ts';
import type { EventEngine } from '../../store/store.ts';
import type { Rule } from '../sigma/rule.ts';
import { sqlHits } from '../sql-hits.ts';
import type { Judged } from '../stream/judged.ts';
import type { HitCounter } from './counter.ts';
import { HitPlan } from './hit-plan.ts';

export interface BackFill {
  readonly engine: EventEngine;
  readonly counters: readonly HitCounter[];
  /** All that are loaded. */
  readonly rules: readonly Rule[];
  /** By node: events from that seq on have their rows from the moment they were judged. */
  readonly before: Readonly<Record<string, number>>;
  /** Stores rows, and leaves out those that are there. */
  readonly insert: (rows: readonly HitRow[], name: string) => Promise<void>;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

/** The engine cannot search a stretch in the time or memory of one search: a shorter one may do. */
export class TooMuch extends Error {
  override readonly name = 'TooMuch';
}

/** Rows that are kept in memory at once. */
const MOST_ROWS = 10_000;
/** Hits that one search gives; the next goes on where it ended. */
const MOST_HITS = 100_000;

/**
 * Gives the events of a stretch of the past the rows that they would have had, by searching the store for the hits of each rule that is
 * counted. May be done again for the same stretch. Gives the number of rows found. Throws {@link TooMuch}, EngineError.
 */
export async function backFill(fill: BackFill, window: Window): Promise<number> {
  const counted = new Set(fill.counters.flatMap(({ refs }) => refs));
  const plan = new HitPlan(fill.counters);
  let found = 0;
  for (const rule of fill.rules) if (counted.has(rule.id)) found += await fillRule(fill, rule, plan, window);
  return found;
}

async function fillRule(fill: BackFill, rule: Rule, plan: HitPlan, { from, to }: Window): Promise<number> {
  let found = 0;
  let rows: HitRow[] = [];
  const store = async () => {
    await fill.insert(rows, rule.id);
    found += rows.length;
    rows = [];
  };
  for (let end: number | undefined = to; end !== undefined; ) {
    const search = {
      from,
      to: end,
      only: () => notCounted(fill.before),
      limit: MOST_HITS,
      signal: fill.signal,
      lane: 'background',
    } as const;
    let next: number | undefined;
    for await (const { events, searchedFrom, stopped } of sqlHits(fill.engine, rule, search, fill.now)) {
      for (const event of events) rows.push(...plan.rows(judgedOf(event), [rule], event));
      if (rows.length >= MOST_ROWS) await store();
      // Events of the very last moment may be missing: it is searched again.
      if (stopped !== undefined) next = searchedFrom + 1;
      if (stopped !== undefined && searchedFrom + 1 >= search.to) throw new TooMuch(`${rule.name}: ${stopped}`);
    }
    // What is found again in the next search must be there, to be left out.
    if (rows.length > 0) await store();
    end = next;
  }
  return found;
}

function notCounted(before: BackFill['before']): Sql {
  const each = Object.entries(before).map(([node, seq]) => sql`(node != ${u64(Number(node))} OR seq < ${u64(seq)})`);
  return each.length === 0 ? sql`1` : sql`(${joinSql(each, ' AND ')})`;
}

const judgedOf = ({ fields, raw, timestamp, receivedAt, source }: Event): Judged => ({
  fields: FieldSet.of(fields),
  text: raw.toString('utf8'),
  timestamp,
  receivedAt,
  source,
});
