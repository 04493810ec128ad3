import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { ALERT_STATES, type AlertAct } from '../../model/alert-life.ts';
import type { AlertFilter } from '../../model/alert-query.ts';
import { LEVELS, type Level } from '../../model/severity.ts';
import { parseTime } from '../../store/search/time-literal.ts';
import { alertAudit } from '../alert-audit.ts';
import { askContext } from '../alert-context.ts';
import { contextJson } from '../alert-context-json.ts';
import { alertHistory } from '../alert-history.ts';
import { actionsOf, alertDetailJson, alertJson, lifeJson } from '../alert-json.ts';
import { actorOf, type Caller } from '../caller.ts';
import { mayWork } from '../colleagues.ts';
import { alertContextEndpoint } from '../contract/alert-context.ts';
import {
  type ActJson,
  alertCountsEndpoint,
  alertStateEndpoint,
  alertStatsEndpoint,
  changeAlertEndpoint,
  changeAlertsEndpoint,
  listAlertsEndpoint,
  oneAlertEndpoint,
  relatedAlertsEndpoint,
  unusualAlertEndpoint,
} from '../contract/alerts.ts';
import type { ApiDeps, KeptAlert } from '../deps.ts';
import type { Subject } from '../person.ts';
import { ApiProblem, inputProblem } from '../problem.ts';
import { type Access, serve } from '../serve.ts';
import { filterTime, iso, timeRange } from '../time-range.ts';
import { visibleAlert } from '../visible.ts';

const LONGEST_SNOOZE_MS = 90 * 86_400_000;

export function alertRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  readRoutes(app, access, deps);
  changeRoutes(app, access, deps);
}

function readRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  const { alerts, engine, lookUps, now, rules, telemetry } = deps;

  serve(app, access, listAlertsEndpoint, async ({ query, caller }) => {
    const { sort, limit, cursor } = query;
    const page = await alerts.list({ ...filterOf(query, caller, now()), sort, limit, cursor });
    if (!page.ok) throw inputProblem('query.cursor', 'not a cursor of this API');
    const { next } = page.value;
    return { alerts: page.value.alerts.flatMap(shownTo(caller)), ...(next !== undefined && { cursor: next }) };
  });

  serve(app, access, alertCountsEndpoint, async ({ query, caller }) => {
    const { counts, version } = await alerts.counts(filterOf(query, caller, now()));
    const sum = (which: (each: (typeof counts)[number]) => boolean) => counts.filter(which).reduce((total, { count }) => total + count, 0);
    return {
      total: sum(() => true),
      states: recordOf(ALERT_STATES, (state) => sum((each) => each.state === state)),
      levels: recordOf(LEVELS, (level) => sum((each) => each.level === level && each.state !== 'resolved')),
      version,
    };
  });

  serve(app, access, alertStatsEndpoint, async ({ query, caller }) => {
    const { from, to } = timeRange(query, now());
    const { all, groups, complete } = await alerts.stats({ from, to, by: query.by, datasets: caller.datasets });
    return {
      from: iso(from),
      to: iso(to),
      all: paceJson(all),
      groups: groups.map((each) => ({ value: each.value, ...paceJson(each) })),
      complete,
    };
  });

  serve(app, access, oneAlertEndpoint, async ({ params, caller }) => {
    const found = await alerts.get(params.id);
    const alert = found && visibleAlert(found, caller);
    if (alert === undefined) throw noSuchAlert(params.id);
    const rule = rules().rules.find(({ id }) => id === alert.ruleId);
    const mayChange = caller.scopes.includes('alerts:write') || caller.scopes.includes('admin');
    return alertDetailJson(alert, rule, mayChange ? actionsOf(alert, caller.name) : [], mayChange ? deps.asks.askable(alert) : []);
  });

  serve(app, access, relatedAlertsEndpoint, async ({ params, caller }) => {
    const [own] = (await alerts.byIds([params.id])).flatMap(shownTo(caller));
    const found = own && (await alerts.related(params.id, caller.datasets));
    if (own === undefined || found === undefined) throw noSuchAlert(params.id);
    return {
      related: found.related.flatMap(({ alert, why }) =>
        shownTo(caller)(alert).flatMap((other) => {
          const shared = why.filter(({ value }) => names(own, value) && names(other, value));
          return shared.length === 0 ? [] : [{ alert: other, why: shared }];
        }),
      ),
      earlier: found.earlier.flatMap(shownTo(caller)),
    };
  });

  serve(app, access, unusualAlertEndpoint, async ({ params, caller, signal }) => {
    const alert = await seen(deps, params.id, caller);
    const { person, ...history } = await alertHistory(engine, { alert, caller, signal }, now);
    return {
      from: iso(history.from),
      to: iso(history.to),
      rule_events: history.ruleEvents,
      rule_people: history.rulePeople,
      group_events: history.groupEvents,
      group_days: history.groupDays,
      ...(history.groupLastAt !== undefined && { group_last_at: iso(history.groupLastAt) }),
      ...(person !== undefined && {
        person: { name: person, rule_events: history.personRuleEvents, any_rule_events: history.personEvents },
      }),
    };
  });

  serve(app, access, alertContextEndpoint, async ({ params, caller, signal }) => {
    const alert = await seen(deps, params.id, caller);
    const asked = askContext(engine, { alert, names: lookUps.names, caller, signal }, now);
    if (asked === undefined) return {};
    auditContext(deps, caller, alert, asked.who);
    return { context: await contextJson(asked, telemetry) };
  });
}

/** Whether an alert names that one by events that the caller may see: what others name is not for them to learn. */
const names = ({ evidence, evidence_hidden: hidden }: Shown, name: string): boolean =>
  hidden === 0 ||
  evidence.some(({ user, target_user, host, source_ip }) =>
    [user, target_user, host, source_ip].some((each) => each?.toLowerCase() === name),
  );

/** Beside its events it is a look at a person, and recorded as one. */
function auditContext({ onAudit }: ApiDeps, caller: Caller, { id }: KeptAlert, { title, person }: Subject): void {
  onAudit({
    action: 'search',
    category: ['database'],
    type: ['access'],
    outcome: 'unknown',
    ...actorOf(caller),
    message: `${caller.name} searched what ${title} did around the alert ${id}`,
    about: { kind: 'context', alert_id: id, person: person?.id ?? '', name: title },
  });
}

function changeRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  serve(app, access, alertStateEndpoint, async ({ params, body, caller }) => {
    const { state, until, resolution, note, revision } = body;
    const act = actOf(stateAct(state, until, resolution), deps.now());
    return await changeOne(deps, caller, params.id, { act, note, revision });
  });

  serve(app, access, changeAlertEndpoint, async ({ params, body, caller }) => {
    const { note, revision } = body;
    const act = await toSomebody(deps, actOf(body.act, deps.now(), note));
    return await changeOne(deps, caller, params.id, { act, note, revision });
  });

  serve(app, access, changeAlertsEndpoint, async ({ body, caller }) => {
    const act = await toSomebody(deps, actOf(body.act, deps.now(), body.note));
    const known = await deps.alerts.byIds(body.alerts.map(({ id }) => id));
    const mine = new Set(known.filter((alert) => visibleAlert(alert, caller) !== undefined).map(({ id }) => id));
    const changed = await deps.alerts.changeMany(
      body.alerts.filter(({ id }) => mine.has(id)),
      { act, actor: caller.name, note: body.note },
    );
    const hidden = body.alerts.filter(({ id }) => !mine.has(id)).map(({ id }) => ({ id, outcome: 'not_found' as const }));
    const count = changed.filter(({ outcome }) => outcome === 'changed').length;
    audit(deps, caller, { act, note: body.note }, count > 0, `${count} alerts`, changed.map(({ id }) => id).join(' '));
    return { changed: count, results: [...changed, ...hidden] };
  });
}

interface Wish {
  readonly act: AlertAct;
  readonly note: string | undefined;
  readonly revision: number | undefined;
}

async function changeOne(deps: ApiDeps, caller: Caller, id: string, wish: Wish): Promise<z.input<typeof changeAlertEndpoint.answer>> {
  const [found] = await deps.alerts.byIds([id]);
  const mine = found !== undefined && visibleAlert(found, caller) !== undefined;
  const changed = mine ? await deps.alerts.change(id, { ...wish, actor: caller.name }) : undefined;
  audit(deps, caller, wish, changed?.ok === true, `the alert ${id.slice(0, 100)}`, id.slice(0, 100));
  if (changed === undefined) throw noSuchAlert(id);
  if (!changed.ok) throw changed.error === 'not_found' ? noSuchAlert(id) : await conflict(deps, id, changed.error);
  const [json] = shownTo(caller)(changed.value);
  if (json === undefined) throw noSuchAlert(id);
  return json;
}

/** A conflict says what is there now, so that the person can decide anew. */
async function conflict({ alerts }: ApiDeps, id: string, fault: 'unchanged' | 'conflict'): Promise<ApiProblem> {
  const present = await alerts.get(id);
  if (present === undefined) return noSuchAlert(id);
  const last = present.history.at(-1);
  const by = last === undefined ? '' : `: ${last.change} by ${last.actor}`;
  const detail = fault === 'unchanged' ? `The alert is so already (${present.state}).` : `The alert has changed meanwhile${by}.`;
  return new ApiProblem(409, 'EAR_API_CONFLICT', detail, { present: lifeJson(present) });
}

function audit(deps: ApiDeps, caller: Caller, { act, note }: Omit<Wish, 'revision'>, done: boolean, what: string, ids: string): void {
  deps.onAudit(alertAudit({ who: actorOf(caller), act, note, done, what, ids }));
}

function stateAct(state: (typeof ALERT_STATES)[number], until: string | undefined, resolution: Resolved): ActJson {
  switch (state) {
    case 'open':
      return { kind: 'reopen' };
    case 'acknowledged':
      return { kind: 'acknowledge' };
    case 'snoozed':
      return { kind: 'snooze', until: until ?? '' };
    case 'resolved':
      return { kind: 'resolve', resolution };
  }
}

type Resolved = Extract<AlertAct, { kind: 'resolve' }>['resolution'];

/** The act with its times read and what goes with it checked. Throws an ApiProblem. */
function actOf(act: ActJson, now: number, note = ''): AlertAct {
  if (act.kind === 'comment' && note.trim() === '') throw inputProblem('body.note', 'a comment has a text');
  if (act.kind !== 'snooze') return act;
  const until = parseTime(act.until, now)?.first;
  if (until === undefined) throw inputProblem('body.until', 'not a time: write now+4h, or 2026-01-31T10:00:00Z');
  if (until <= now || until > now + LONGEST_SNOOZE_MS) throw inputProblem('body.until', 'must be later than now, and within 90 days');
  return { kind: 'snooze', until };
}

/** Only a user who can work on alerts can be given one: with any other name nobody would. Throws an ApiProblem. */
async function toSomebody({ accounts }: ApiDeps, act: AlertAct): Promise<AlertAct> {
  if (act.kind !== 'assign') return act;
  const user = await accounts.users.byName(act.to.toLowerCase());
  if (user === undefined || !mayWork(user)) throw inputProblem('body.act.to', `there is no user ${act.to} who may work on alerts`);
  return { kind: 'assign', to: user.name };
}

/** The alert, if the caller may see any of it. Throws an ApiProblem. */
async function seen({ alerts }: ApiDeps, id: string, caller: Caller): Promise<KeptAlert> {
  const [found] = await alerts.byIds([id]);
  const alert = found && visibleAlert(found, caller);
  if (alert === undefined) throw noSuchAlert(id);
  return alert;
}

type Shown = z.input<typeof changeAlertEndpoint.answer>;

const shownTo =
  (caller: Caller) =>
  (alert: KeptAlert): Shown[] => {
    const seenOf = visibleAlert(alert, caller);
    return seenOf === undefined ? [] : [alertJson(seenOf)];
  };

const noSuchAlert = (id: string): ApiProblem => new ApiProblem(404, 'EAR_API_NOT_FOUND', `There is no alert ${id.slice(0, 100)}.`);

function filterOf(query: z.output<typeof alertCountsEndpoint.query>, caller: Caller, now: number): AlertFilter {
  return {
    states: query.states,
    levels: levelsOf(query.levels, query.least_level),
    rule: query.rule,
    assignee: query.assignee,
    unassigned: query.unassigned,
    persons: query.person === undefined ? undefined : [query.person],
    about: query.about,
    technique: query.technique,
    from: filterTime('from', query.from, now),
    to: filterTime('to', query.to, now),
    datasets: caller.datasets,
  };
}

function levelsOf(levels: readonly Level[] | undefined, least: Level | undefined): readonly Level[] | undefined {
  if (least === undefined) return levels;
  const enough = LEVELS.slice(LEVELS.indexOf(least));
  return levels === undefined ? enough : enough.filter((level) => levels.includes(level));
}

const recordOf = <K extends string>(keys: readonly K[], value: (key: K) => number): Record<K, number> =>
  // Every key is there: they are all mapped.
  Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<K, number>;

const paceJson = (pace: Awaited<ReturnType<ApiDeps['alerts']['stats']>>['all']) => ({
  opened: pace.opened,
  acknowledged: pace.acknowledged,
  resolved: pace.resolved,
  ...(pace.medianAcknowledgeSecs !== undefined && { median_acknowledge_secs: pace.medianAcknowledgeSecs }),
  ...(pace.medianResolveSecs !== undefined && { median_resolve_secs: pace.medianResolveSecs }),
  resolutions: { ...pace.resolutions },
});
