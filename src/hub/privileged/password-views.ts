import { UTC, type Zone, zoneOf } from '../../formats/time-zone.ts';
import { inSlices, mapped, type Steps } from '../../lib/steps.ts';
import type { PasswordView, SessionEvents } from '../../model/privileged-session.ts';
import { viewOf } from '../../privileged/password-view.ts';
import { byAsker, requestsIn } from '../../privileged/requests.ts';
import type { SessionEvent } from '../../privileged/session-event.ts';
import { REQUEST_TIMEOUT_MS } from '../../store/search/bounds.ts';
import { eventsOfActions, type WantedEvents } from '../../store/search/session-events.ts';
import type { Window } from '../../store/search/windows.ts';
import { sql } from '../../store/sql.ts';
import type { PrivilegedSessionsDeps } from './privileged-sessions.ts';
import { halved, MOST_EVENTS, REQUESTS_BEFORE_MS, requestsWanted, SHORTEST_MS, viewsWanted } from './reading.ts';

const HOUR = 3_600_000;

/** Looks at passwords, held against what was approved; made of the stored events as sessions are, in the background. Throws EngineError. */
export async function* passwordViews(deps: PrivilegedSessionsDeps, range: Window): AsyncGenerator<PasswordView> {
  const { engine, products, now, settings } = deps;
  const only = () => sql`1`;
  const wanted = products.flatMap((product): WantedEvents[] => [
    ...viewsWanted(product).map((kinds) => ({ ...kinds, ...range, only })),
    ...requestsWanted(product).map((kinds) => ({ ...kinds, from: range.from - REQUESTS_BEFORE_MS, to: range.to, only })),
  ]);
  const bounds = { limit: MOST_EVENTS + 1, deadline: now() + REQUEST_TIMEOUT_MS, lane: 'background' } as const;
  const events = await eventsOfActions(engine, wanted, bounds, now);
  if (events.length > MOST_EVENTS) {
    if (range.to - range.from <= SHORTEST_MS) throw new Error(`more than ${MOST_EVENTS} looks at passwords and requests in an hour`);
    for (const half of halved(range)) yield* passwordViews(deps, half);
    return;
  }
  const zone = zoneOf(settings().time_zone) ?? UTC;
  const reachMs = settings().never_ended_after_hours * HOUR;
  for (const product of products) {
    const own = events.filter(({ dataset }) => product.datasets.includes(dataset));
    yield* await inSlices(viewsIn(product, own, zone, reachMs));
  }
}

function* viewsIn(product: SessionEvents, events: readonly SessionEvent[], zone: Zone, reachMs: number): Steps<PasswordView[]> {
  const requests = yield* byAsker(yield* requestsIn(product, events, zone, 'view'));
  const views = events.filter(({ action }) => product.views?.includes(action));
  return yield* mapped(views, (event) => viewOf(product, event, requests, reachMs));
}
