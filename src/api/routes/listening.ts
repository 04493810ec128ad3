import type { FastifyInstance } from 'fastify';
import { clockText, minutesOf } from '../../lib/time-of-day.ts';
import type { Listener, ListeningGrant } from '../../store/state/listening.ts';
import { actorOf, type Caller, demand } from '../caller.ts';
import {
  grantListeningEndpoint,
  type ListenerJson,
  listenEndpoint,
  listListenersEndpoint,
  listListeningGrantsEndpoint,
  revokeListeningEndpoint,
  stopListeningEndpoint,
} from '../contract/listening.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiProblem, inputProblem } from '../problem.ts';
import { type Access, serve } from '../serve.ts';
import { iso } from '../time-range.ts';

/** Who hears of which words. */
export function listeningRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  const { listening } = deps;

  serve(app, access, listListenersEndpoint, async ({ query, caller }) => {
    if (query.of === 'all') demand(caller, ['admin']);
    const all = await listening.listeners();
    const user = caller.session?.user;
    return {
      listeners: all.filter(({ owner }) => query.of === 'all' || owner === user?.id).map(toJson),
      notifiers: user === undefined ? [] : [...listening.notifiersOf(user)],
    };
  });

  serve(app, access, listenEndpoint, async ({ body, caller }) => {
    const user = caller.session?.user;
    if (user === undefined)
      throw new ApiProblem(403, 'EAR_API_SCOPE', 'Only a user who is signed in can listen: a token is nobody who could be told.');
    const { words, notifier, channel, per_hour: perHour, quiet_hours: quiet } = body;
    const begun = await listening.begin(user, {
      words,
      notifier,
      channel,
      perHour,
      quiet: quiet === null ? 'none' : quiet && minutes(quiet),
    });
    if (!begun.ok) throw refusal(begun.error);
    const { listener, preview } = begun.value;
    const { events } = preview;
    return {
      listener: toJson(listener),
      preview: {
        ...(events !== undefined && { events: events.total, searched_from: iso(events.searchedFrom) }),
        ...(events?.stopped !== undefined && { stopped: events.stopped }),
        alerts: preview.alerts.length,
        more_alerts: preview.moreAlerts,
      },
    };
  });

  serve(app, access, stopListeningEndpoint, async ({ params: { id }, caller }) => {
    const found = (await listening.listeners()).find((each) => each.id === id);
    const isOwn = found !== undefined && found.owner === caller.session?.user.id;
    if (found === undefined || !(isOwn || caller.scopes.includes('admin'))) throw noSuch(id);
    if (!(await listening.end(id, caller.name))) throw noSuch(id);
    return { deleted: true as const };
  });

  serve(app, access, listListeningGrantsEndpoint, async () => ({
    grants: (await listening.grants()).map(({ kind, who, datasets, grantedBy, grantedAt }) => ({
      kind,
      who,
      datasets: [...datasets],
      granted_by: grantedBy,
      granted_at: iso(grantedAt),
    })),
  }));

  serve(app, access, grantListeningEndpoint, async ({ body, caller }) => {
    await listening.grant({ ...body, grantedBy: caller.name });
    auditGrant(deps, caller, 'grant', body);
    return { granted: true as const };
  });

  serve(app, access, revokeListeningEndpoint, async ({ params: { kind, who }, caller }) => {
    if (!(await listening.revoke(kind, who)))
      throw new ApiProblem(404, 'EAR_API_NOT_FOUND', `Nothing was granted to ${who.slice(0, 100)}.`);
    auditGrant(deps, caller, 'revoke', { kind, who, datasets: [] });
    return { deleted: true as const };
  });
}

const noSuch = (id: string): ApiProblem =>
  new ApiProblem(404, 'EAR_API_NOT_FOUND', `You do not listen for anything of the id ${id.slice(0, 100)}.`);

function refusal({ code, why }: { readonly code: string; readonly why: string }): ApiProblem {
  if (code === 'words') return inputProblem('body.words', why);
  if (code === 'notifier') return inputProblem('body.notifier', why);
  return code === 'full'
    ? new ApiProblem(409, 'EAR_API_CONFLICT', `You listen for too much: ${why}.`)
    : new ApiProblem(403, 'EAR_API_SCOPE', `${why}.`);
}

const minutes = ({ from, to }: { readonly from: string; readonly to: string }) => ({ from: minutesOf(from) ?? 0, to: minutesOf(to) ?? 0 });

function toJson({ id, typed, ownerName, notifier, place, perHour, quiet, createdAt }: Listener): ListenerJson {
  return {
    id,
    words: typed,
    owner: ownerName,
    notifier,
    place,
    per_hour: perHour,
    ...(quiet !== undefined && { quiet_hours: { from: clockText(quiet.from), to: clockText(quiet.to) } }),
    created_at: iso(createdAt),
  };
}

function auditGrant(
  { onAudit }: ApiDeps,
  caller: Caller,
  change: 'grant' | 'revoke',
  { kind, who, datasets }: Pick<ListeningGrant, 'kind' | 'who' | 'datasets'>,
): void {
  onAudit({
    action: `listening_${change}`,
    category: ['iam'],
    type: [change === 'grant' ? 'creation' : 'deletion'],
    outcome: 'success',
    ...actorOf(caller),
    message: `${caller.name}: ${change} listening ${change === 'grant' ? 'to' : 'of'} the ${kind} ${who}${change === 'grant' ? ` of ${datasets.join(', ')}` : ''}`,
    about: { kind, who, datasets },
  });
}
