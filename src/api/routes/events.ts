import type { FastifyInstance } from 'fastify';
import type { Event } from '../../model/event.ts';
import { oneEvent, searchEvents, surroundings } from '../../store/search/events.ts';
import { histogram } from '../../store/search/histogram.ts';
import { TIME_FIELDS } from '../../store/search/node.ts';
import { parseCursor, printCursor } from '../../store/search/position.ts';
import { topValues } from '../../store/search/top-values.ts';
import type { Caller } from '../caller.ts';
import { histogramEndpoint, oneEventEndpoint, searchEventsEndpoint, surroundingsEndpoint, topValuesEndpoint } from '../contract/events.ts';
import type { ApiDeps } from '../deps.ts';
import { eventJson } from '../event-json.ts';
import { auditRead, datasetOf, noSuchEvent } from '../one-event.ts';
import { inputProblem } from '../problem.ts';
import { auditSearch, queryOf, shownRange } from '../query.ts';
import { type Access, serve } from '../serve.ts';
import { sessionAround } from '../session-around.ts';
import { AHEAD_MS, iso, timeRange } from '../time-range.ts';
import { maySee } from '../visible.ts';

export function eventRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  const { engine, now } = deps;
  const around = async (id: string, search: Parameters<typeof sessionAround>[2], caller: Caller) => {
    const event = await oneEvent(engine, id, search.signal);
    return event && maySee(caller, datasetOf(event)) ? sessionAround(engine, event, search, caller, now) : undefined;
  };

  serve(app, access, searchEventsEndpoint, async ({ query, caller, signal }) => {
    const range = timeRange(query, now(), AHEAD_MS);
    const cursor = query.cursor === undefined ? undefined : parseCursor(query.cursor);
    if (query.cursor !== undefined && cursor === undefined) throw inputProblem('query.cursor', 'not a cursor of this API');
    const tree = queryOf(query.q, caller);
    auditSearch(deps, caller, 'events', query.q, range);
    const found = await searchEvents(engine, { query: tree, ...range, limit: query.limit, cursor, signal }, now);
    return {
      ...shownRange(range),
      events: found.events.map(eventJson),
      ...(found.next && { cursor: printCursor(found.next) }),
      ...(found.stopped && { stopped: found.stopped }),
    };
  });

  serve(app, access, histogramEndpoint, async ({ query, caller, signal }) => {
    const range = timeRange(query, now());
    const tree = queryOf(query.q, caller);
    if (query.by !== undefined) refuseTime('query.by', query.by);
    auditSearch(deps, caller, 'histogram', query.q, range);
    const search = { query: tree, ...range, intervalMs: query.interval_ms, buckets: query.buckets, by: query.by, signal };
    const { intervalMs, total, bars } = await histogram(engine, search, now);
    return { ...shownRange(range), interval_ms: intervalMs, total, bars: bars.map((bar) => ({ ...bar, start: iso(bar.start) })) };
  });

  serve(app, access, topValuesEndpoint, async ({ query, caller, signal }) => {
    const range = timeRange(query, now());
    const tree = queryOf(query.q, caller);
    refuseTime('query.field', query.field);
    auditSearch(deps, caller, 'top', query.q, range);
    const top = await topValues(engine, { query: tree, ...range, field: query.field, size: query.size, signal }, now);
    return { ...shownRange(range), field: query.field, ...top, values: [...top.values] };
  });

  serve(app, access, oneEventEndpoint, async ({ params, caller, signal }) => {
    auditRead(deps, caller, params.id);
    const found = await oneEvent(engine, params.id, signal);
    if (found === undefined || !maySee(caller, datasetOf(found))) throw noSuchEvent(params.id);
    return eventJson(found);
  });

  serve(app, access, surroundingsEndpoint, async ({ params, query, caller, signal }) => {
    auditRead(deps, caller, params.id);
    const { by, before, after } = query;
    const found =
      by === 'session'
        ? await around(params.id, { before, after, signal }, caller)
        : await surroundings(engine, params.id, { by, before, after, signal }, now);
    if (found === undefined || !maySee(caller, datasetOf(found.event))) throw noSuchEvent(params.id);
    const seen = (events: readonly Event[]) => events.filter((each) => maySee(caller, datasetOf(each))).map(eventJson);
    const { value, stopped } = found;
    return {
      event: eventJson(found.event),
      by: query.by,
      ...(value !== undefined && { value }),
      before: seen(found.before),
      after: seen(found.after),
      ...(stopped && { stopped }),
    };
  });
}

function refuseTime(path: string, field: string): void {
  if (TIME_FIELDS.has(field)) throw inputProblem(path, `${field} is a time: the histogram counts over time`);
}
