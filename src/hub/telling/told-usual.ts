import { alertHistory } from '../../api/alert-history.ts';
import type { ToldAlert } from '../../model/alert.ts';
import type { EventEngine } from '../../store/store.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';

/** News waits no longer than this for it: being told comes first. */
const PATIENCE_MS = 500;
/** An edit tells nobody sooner or later: where the engine has much to do, what the message said of it must not go. */
const EDIT_PATIENCE_MS = 3_000;
/** Whom a notifier tells is the configuration's to say: the sentence counts all events, and names none. */
const EVERYTHING = { datasets: ['*'] } as const;

/**
 * An alert that is told by itself, with how unusual it is; as it was where the engine does not say in time. Many in one message have no
 * room for it. What correlations, baselines and silence find is unusual by more than their events: those may be of every day.
 */
export async function withUsual(
  { engine, telemetry }: { readonly engine: EventEngine; readonly telemetry: Pick<Telemetry, 'log'> },
  alerts: readonly ToldAlert[],
  isNews: boolean,
): Promise<readonly ToldAlert[]> {
  const [alert, ...others] = alerts;
  if (alert === undefined || others.length > 0 || alert.kind !== 'rule') return alerts;
  try {
    const wanted = { alert, caller: EVERYTHING, signal: AbortSignal.timeout(isNews ? PATIENCE_MS : EDIT_PATIENCE_MS) };
    const { ruleEvents, groupEvents, person: name, personRuleEvents } = await alertHistory(engine, wanted, Date.now);
    const person = name === undefined ? undefined : { name, ruleEvents: personRuleEvents };
    return [{ ...alert, usual: { ruleEvents, groupEvents, person } }];
  } catch (error) {
    telemetry.log('info', 'an alert is told without how unusual it is', { alert: alert.id, error: String(error) });
    return alerts;
  }
}
