import { DEFAULT_COLUMNS } from './columns.ts';

/** What this browser remembers of the explorer. A browser that keeps nothing (a private window that is full) loses a convenience, no more. */
const COLUMNS = 'earshot.explorer.columns';
const RECENT = 'earshot.explorer.recent';
const KEYS = 'earshot.explorer.keys';
const MOST_RECENT = 30;

function read(name: string): string[] | undefined {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(name) ?? 'null');
    return Array.isArray(kept) ? kept.filter((each) => typeof each === 'string') : undefined;
  } catch {
    return undefined;
  }
}

function write(name: string, value: unknown): void {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // Nothing is lost that is needed.
  }
}

export const keptColumns = (): readonly string[] => read(COLUMNS) ?? DEFAULT_COLUMNS;
export const keepColumns = (columns: readonly string[]): void => write(COLUMNS, columns);

/** Queries that were run here, the last one first. */
export const recentQueries = (): readonly string[] => read(RECENT) ?? [];

export function keepQuery(query: string): void {
  const text = query.trim();
  if (text !== '') write(RECENT, [text, ...recentQueries().filter((each) => each !== text)].slice(0, MOST_RECENT));
}

/** Whether single keys do things (WCAG 2.1.4: who speaks to their machine turns them off). */
export const keysOn = (): boolean => read(KEYS)?.[0] !== 'off';
export const keepKeys = (on: boolean): void => write(KEYS, [on ? 'on' : 'off']);
