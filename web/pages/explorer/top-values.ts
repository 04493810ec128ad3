import type { z } from 'zod';
import { type histogramAnswer, histogramEndpoint, type topValuesAnswer } from '../../../src/api/contract/events.ts';
import { summaryEndpoint } from '../../../src/api/contract/summary.ts';
import { call } from '../../data/client.ts';

export type TopValues = z.output<typeof topValuesAnswer>;
export type Bars = z.output<typeof histogramAnswer>;

/** How the bars are counted that are asked for with the values. `by` empty: by nothing. */
export interface BarsAsked {
  readonly by: string;
  readonly buckets: number;
}

/** So many one call counts; more would be counted for longer than anyone looks. */
export const MOST_FACETS = 8;

/** Fields that are asked for together. */
interface Round {
  readonly fields: Set<string>;
  /** Of those who still want it. */
  readonly wanted: Set<AbortSignal>;
  bars: BarsAsked | undefined;
  readonly answer: Promise<{ readonly top: readonly TopValues[]; readonly histogram?: Bars | undefined }>;
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
  const round = roundOf(span, size);
  round.fields.add(field);
  round.wanted.add(signal);
  const found = (await round.answer).top.find((each) => each.field === field);
  if (found === undefined) throw new Error(`the hub did not count ${field}`);
  return found;
}

/** The bars, in the call that counts the values of the same events in the same turn; in one of their own where none are asked for. */
export async function barsOf(span: Readonly<Record<string, string>>, bars: BarsAsked, size: number, signal: AbortSignal): Promise<Bars> {
  const round = roundOf(span, size);
  round.bars = bars;
  round.wanted.add(signal);
  const { histogram } = await round.answer;
  if (histogram === undefined) throw new Error('the hub did not count the bars');
  return histogram;
}

function roundOf(span: Readonly<Record<string, string>>, size: number): Round {
  const key = JSON.stringify([span, size]);
  const open = rounds.get(key);
  return open !== undefined && open.fields.size < MOST_FACETS ? open : begin(key, span, size);
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
    const { bars } = round;
    const counted = bars && { ...(bars.by !== '' && { by: bars.by }), buckets: `${bars.buckets}` };
    if (fields.size === 0)
      return { top: [], histogram: await call(histogramEndpoint, { query: { ...span, ...counted }, signal: gone.signal }) };
    const query = { ...span, fields: [...fields].join(','), size: `${size}`, ...(counted ?? { histogram: 'without' as const }) };
    return await call(summaryEndpoint, { query, signal: gone.signal });
  });
  const round: Round = { fields, wanted, bars: undefined, answer };
  rounds.set(key, round);
  return round;
}
