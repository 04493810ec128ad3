import { DEFAULT_RANGE } from '../../parts/time-words.ts';
import { DEFAULT_COLUMNS, longLast } from './columns.ts';

/** All that the explorer shows, as its address says it. */
export interface ExplorerState {
  readonly q: string;
  readonly from: string;
  readonly to: string;
  /** Field that the histogram is counted by; empty: none. */
  readonly by: string;
  readonly columns: readonly string[];
  /** Fields whose top values are beside the table. */
  readonly facets: readonly string[];
  /** Field whose values are shown as a pie with a histogram of their own. */
  readonly quick: string | undefined;
  /** Event that is open. */
  readonly event: string | undefined;
  /** New events come in as they are heard. */
  readonly tail: boolean;
}

const DEFAULT_FACETS: readonly string[] = ['event.action', 'user.name', 'source.ip', 'host.name', 'event.dataset', 'rule.name'];
const DEFAULT_BY = 'event.outcome';

const MOST = 50;

export function readState(search: URLSearchParams, columns: readonly string[] = DEFAULT_COLUMNS): ExplorerState {
  return {
    q: search.get('q') ?? '',
    from: search.get('from') ?? DEFAULT_RANGE.from,
    to: search.get('to') ?? DEFAULT_RANGE.to,
    by: search.get('by') ?? DEFAULT_BY,
    columns: longLast(names(search.get('columns')) ?? columns),
    facets: names(search.get('facets')) ?? DEFAULT_FACETS,
    quick: search.get('quick') ?? undefined,
    event: search.get('event') ?? undefined,
    tail: search.get('tail') === '1',
  };
}

/** Names of fields hold no comma that matters: one that does cannot be a column of a link. */
const names = (text: string | null): string[] | undefined =>
  text === null ? undefined : [...new Set(text.split(',').filter((name) => name !== ''))].slice(0, MOST);

/** The address with what is changed; what is as usual is left out of it. What else it has stays. */
export function writeState(search: URLSearchParams, change: Partial<ExplorerState>): URLSearchParams {
  const after = new URLSearchParams(search);
  const put = (name: string, value: string | undefined, usual: string) => {
    if (value === undefined || value === usual) after.delete(name);
    else after.set(name, value);
  };
  if ('q' in change) put('q', change.q, '');
  if ('from' in change) put('from', change.from, DEFAULT_RANGE.from);
  if ('to' in change) put('to', change.to, DEFAULT_RANGE.to);
  if ('by' in change) put('by', change.by, DEFAULT_BY);
  // Columns are always written: what is usual for one reader is not for another.
  if (change.columns) after.set('columns', change.columns.join(','));
  if (change.facets) put('facets', change.facets.join(','), DEFAULT_FACETS.join(','));
  if ('quick' in change) put('quick', change.quick, '');
  if ('event' in change) put('event', change.event, '');
  if ('tail' in change) put('tail', change.tail === true ? '1' : '', '');
  return after;
}
