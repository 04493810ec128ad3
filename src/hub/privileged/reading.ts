import type { SessionEvents } from '../../model/privileged-session.ts';
import { COMMON_FIELDS, requestFields, sessionActions, sessionFields } from '../../privileged/session-event.ts';
import type { WantedEvents } from '../../store/search/session-events.ts';
import type { Window } from '../../store/search/windows.ts';

const HOUR = 3_600_000;

/** Events of one stretch: where there are more, it is halved. */
export const MOST_EVENTS = 50_000;
export const SHORTEST_MS = HOUR;
/** A request may be made long before what it is for. */
export const REQUESTS_BEFORE_MS = 7 * 24 * HOUR;

type Wanted = Pick<WantedEvents, 'datasets' | 'actions' | 'fields'>;

export const sessionsWanted = (product: SessionEvents): Wanted => ({
  datasets: product.datasets,
  actions: sessionActions(product),
  fields: sessionFields(product),
});

export const viewsWanted = ({ datasets, views }: SessionEvents): Wanted[] =>
  views === undefined ? [] : [{ datasets, actions: views, fields: COMMON_FIELDS }];

export const requestsWanted = ({ datasets, requests }: SessionEvents): Wanted[] =>
  requests === undefined
    ? []
    : [{ datasets, actions: [requests.asked, requests.approved, requests.denied], fields: requestFields(requests) }];

/** The later half first. */
export function halved({ from, to }: Window): Window[] {
  const middle = Math.floor((from + to) / 2);
  return [
    { from: middle, to },
    { from, to: middle },
  ];
}
