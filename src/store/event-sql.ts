/**
 * Contract: what another stage needs to write conditions on stored events, and to read what they find. How the store keeps an event (which
 * column, what is in `attrs`) is told in columns.ts.
 */
export { readEvents } from './read-events.ts';
export { rowToEvent } from './row.ts';
export { attr, isJson, rawElements } from './search/attr-sql.ts';
export { boundsWithin } from './search/bounds.ts';
export { addressText, columnExists, named } from './search/column-sql.ts';
export { QUERY_SETTINGS } from './search/compile-sql.ts';
export { type Condition, fetchEvents } from './search/find-events.ts';
export { between, type Position } from './search/position.ts';
export { eventsWhere, type Reading } from './search/reading.ts';
export { clampRange, expandingWindows, type Window } from './search/windows.ts';
