import type { Alerts } from '../../alert/alerts.ts';
import { sameSettings } from '../../config/same-settings.ts';
import { NOTIFIERS } from '../../integrations/index.ts';
import type { PacedFetch } from '../../lib/paced-fetch.ts';
import type { PersonNames } from '../../model/person.ts';
import { Outbox } from '../../notify/outbox.ts';
import { configuredNotifiers } from '../../notify/settings.ts';
import type { Settings } from '../../settings.ts';
import type { State } from '../../store/state/state.ts';
import type { EventEngine } from '../../store/store.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { withAskable, withOffers } from '../acts/told-offers.ts';
import { toldContext } from './told-context.ts';
import { withUsual } from './told-usual.ts';

export interface TellingDeps {
  readonly engine: EventEngine;
  readonly state: State;
  readonly alerts: Alerts;
  /** Who is who, as it is now. */
  names(): PersonNames;
  readonly holder: string;
  settings(): Settings;
  readonly fetch: PacedFetch;
  readonly telemetry: Telemetry;
}

/** Tells people what is in the outbox, by the notifiers that are configured: after a reload, by others. */
export class Telling {
  readonly #deps: TellingDeps;
  #outbox: Outbox | undefined;

  constructor(deps: TellingDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { engine, state, alerts, holder, fetch, telemetry, names } = this.#deps;
    const { notifiers, outbox, api } = this.#deps.settings();
    this.#outbox = new Outbox({
      notifiers: configuredNotifiers(notifiers, NOTIFIERS),
      holder,
      state,
      settings: outbox,
      loadAlerts: async (ids, isNews) => {
        const told = await withUsual({ engine, telemetry }, await alerts.told(ids), isNews);
        return withAskable(withOffers(told, this.#deps.settings(), names()), this.#deps.settings(), names());
      },
      loadContext: (alert) => toldContext({ engine, names: names(), telemetry }, alert),
      fetch,
      pageUrl: api.public_url,
      telemetry,
      now: Date.now,
    });
    this.#outbox.start();
  }

  async stop(): Promise<void> {
    await this.#outbox?.stop();
  }

  /** Something waits in the outbox. */
  wake(): void {
    this.#outbox?.wake();
  }

  /** Takes up other settings. Messages on their way get the time that they may take: one that is cut off would have to be told again. */
  async renew(before: Pick<Settings, 'notifiers' | 'outbox'>): Promise<void> {
    const { notifiers, outbox } = this.#deps.settings();
    if (this.#outbox === undefined || sameSettings([notifiers, outbox], [before.notifiers, before.outbox])) return;
    await this.#outbox.stop(before.outbox.send_timeout_secs * 1000);
    this.start();
  }
}
