import { alertHistory } from './api/alert-history.ts';
import type { ToldAlert } from './model/alert.ts';
import type { EventEngine } from './store/store.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

/** A message waits no longer than this for it: being told comes first. */
const PATIENCE_MS = 500;
/** Whom a notifier tells is the configuration's to say: the sentence counts all events, and names none. */
const EVERYTHING = { datasets: ['*'] } as const;

/**
 * An alert that is told by itself, with how unusual it is; as it was where the engine does not say in time. Many in one message have no
 * room for it. What correlations, baselines and silence find is unusual by more than their events: those may be of every day.
 */
export async function withUsual(
  engine: EventEngine,
  alerts: readonly ToldAlert[],
  telemetry: Pick<Telemetry, 'log'>,
): Promise<readonly ToldAlert[]> {
  const [alert, ...others] = alerts;
  if (alert === undefined || others.length > 0 || alert.kind !== 'rule') return alerts;
  try {
    const wanted = { alert, caller: EVERYTHING, signal: AbortSignal.timeout(PATIENCE_MS) };
    const { ruleEvents, groupEvents, person: name, personRuleEvents } = await alertHistory(engine, wanted, Date.now);
    const person = name === undefined ? undefined : { name, ruleEvents: personRuleEvents };
    return [{ ...alert, usual: { ruleEvents, groupEvents, person } }];
  } catch (error) {
    telemetry.log('info', 'an alert is told without how unusual it is', { alert: alert.id, error: String(error) });
    return alerts;
  }
}
