import type { Baseline } from '../../detect/sigma/baseline.ts';
import type { Correlation } from '../../detect/sigma/correlation.ts';
import { placesText, readException } from '../../detect/sigma/exception.ts';
import { faultText } from '../../detect/sigma/fault.ts';
import { narrow } from '../../detect/sigma/filter.ts';
import { type LoadedRules, type LoadOptions, readRules } from '../../detect/sigma/load.ts';
import type { Rule } from '../../detect/sigma/rule.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { BacktestFault, BacktestRule } from '../../model/backtest.ts';

/** What is tested: a rule, or a correlation or baseline with all that it counts. */
export type BacktestTarget =
  | { readonly kind: 'rule'; readonly rule: Rule }
  /** `correlations`: with those it counts before it. `rules`: those that any of them counts. */
  | {
      readonly kind: 'correlation';
      readonly correlation: Correlation;
      readonly correlations: readonly Correlation[];
      readonly rules: readonly Rule[];
    }
  | { readonly kind: 'baseline'; readonly baseline: Baseline; readonly rules: readonly Rule[] };

export type RunningRules = Pick<LoadedRules, 'rules' | 'correlations' | 'baselines' | 'silences'>;

const NO_BACKTEST =
  'silence is not in the events: it cannot be tested against the past. Beside it, a timeline in a test file says what it tells of';

/**
 * Finds what is meant among the rules that run, or reads it from the text of a file; a correlation there may count rules that run. An
 * exception narrows the rule, or all that is counted.
 */
export function backtestTarget(wanted: BacktestRule, running: RunningRules, options: LoadOptions): Result<BacktestTarget, BacktestFault> {
  const target = targetMeant(wanted, running, options);
  if (!target.ok || wanted.except === undefined) return target;
  const { filter, faults } = readException(
    { id: '', rules: 'any', selection: wanted.except, reason: '', author: '', createdAt: 0 },
    options,
  );
  if (filter === undefined) return err({ code: 'bad_exception', reason: placesText(faults) });
  const { value } = target;
  return ok(
    value.kind === 'rule'
      ? { ...value, rule: narrow(value.rule, [filter]) }
      : { ...value, rules: value.rules.map((rule) => narrow(rule, [filter])) },
  );
}

function targetMeant(wanted: BacktestRule, running: RunningRules, options: LoadOptions): Result<BacktestTarget, BacktestFault> {
  if ('text' in wanted) return targetOfText(wanted.text, running, options);
  const isMeant = ({ id, name }: { readonly id: string; readonly name: string }) =>
    id === wanted.named.toLowerCase() || name === wanted.named;
  const rule = running.rules.find(isMeant);
  if (rule !== undefined) return ok({ kind: 'rule', rule });
  const correlation = running.correlations.find(isMeant);
  if (correlation !== undefined) return ok(withCounted(correlation, running));
  const baseline = running.baselines.find(isMeant);
  if (baseline !== undefined) return ok(withHistory(baseline, running));
  return running.silences.some(isMeant) ? err({ code: 'rejected', reason: NO_BACKTEST }) : err({ code: 'not_found' });
}

function targetOfText(text: string, running: RunningRules, options: LoadOptions): Result<BacktestTarget, BacktestFault> {
  const { rules, correlations, baselines, silences, rejected } = readRules('rule.yml', text, { ...options, known: running.rules });
  const [fault] = rejected;
  if (fault !== undefined) return err({ code: 'rejected', reason: faultText(fault) });
  const outermost = correlations.filter(({ id }) => !correlations.some(({ refs }) => refs.some((ref) => ref.id === id)));
  const [correlation] = outermost;
  if (outermost.length + baselines.length > 1) return tooMany(`${outermost.length + baselines.length} correlations and baselines`);
  if (correlation !== undefined) return ok(withCounted(correlation, { correlations, rules: [...rules, ...running.rules] }));
  const [baseline] = baselines;
  if (baseline !== undefined) return ok(withHistory(baseline, { rules: [...rules, ...running.rules] }));
  if (silences.length > 0) return err({ code: 'rejected', reason: NO_BACKTEST });
  const [rule] = rules;
  if (rule === undefined) return err({ code: 'rejected', reason: 'there is no rule in it' });
  return rules.length === 1 ? ok({ kind: 'rule', rule }) : tooMany(`${rules.length} rules`);
}

const tooMany = (what: string) => err({ code: 'rejected' as const, reason: `there are ${what} in it: one is tested at a time` });

/** `all.correlations`: each after those it counts. */
function withCounted(correlation: Correlation, all: Pick<RunningRules, 'rules' | 'correlations'>): BacktestTarget {
  const counted = new Set([correlation.id]);
  for (const { id, refs } of all.correlations.toReversed()) if (counted.has(id)) for (const ref of refs) counted.add(ref.id);
  const rules = new Map(all.rules.toReversed().map((rule) => [rule.id, rule]));
  return {
    kind: 'correlation',
    correlation,
    correlations: all.correlations.filter(({ id }) => counted.has(id)),
    rules: [...rules.values()].filter(({ id }) => counted.has(id)),
  };
}

/** The first of two rules with one id stands in the other's place. */
function withHistory(baseline: Baseline, all: Pick<RunningRules, 'rules'>): BacktestTarget {
  const rules = baseline.refs.flatMap(({ id }) => all.rules.find((rule) => rule.id === id) ?? []);
  return { kind: 'baseline', baseline, rules };
}
