import { queryClient } from '../../data/query-client.ts';
import { readState } from './address.ts';
import { eventPages, histogramOf } from './use-events.ts';

/** Asks for the rows and the bars of an address: the explorer, when it comes, finds them asked for. */
export function askAhead(search: URLSearchParams): void {
  const state = readState(search);
  void queryClient.prefetchInfiniteQuery(eventPages(state, 0));
  void queryClient.prefetchQuery(histogramOf(state, 0));
}
