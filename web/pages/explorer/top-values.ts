import type { z } from 'zod';
import type { topValuesAnswer } from '../../../src/api/contract/events.ts';
import { summaryEndpoint } from '../../../src/api/contract/summary.ts';
import { call } from '../../data/client.ts';

export type TopValues = z.output<typeof topValuesAnswer>;

/** So many one call counts; more would be counted for longer than anyone looks. */
export const MOST_FACETS = 8;

/** Fields that are asked for together. */
interface Round {
  readonly fields: Set<string>;
  /** Of those who still want it. */
  readonly wanted: Set<AbortSignal>;
  readonly answer: Promise<readonly TopValues[]>;
}

const rounds = new Map<string, Round>();

/**
 * The most frequent values of a field. What is asked of the same events in the same turn is one call: the boxes beside the table appear
 * together, and one that is added later is counted alone. The call is given up when nobody wants any of it.
 */
export async function topValuesOf(
  span: Readonly<Record<string, string>>,
  field: string,
  size: number,
  signal: AbortSignal,
): Promise<TopValues> {
  const key = JSON.stringify([span, size]);
  const open = rounds.get(key);
  const round = open !== undefined && open.fields.size < MOST_FACETS ? open : begin(key, span, size);
  round.fields.add(field);
  round.wanted.add(signal);
  const found = (await round.answer).find((each) => each.field === field);
  if (found === undefined) throw new Error(`the hub did not count ${field}`);
  return found;
}

function begin(key: string, span: Readonly<Record<string, string>>, size: number): Round {
  const fields = new Set<string>();
  const wanted = new Set<AbortSignal>();
  const answer = Promise.resolve().then(async () => {
    rounds.delete(key);
    const gone = new AbortController();
    const look = () => {
      if ([...wanted].every(({ aborted }) => aborted)) gone.abort();
    };
    for (const signal of wanted) signal.addEventListener('abort', look, { once: true });
    look();
    const query = { ...span, fields: [...fields].join(','), size: `${size}`, histogram: 'without' } as const;
    return (await call(summaryEndpoint, { query, signal: gone.signal })).top;
  });
  const round = { fields, wanted, answer };
  rounds.set(key, round);
  return round;
}
