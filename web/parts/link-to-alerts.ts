/** What the queue of alerts is to show. Times are ISO 8601. */
export interface AlertsLink {
  readonly from?: string;
  readonly to?: string;
  /** A rule's id or name. */
  readonly rule?: string;
  /** The whole name of a person in the evidence. */
  readonly person?: string;
}

/** The queue's address: alerts of every state, because a count of alerts counts all. */
export function linkToAlerts(link: AlertsLink): string {
  const search = new URLSearchParams({ state: 'all' });
  for (const name of ['from', 'to', 'rule', 'person'] as const) {
    const value = link[name];
    if (value !== undefined && value !== '') search.set(name, value);
  }
  return `/alerts?${search}`;
}
