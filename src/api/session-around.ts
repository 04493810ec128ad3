import type { Event } from '../model/event.ts';
import { SESSION_MS, sessionOf } from '../model/session.ts';
import { bothSides, type Surroundings } from '../store/search/events.ts';
import { patternOf, type QueryNode } from '../store/search/node.ts';
import type { EventEngine } from '../store/store.ts';
import type { Caller } from './caller.ts';
import { visible } from './visible.ts';

/** What else the caller may see of an event's session, just before and just after it. Throws EngineError. */
export async function sessionAround(
  engine: EventEngine,
  event: Event,
  search: { readonly before: number; readonly after: number; readonly signal: AbortSignal },
  caller: Caller,
  now: () => number,
): Promise<Surroundings> {
  const terms = sessionOf(event.fields);
  const [id] = terms;
  if (id === undefined) return { event, before: [], after: [] };
  const nodes = terms.map(({ field, value }): QueryNode => ({ type: 'is', field, pattern: patternOf([value]) }));
  const range = { from: Math.max(0, event.timestamp - SESSION_MS), to: event.timestamp + SESSION_MS };
  const query = visible({ type: 'and', nodes }, caller);
  return { event, value: id.value, ...(await bothSides(engine, event, { ...search, ...range, query }, now)) };
}
