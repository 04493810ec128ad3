import { createAlerts } from '../../src/alert/alerts.ts';
import { Acting } from '../../src/hub/acts/acting.ts';
import { PersonNames } from '../../src/model/person.ts';
import type { Settings } from '../../src/settings.ts';
import type { State } from '../../src/store/state/state.ts';
import { silent } from '../../src/telemetry/telemetry.ts';
import { FakeEngine } from './api.ts';

/** What runs acts, started, where nobody is in a directory and no entry is awaited. */
export function startActing(state: State, settings: Settings, now: () => number = Date.now): Acting {
  const acting = new Acting({
    state,
    engine: new FakeEngine(),
    alerts: createAlerts(state, now),
    settings: () => settings,
    names: () => new PersonNames([], []),
    awaitActs: async () => undefined,
    audit: () => undefined,
    holder: 'hub-1',
    fetch,
    telemetry: silent,
    now,
  });
  acting.start();
  return acting;
}
