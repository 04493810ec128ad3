import type { LiveEvent } from '../model/live-event.ts';
import type { Retention } from './settings.ts';

/** How long an event is kept. The name is written with the event; with its day it is the partition. */
export interface RetentionClass {
  readonly name: string;
  readonly days: number;
}

/** Finds the class of an event by its `event.dataset`: an exact name first, then the longest `prefix.*`, then `default`. */
export function retentionClasses(retention: Retention): (event: LiveEvent) => RetentionClass {
  const fallback: RetentionClass = { name: 'default', days: retention.default_days };
  const exact = new Map<string, RetentionClass>();
  const prefixes: { readonly prefix: string; readonly found: RetentionClass }[] = [];
  for (const { name, days, datasets } of retention.classes) {
    for (const dataset of datasets) {
      if (dataset.endsWith('*')) prefixes.push({ prefix: dataset.slice(0, -1), found: { name, days } });
      else exact.set(dataset, { name, days });
    }
  }
  prefixes.sort((a, b) => b.prefix.length - a.prefix.length);

  return (event) => {
    const dataset = event.fields.get('event.dataset');
    if (typeof dataset !== 'string') return fallback;
    return exact.get(dataset) ?? prefixes.find(({ prefix }) => dataset.startsWith(prefix))?.found ?? fallback;
  };
}

const DAY_MS = 86_400_000;

/**
 * The day an event is filed under, in days since 1970-01-01: that of its `@timestamp`, held between the end of retention and tomorrow as
 * seen from when it was received. A sender whose clock is wrong cannot make thousands of partitions, nor an event that is dropped at once
 * or never. `@timestamp` itself is not touched.
 */
export function filingDay(timestamp: number, receivedAt: number, retentionDays: number): number {
  const received = Math.floor(receivedAt / DAY_MS);
  const own = Math.floor(timestamp / DAY_MS);
  return Math.max(0, Math.max(received - retentionDays, Math.min(received + 1, own)));
}
