import { queryClient } from '../../data/query-client.ts';
import { readState } from './address.ts';
import { eventPages } from './use-events.ts';

/** Asks for the rows of an address: the explorer, when it comes, finds them asked for. */
export function askAhead(search: URLSearchParams): void {
  const state = readState(search);
  void queryClient.prefetchInfiniteQuery(eventPages(state, 0));
}
