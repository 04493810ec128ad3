import type { FastifyInstance } from 'fastify';
import { type Act, provenTargets, standText } from '../../model/act.ts';
import type { Caller } from '../caller.ts';
import {
  type ActJson,
  cancelActEndpoint,
  confirmActEndpoint,
  listActsEndpoint,
  oneActEndpoint,
  planActEndpoint,
} from '../contract/acts.ts';
import type { ActFault, ApiDeps } from '../deps.ts';
import { ApiProblem } from '../problem.ts';
import { type Access, serve } from '../serve.ts';
import { iso } from '../time-range.ts';
import { visibleAlert } from '../visible.ts';

export function actRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  const { acts } = deps;

  /** Who may not see the alert must not learn of what is done about it. */
  const maySee = async ({ alertId }: Pick<Act, 'alertId'>, caller: Caller): Promise<boolean> => {
    if (alertId === undefined || caller.datasets.includes('*')) return true;
    const alert = await deps.alerts.get(alertId);
    return alert !== undefined && visibleAlert(alert, caller) !== undefined;
  };
  const seen = async (id: string, caller: Caller): Promise<Act> => {
    const act = await acts.get(id);
    if (act === undefined || !(await maySee(act, caller))) throw noSuchAct(id);
    return act;
  };

  serve(app, access, listActsEndpoint, async ({ query, caller }) => {
    const all = await acts.list({ alertId: query.alert_id, limit: query.limit });
    const visible = await Promise.all(all.map(async (act) => ((await maySee(act, caller)) ? [actJson(act)] : [])));
    return { acts: visible.flat(), systems: [...acts.systems()] };
  });

  serve(app, access, oneActEndpoint, async ({ params, caller }) => actJson(await seen(params.id, caller)));

  serve(app, access, planActEndpoint, async ({ body, caller }) => {
    const { system, targets, devices, session, reason, alert_id: alertId } = body;
    if (alertId !== undefined) {
      const alert = await deps.alerts.get(alertId);
      if (alert === undefined || visibleAlert(alert, caller) === undefined)
        throw new ApiProblem(404, 'EAR_API_NOT_FOUND', `There is no alert ${alertId.slice(0, 100)}.`);
    }
    const planned = await acts.plan({ system, targets, devices, session, reason, alertId }, wisherOf(caller));
    if (!planned.ok) throw problem(planned.error);
    return actJson(planned.value);
  });

  serve(app, access, confirmActEndpoint, async ({ params, caller }) => {
    await seen(params.id, caller);
    const confirmed = await acts.confirm(params.id, wisherOf(caller));
    if (!confirmed.ok) throw problem(confirmed.error);
    return actJson(confirmed.value);
  });

  serve(app, access, cancelActEndpoint, async ({ params, caller }) => {
    await seen(params.id, caller);
    const cancelled = await acts.cancel(params.id, wisherOf(caller));
    if (!cancelled.ok) throw problem(cancelled.error);
    return actJson(cancelled.value);
  });
}

function wisherOf({ kind, name }: Caller) {
  if (kind === 'nobody') throw new Error('nobody may ask for an act');
  return { name, kind };
}

const noSuchAct = (id: string): ApiProblem => new ApiProblem(404, 'EAR_API_NOT_FOUND', `There is no act ${id}.`);

const STATUS: Readonly<Record<ActFault['code'], number>> = {
  EAR_ACT_SYSTEM: 422,
  EAR_ACT_LIMIT: 422,
  EAR_ACT_REFUSED: 422,
  EAR_API_NOT_FOUND: 404,
  EAR_API_CONFLICT: 409,
};

const problem = ({ code, message }: ActFault): ApiProblem => new ApiProblem(STATUS[code], code, message);

function actJson(act: Act): ActJson {
  const proven = provenTargets(act);
  const { id, state, system, type, devices, session, effect, did, reason, alertId, startedAt, proofUntil } = act;
  return {
    id,
    state,
    stands: standText(act),
    system,
    type,
    targets: act.targets.map((target) => ({ id: target.id, label: target.label, proven: proven.has(target.id) })),
    devices,
    ...(session !== undefined && { session }),
    effect,
    did,
    reason,
    ...(alertId !== undefined && { alert_id: alertId }),
    needs_second_person: act.needsSecond,
    wanted_by: [...act.wantedBy],
    planned_at: iso(act.history[0]?.at ?? 0),
    expires_at: iso(act.expiresAt),
    ...(startedAt !== undefined && { started_at: iso(startedAt) }),
    ...(proofUntil !== undefined && { proof_until: iso(proofUntil) }),
    proof_missed: act.proofMissed,
    proofs: act.proofs.map(({ entry, action, at, eventId, targets }) => ({
      entry,
      action,
      at: iso(at),
      ...(eventId !== undefined && { event_id: eventId }),
      targets: [...targets],
    })),
    history: act.history.map(({ at, ...line }) => ({ ...line, at: iso(at) })),
  };
}
