import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { SharedAnswers } from '../../lib/shared-answers.ts';
import { TACTICS, tacticOf, techniqueOf } from '../../model/attack.ts';
import type { Maturity, SetMaturity } from '../../model/rule-care.ts';
import { ACTIVITY_DAYS, ruleActivity } from '../../store/search/rule-activity.ts';
import { actorOf, type Caller } from '../caller.ts';
import { listRulesEndpoint, oneRuleEndpoint, type RuleActivity, ruleActivityEndpoint, setMaturityEndpoint } from '../contract/rules.ts';
import type { ApiDeps, RunningRule } from '../deps.ts';
import type { Count } from '../hub-view.ts';
import { coverageOf, techniqueWithName } from '../overview/coverage.ts';
import { isWhole, part } from '../part.ts';
import { ApiProblem } from '../problem.ts';
import { demandAllDatasets, ruleNamed } from '../rule-change.ts';
import { type Access, serve } from '../serve.ts';
import { iso } from '../time-range.ts';
import { visible } from '../visible.ts';

const KEPT_MS = 10_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** What was resolved with one of these was noise: the rule fired, and there was nothing to do. */
const NOISE = ['false_positive', 'benign', 'expected'] as const;

export function ruleRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  serve(app, access, listRulesEndpoint, async () => {
    const { rules, rejected } = deps.rules();
    const shown = await shownRules(deps);
    return {
      rules: rules.map(shown),
      rejected: rejected.map(({ file, line, column, reason }) => ({ file, line, column, reason })),
      coverage: coverageOf(rules).map(({ techniques, ...tactic }) => ({
        ...tactic,
        techniques: techniques.map((technique) => ({ ...technique, rules: [...technique.rules] })),
      })),
    };
  });
  const answers = new SharedAnswers<Activity>(KEPT_MS, deps.now, ({ hits, alerts }) => isWhole(hits, alerts));
  serve(app, access, ruleActivityEndpoint, ({ caller, signal }) =>
    answers.get(JSON.stringify([...caller.datasets].sort()), signal, (stop) => activity(deps, caller, stop)),
  );
  serve(app, access, oneRuleEndpoint, async ({ params: { id } }) => {
    const rule = ruleNamed(deps, id);
    const file = rule && deps.hub.ruleFile(rule.id);
    if (rule === undefined || file === undefined) throw noSuchRule(id);
    const techniques = new Set(rule.tags.flatMap((tag) => techniqueOf(tag) ?? []));
    const tactics = new Set(rule.tags.flatMap((tag) => tacticOf(tag) ?? []));
    return {
      ...(await shownRules(deps))(rule),
      techniques: [...techniques].map(techniqueWithName),
      tactics: [...tactics].map((tactic) => ({ id: tactic, name: TACTICS[tactic] ?? tactic })),
      text: file.text,
      changed: file.changed,
      cases: file.cases.map(({ name, raw, expect }) => ({ name, raw, expect })),
    };
  });
  serve(app, access, setMaturityEndpoint, async ({ params: { id }, body: { maturity, reason }, caller }) => {
    demandAllDatasets(caller);
    const rule = ruleNamed(deps, id);
    if (rule === undefined) throw noSuchRule(id);
    const before = deps.hub.isStaged(rule) ? 'staged' : 'live';
    if (before === maturity) throw new ApiProblem(409, 'EAR_API_CONFLICT', `The rule ${rule.name} is ${maturity} already.`);
    await deps.ruleCare.setMaturity({ ruleId: rule.id, maturity, reason, actor: caller.name });
    auditMaturity(deps, caller, rule, { before, after: maturity, reason });
    return (await shownRules(deps))(rule);
  });
}

function auditMaturity(
  { onAudit }: ApiDeps,
  caller: Caller,
  { id, name }: RunningRule,
  about: { readonly before: Maturity; readonly after: Maturity; readonly reason: string },
): void {
  onAudit({
    action: 'rule_maturity_change',
    category: ['configuration'],
    type: ['change'],
    outcome: 'success',
    ...actorOf(caller),
    message: `${caller.name}: rule ${name} switched to ${about.after}: ${about.reason}`,
    about: { rule: name, rule_id: id, ...about },
  });
}

const noSuchRule = (id: string) =>
  new ApiProblem(404, 'EAR_API_NOT_FOUND', `No rule ${id.slice(0, 100)} runs. It may have been rejected: see the list of rules.`);

type Shown = z.input<typeof listRulesEndpoint.answer>['rules'][number];
type Activity = z.input<typeof ruleActivityEndpoint.answer>;
type Value<K extends 'hits' | 'alerts'> = Extract<RuleActivity[K], { ok: true }>['value'];

async function shownRules({ hub, rules, ruleCare }: ApiDeps): Promise<(rule: RunningRule) => Shown> {
  const counts = await hub.counts(['earshot_rule_seconds_total', 'earshot_deferred_rules_total', 'earshot_rule_aside']);
  const byRule = (wanted: Count['name']) =>
    new Map(counts.filter(({ name }) => name === wanted).map(({ labels, value }) => [labels.rule, value]));
  const secondsOf = byRule('earshot_rule_seconds_total');
  const deferredOf = byRule('earshot_deferred_rules_total');
  const asideOf = byRule('earshot_rule_aside');
  const testsOf = hub.ruleTests();
  const silentOf = new Map(rules().silent.map(({ rule, reason }) => [rule.id, reason]));
  return (rule) => {
    const tests = testsOf.get(rule.id);
    const silent = silentOf.get(rule.id);
    const said = ruleCare.said(rule.id);
    return {
      kind: rule.kind,
      id: rule.id,
      name: rule.name,
      version: rule.version,
      title: rule.title,
      level: rule.level,
      description: rule.description,
      tags: [...rule.tags],
      falsepositives: [...rule.falsepositives],
      next_steps: [...rule.nextSteps],
      group_by: [...rule.groupBy],
      file: rule.file,
      ...(rule.status !== undefined && { status: rule.status }),
      ...(rule.author !== undefined && { author: rule.author }),
      filters: rule.filters.map(shownFilter),
      ...(rule.words !== undefined && { words: rule.words }),
      counts: [...rule.counts],
      quieted_by: [...hub.quietedBy(rule.id)],
      staged: hub.isStaged(rule),
      ...(said !== undefined && { maturity_set: shownMaturity(said) }),
      ...(silent !== undefined && { silent }),
      tests: { match: tests?.match ?? 0, no_match: tests?.noMatch ?? 0, ...(tests?.fault !== undefined && { fault: tests.fault }) },
      cost_secs: secondsOf.get(rule.name) ?? 0,
      deferred: deferredOf.get(rule.name) ?? 0,
      aside: asideOf.get(rule.name) === 1,
    };
  };
}

const shownMaturity = ({ maturity, reason, actor, at }: SetMaturity): Shown['maturity_set'] => ({
  maturity,
  reason,
  by: actor,
  at: iso(at),
});

const shownFilter = ({ id, title, file, reason, author, expiresAt }: RunningRule['filters'][number]): Shown['filters'][number] => ({
  id,
  title,
  file,
  ...(reason !== undefined && { reason }),
  ...(author !== undefined && { author }),
  ...(expiresAt !== undefined && { expires_at: iso(expiresAt) }),
});

async function activity(deps: ApiDeps, caller: Pick<Caller, 'datasets'>, signal: AbortSignal): Promise<Activity> {
  const to = Math.floor(deps.now() / MINUTE_MS) * MINUTE_MS;
  const from = to - ACTIVITY_DAYS * DAY_MS;
  const [hits, alerts] = await Promise.all([
    part('hits of rules', deps.telemetry, hitsOf(deps, caller, to, signal)),
    part('alerts of rules', deps.telemetry, alertsOf(deps, caller, { from, to })),
  ]);
  return { from: iso(from), to: iso(to), hits, alerts };
}

async function hitsOf({ engine, now }: ApiDeps, caller: Pick<Caller, 'datasets'>, to: number, signal: AbortSignal): Promise<Value<'hits'>> {
  const rules = await ruleActivity(engine, { query: visible({ type: 'all' }, caller), to, signal }, now);
  return rules.map(({ rule, day, month, days, lastAt }) => ({ rule_id: rule, day, month, days: [...days], last_at: iso(lastAt) }));
}

async function alertsOf(
  { alerts }: ApiDeps,
  { datasets }: Pick<Caller, 'datasets'>,
  range: { readonly from: number; readonly to: number },
): Promise<Value<'alerts'>> {
  const { groups, complete } = await alerts.stats({ ...range, by: 'rule', datasets });
  return {
    rules: groups.map(({ value, opened, resolved, resolutions }) => ({
      rule_name: value,
      opened,
      resolved,
      noise: NOISE.reduce((sum, resolution) => sum + (resolutions[resolution] ?? 0), 0),
    })),
    complete,
  };
}
