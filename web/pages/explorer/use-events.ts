import { infiniteQueryOptions, keepPreviousData, queryOptions, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { searchEventsEndpoint } from '../../../src/api/contract/events.ts';
import { summaryEndpoint } from '../../../src/api/contract/summary.ts';
import { ApiError, call } from '../../data/client.ts';
import type { ExplorerState } from './address.ts';
import { barsOf, topValuesOf } from './top-values.ts';

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

/** What an answer was and how long one waited for it, in milliseconds. */
async function timed<T>(work: Promise<T>): Promise<T & { readonly took: number }> {
  const begin = performance.now();
  const answer = await work;
  return { ...answer, took: performance.now() - begin };
}

/** The events, page by page, newest first. Later pages are of the first one's range: it does not move while one reads. */
export const eventPages = (asked: Asked, run: number) =>
  infiniteQueryOptions({
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

export const useEventPages = (asked: Asked, run: number) => useInfiniteQuery(eventPages(asked, run));

/** So many values of a field are beside the table. */
export const FACET_SIZE = 8;

/** How many, and when. */
const histogramOf = (asked: Asked & { readonly by: string }, run: number, buckets = 90) =>
  queryOptions({
    queryKey: ['histogram', asked.q, asked.from, asked.to, asked.by, buckets, run],
    queryFn: ({ signal }) => timed(barsOf(spanOf(asked), { by: asked.by, buckets }, FACET_SIZE, signal)),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    ...again,
  });

/** Once the rows are there: one pass over the events counts the bars and the values beside the table. */
export const useHistogram = (asked: Asked & { readonly by: string }, run: number, isReady: boolean) =>
  useQuery({ ...histogramOf(asked, run), enabled: isReady });

/** Times are counted by the bars. */
const TIMES: ReadonlySet<string> = new Set(['@timestamp', 'event.ingested']);
export const canBeFacet = (field: string): boolean => !TIMES.has(field) && !field.includes(',');

/** The most frequent values of a field. */
export const useTopValues = (asked: Asked, field: string, size: number, run: number, isReady: boolean) =>
  useQuery({
    queryKey: ['top', asked.q, asked.from, asked.to, field, size, run],
    queryFn: ({ signal }) => topValuesOf(spanOf(asked), field, size, signal),
    enabled: isReady && canBeFacet(field),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    ...again,
  });

/** A field's most frequent values, and when they came. */
export const useQuickValues = (asked: Asked, field: string, run: number) =>
  useQuery({
    queryKey: ['quick', asked.q, asked.from, asked.to, field, run],
    queryFn: ({ signal }) =>
      call(summaryEndpoint, { query: { ...spanOf(asked), fields: field, by: field, buckets: '60', size: '10' }, signal }),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    ...again,
  });
