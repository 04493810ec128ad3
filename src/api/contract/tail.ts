import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { event } from './events.ts';
import { noBody, nothing, queryText } from './fields.ts';

/**
 * Messages of the live tail, each an SSE `event:` of the name that is its key, with the value as JSON in `data:`. Comments (`:`) every 15 s
 * keep the connection open.
 */
export const tailMessages = {
  /** The hub listens for this viewer: all that comes from now on is told, or counted in a gap. */
  ready: z.object({
    /** Events a second that this viewer gets at most; more of them are counted, see `gap`. */
    most_per_second: z.number(),
  }),
  /** Events in the order they came in, oldest first; a few times a second. Its SSE `id:` is the last one's, for `Last-Event-ID`. */
  events: z.object({ events: z.array(event).min(1) }),
  /** Events that matched and were not shown. The search finds them. */
  gap: z.object({
    skipped: z.number().int().min(1),
    /**
     * `rate`: more than a viewer gets. `slow`: the viewer does not read fast enough. `resume`: missed while away, and too many to show.
     * `busy`: the hub had more important work than to look whether these match, so only some of them may.
     */
    why: z.enum(['rate', 'slow', 'resume', 'busy']),
  }),
  /** The last message; the connection is closed. Come again after `changed` (what the caller may see) and `stopping`, not after `signed_out`. */
  end: z.object({ why: z.enum(['signed_out', 'changed', 'stopping']) }),
};

/** What matches from now on, as it is judged: before it is stored. A `Last-Event-ID` first gets what came since then. */
export const tailEndpoint = endpoint({
  method: 'GET',
  path: '/api/events/tail',
  scopes: ['events:read'],
  params: nothing,
  /** `last_event_id`: as the header, for who cannot send one. */
  query: z.strictObject({ q: queryText, last_event_id: z.string().max(100).optional() }),
  body: noBody,
  produces: ['text/event-stream'],
  answer: z.union([
    z.object({ event: z.literal('ready'), data: tailMessages.ready }),
    z.object({ event: z.literal('events'), id: z.string(), data: tailMessages.events }),
    z.object({ event: z.literal('gap'), data: tailMessages.gap }),
    z.object({ event: z.literal('end'), data: tailMessages.end }),
  ]),
});
