import type { FastifyInstance } from 'fastify';
import type { Backtest, BacktestRule } from '../../model/backtest.ts';
import type { Event } from '../../model/event.ts';
import { conditionOf } from '../../store/search/candidate.ts';
import type { QueryNode } from '../../store/search/node.ts';
import { actorOf, type Caller } from '../caller.ts';
import { backtestEndpoint } from '../contract/backtests.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiProblem, inputProblem } from '../problem.ts';
import { shownRange } from '../query.ts';
import { type Access, serve } from '../serve.ts';
import { iso, type TimeRange, timeRange } from '../time-range.ts';
import { visible } from '../visible.ts';

/** Each reads weeks of events, and holds a lane of the engine for as long as it takes. */
const MOST_AT_ONCE = 2;
const MOST_MESSAGE = 300;
/** Every event, the audit trail too: which events are meant is the rule's to say. */
const EVERYTHING: QueryNode = { type: 'or', nodes: [{ type: 'all' }, { type: 'exists', field: 'event.dataset' }] };

export function backtestRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  const running = new Set<string>();

  serve(app, access, backtestEndpoint, async ({ body, caller, signal }) => {
    const wanted = { ...wantedRule(body), ...(body.except !== undefined && { except: body.except }) };
    const range = timeRange({ from: body.from ?? 'now-30d', to: body.to }, deps.now());
    if (running.has(caller.name) || running.size >= MOST_AT_ONCE)
      throw new ApiProblem(429, 'EAR_API_BUSY', 'A backtest is under way already: one at a time for each caller, two for all.', {}, 30);
    running.add(caller.name);
    try {
      const only = conditionOf(visible(EVERYTHING, caller), deps.now());
      const tested = await deps.backtest(wanted, { ...range, only, signal });
      if (!tested.ok && tested.error.code === 'not_found')
        throw new ApiProblem(404, 'EAR_API_NOT_FOUND', `No rule ${'named' in wanted ? wanted.named.slice(0, 100) : ''} runs.`);
      if (!tested.ok && tested.error.code === 'bad_exception') throw inputProblem('body.except', tested.error.reason);
      if (!tested.ok) throw new ApiProblem(400, 'EAR_RULE_INVALID', tested.error.code === 'rejected' ? tested.error.reason : '');
      audit(deps, caller, tested.value, range);
      return { ...shownRange(range), ...shown(tested.value) };
    } finally {
      running.delete(caller.name);
    }
  });
}

function wantedRule({ rule, text }: { readonly rule?: string | undefined; readonly text?: string | undefined }): BacktestRule {
  if (rule !== undefined && text === undefined) return { named: rule };
  if (text !== undefined && rule === undefined) return { text };
  throw inputProblem('body.rule', 'give either `rule`, an id or a name, or `text`, a rule file');
}

const shown = ({ rule, silent, searchedFrom, stopped, examples, ...counts }: Backtest) => ({
  rule: { id: rule.id, name: rule.name, title: rule.title, level: rule.level, group_by: [...rule.groupBy] },
  ...(silent !== undefined && { silent }),
  searched_from: iso(searchedFrom),
  ...(stopped !== undefined && { stopped }),
  lists_of_today: counts.listsOfToday.map(({ name, since }) => ({ name, ...(since !== undefined && { since: iso(since) }) })),
  events: counts.events,
  alerts: counts.alerts,
  alerts_per_day: counts.alertsPerDay,
  judged_again: counts.judgedAgain,
  exact: counts.exact,
  days: [...counts.days],
  users: [...counts.users],
  hosts: [...counts.hosts],
  addresses: [...counts.addresses],
  examples: examples.map(exampleJson),
});

function exampleJson({ node, seq, timestamp, fields, raw }: Event) {
  const { message } = fields;
  const text = typeof message === 'string' && message !== '' ? message : raw.toString('utf8');
  const dataset = fields['event.dataset'];
  return {
    event_id: `${node}-${seq}`,
    timestamp: iso(timestamp),
    dataset: typeof dataset === 'string' ? dataset : '',
    message: text.slice(0, MOST_MESSAGE).toWellFormed(),
  };
}

function audit(deps: ApiDeps, caller: Caller, { rule, events }: Backtest, range: TimeRange): void {
  deps.onAudit({
    action: 'backtest',
    category: ['database'],
    type: ['access'],
    outcome: 'success',
    ...actorOf(caller),
    message: `${caller.name} tested the rule ${rule.name} against events of the past: ${events} hits`,
    about: { rule: rule.name, rule_id: rule.id, events, ...shownRange(range) },
  });
}
