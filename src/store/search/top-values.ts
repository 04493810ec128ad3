import type { EventEngine } from '../store.ts';
import { type SummarySearch, summary, type TopValues } from './summary.ts';

export interface TopSearch extends Pick<SummarySearch, 'query' | 'from' | 'to' | 'size' | 'signal'> {
  /** Any field but `@timestamp` and `event.ingested`: those are for the histogram. */
  readonly field: string;
}

/** The most frequent values of a field. Throws EngineError. */
export async function topValues(engine: EventEngine, { field, ...search }: TopSearch, now: () => number): Promise<TopValues> {
  const { top } = await summary(engine, { ...search, fields: [field] }, now);
  return top[0] ?? { total: 0, missing: 0, values: [], distinct: 0, others: 0 };
}
