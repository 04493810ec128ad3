/** What the explorer is to show. Times are ISO 8601 or relative (`now-24h`), as in the address. */
export interface EventsLink {
  readonly q?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Field that the histogram is counted by. */
  readonly by?: string | undefined;
  /** An event that is open beside the list. */
  readonly event?: string | undefined;
}

/** The explorer's address. Queries are put together with `isValue` and `withTerm` of query-text.ts. */
export function linkToEvents(link: EventsLink): string {
  const search = new URLSearchParams();
  for (const name of ['q', 'from', 'to', 'by', 'event'] as const) {
    const value = link[name];
    if (value !== undefined && value !== '') search.set(name, value);
  }
  return search.size === 0 ? '/explorer' : `/explorer?${search}`;
}
