import type { Event } from '../model/event.ts';
import { actorOf, type Caller } from './caller.ts';
import type { ApiDeps } from './deps.ts';
import { ApiProblem } from './problem.ts';

export const datasetOf = (event: Event): string => String(event.fields['event.dataset'] ?? '');

export const noSuchEvent = (id: string): ApiProblem => new ApiProblem(404, 'EAR_API_NOT_FOUND', `There is no event ${id.slice(0, 100)}.`);

/** Who looks at one event is known. */
export function auditRead(deps: ApiDeps, caller: Caller, id: string): void {
  deps.onAudit({
    action: 'event_read',
    category: ['database'],
    type: ['access'],
    outcome: 'unknown',
    ...actorOf(caller),
    message: `${caller.name} read the event ${id.slice(0, 100)}`,
    about: { event_id: id.slice(0, 100) },
  });
}
