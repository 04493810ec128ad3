import type { Alert } from '../model/alert.ts';
import { USUAL_DAYS } from '../model/alert-usual.ts';
import { type HitHistory, hitHistory } from '../store/search/hit-history.ts';
import type { EventEngine } from '../store/store.ts';
import { groupNodes, ruleEvents } from './alert-events.ts';
import type { Caller } from './caller.ts';
import { visible } from './visible.ts';

const USUAL_MS = USUAL_DAYS * 86_400_000;

export interface AlertHistory extends HitHistory {
  /** Milliseconds since the epoch; `to`, the alert's first event, is exclusive. */
  readonly from: number;
  readonly to: number;
  /** Whom the evidence names first. */
  readonly person: string | undefined;
}

export interface HistoryOf {
  readonly alert: Alert;
  readonly caller: Pick<Caller, 'datasets'>;
  readonly signal: AbortSignal;
}

/** What the alert's rule had hit before it, of what the caller may see. Throws EngineError. */
export async function alertHistory(engine: EventEngine, { alert, caller, signal }: HistoryOf, now: () => number): Promise<AlertHistory> {
  const range = { from: Math.max(alert.firstAt - USUAL_MS, 0), to: alert.firstAt };
  const person = alert.evidence.find(({ user }) => user !== undefined)?.user;
  const rule = visible(ruleEvents(alert), caller);
  const all = visible({ type: 'all' }, caller);
  const history = await hitHistory(engine, { ...range, rule, all, group: groupNodes(alert), person, signal }, now);
  return { ...history, ...range, person };
}
