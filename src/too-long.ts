import { historyMs } from './detect/baseline/counter.ts';
import type { Baseline } from './detect/sigma/baseline.ts';
import type { Correlation } from './detect/sigma/correlation.ts';
import type { RuleFault } from './detect/sigma/fault.ts';
import type { Settings } from './settings.ts';

const DAY_MS = 86_400_000;

/** How far back the windows of a timespan reach, when the event that completes one may come late; milliseconds. */
const reachOf = (timespanMs: number, { rules }: Pick<Settings, 'rules'>): number => 2 * timespanMs + rules.late_after_hours * 3_600_000;

/** Correlations that would look for events which are not kept that long, and those that count them. */
export function tooLong(
  correlations: readonly Correlation[],
  settings: Pick<Settings, 'rules' | 'correlations' | 'retention'>,
): { readonly kept: readonly Correlation[]; readonly faults: readonly RuleFault[] } {
  const { eventDays, keptDays } = keptOf(settings);
  const refused = new Set<string>();
  const faults: RuleFault[] = [];
  for (const { id, file, line, refs, timespanMs } of correlations) {
    const days = Math.ceil(reachOf(timespanMs, settings) / DAY_MS);
    const counts = refs.some((ref) => refused.has(ref.id));
    if (days <= keptDays && !counts) continue;
    refused.add(id);
    const reason = counts
      ? 'it counts a correlation whose `timespan` is too long for what is kept'
      : `the \`timespan\` is too long: it needs the hits of ${days} days, and ${settings.correlations.keep_days} are kept (events: ${eventDays}); shorten it, or raise \`correlations.keep_days\``;
    faults.push({ file, line, column: 1, reason });
  }
  return { kept: correlations.filter(({ id }) => !refused.has(id)), faults };
}

/** Baselines that would look back on events which are not kept that long. */
export function historyTooLong(
  baselines: readonly Baseline[],
  settings: Pick<Settings, 'rules' | 'correlations' | 'retention'>,
): { readonly kept: readonly Baseline[]; readonly faults: readonly RuleFault[] } {
  const { eventDays, keptDays } = keptOf(settings);
  const daysOf = (baseline: Baseline) => Math.ceil(historyMs(baseline) / DAY_MS + settings.rules.late_after_hours / 24);
  const refused = baselines.filter((baseline) => daysOf(baseline) > keptDays);
  return {
    kept: baselines.filter((baseline) => !refused.includes(baseline)),
    faults: refused.map((baseline) => ({
      file: baseline.file,
      line: baseline.line,
      column: 1,
      reason: `the \`history\` is too long: it needs the hits of ${daysOf(baseline)} days, and ${settings.correlations.keep_days} are kept (events: ${eventDays}); shorten it, or raise \`correlations.keep_days\``,
    })),
  };
}

function keptOf({ retention, correlations }: Pick<Settings, 'correlations' | 'retention'>): { eventDays: number; keptDays: number } {
  const eventDays = Math.min(retention.default_days, ...retention.classes.map(({ days }) => days));
  return { eventDays, keptDays: Math.max(eventDays, correlations.keep_days) };
}
