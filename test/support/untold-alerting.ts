import { type Alerting, type AlertingDeps, createAlerting } from '../../src/alert/alerting.ts';
import { alertSettings } from '../../src/alert/settings.ts';
import type { State } from '../../src/store/state/state.ts';
import { silent } from '../../src/telemetry/telemetry.ts';
import { ruleOf } from './detected.ts';

/** Makes alerts of hits, and tells nobody of them. */
export const untoldAlerting = (state: State, now: () => number, more: Partial<AlertingDeps> = {}): Alerting =>
  createAlerting({
    state,
    settings: alertSettings.parse({}),
    ruleInfo: ruleOf,
    isQuiet: () => false,
    router: () => ({ notifiers: [], following: [], targets: () => [] }),
    telemetry: silent,
    now,
    ...more,
  });
