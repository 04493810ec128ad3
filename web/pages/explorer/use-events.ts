import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { z } from 'zod';
import { histogramEndpoint, searchEventsEndpoint, topValuesEndpoint } from '../../../src/api/contract/events.ts';
import { ApiError, call } from '../../data/client.ts';
import type { ExplorerState } from './address.ts';

type Asked = Pick<ExplorerState, 'q' | 'from' | 'to'>;

/** `now` as the end is left to the hub: it takes in events of clocks that go fast. */
export const spanOf = ({ q, from, to }: Asked) => ({ q, from, ...(to !== 'now' && { to }) });

/** Three screens: the first comes sooner, and the next is asked for before it is needed. */
const PAGE_SIZE = '60';

/** Too many ask at once: that passes. What is asked wrongly, or takes too long, does not. */
const again = {
  retry: (failures: number, error: Error) => failures < 3 && error instanceof ApiError && error.status === 503,
  retryDelay: 1_000,
};

let last: Promise<unknown> = Promise.resolve();

/** One after the other: what is beside the rows must not hold up the rows, ours or anybody's. */
function inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const mine = last.then(() => {
    signal.throwIfAborted();
    return work();
  });
  last = mine.catch(() => undefined);
  return mine;
}

/** What an answer was and how long one waited for it, in milliseconds. */
export async function timed<T>(work: Promise<T>): Promise<T & { readonly took: number }> {
  const begin = performance.now();
  const answer = await work;
  return { ...answer, took: performance.now() - begin };
}

/** The events, page by page, newest first. Later pages are of the first one's range: it does not move while one reads. */
export const useEventPages = (asked: Asked, run: number) =>
  useInfiniteQuery({
    queryKey: ['events', asked.q, asked.from, asked.to, run],
    queryFn: ({ signal, pageParam }) =>
      timed(call(searchEventsEndpoint, { query: { ...spanOf(asked), ...pageParam, limit: PAGE_SIZE }, signal })),
    initialPageParam: {} as { cursor?: string; from?: string; to?: string },
    getNextPageParam: (last, pages) =>
      last.cursor === undefined ? undefined : { cursor: last.cursor, from: pages[0]?.from ?? last.from, to: pages[0]?.to ?? last.to },
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    ...again,
  });

/** How many, and when. */
export const useHistogram = (asked: Asked & { readonly by: string }, run: number, buckets = 90) =>
  useQuery({
    queryKey: ['histogram', asked.q, asked.from, asked.to, asked.by, buckets, run],
    queryFn: ({ signal }) =>
      timed(
        call(histogramEndpoint, { query: { ...spanOf(asked), buckets: `${buckets}`, ...(asked.by !== '' && { by: asked.by }) }, signal }),
      ),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    ...again,
  });

/** More would be counted for longer than anyone looks. */
export const MOST_FACETS = 8;

export type TopValues = z.output<(typeof topValuesEndpoint)['answer']>;

/** The most frequent values of a field. */
export const useTopValues = (asked: Asked, field: string, size: number, run: number, isReady = true) =>
  useQuery({
    queryKey: ['top', asked.q, asked.from, asked.to, field, size, run],
    queryFn: ({ signal }) => inTurn(signal, () => call(topValuesEndpoint, { query: { ...spanOf(asked), field, size: `${size}` }, signal })),
    enabled: isReady,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    ...again,
  });
