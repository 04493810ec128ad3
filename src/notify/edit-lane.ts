import type { Lease } from '../store/state/state.ts';
import { answered } from './answered.ts';
import { backoffMs } from './backoff.ts';
import { inOrder, type LaneDeps } from './lane.ts';
import { alertsOf, closeMessage, markEdited, mostStale, type Stale } from './message-rows.ts';
import type { Delivery } from './notifier.ts';
import { SHOWN } from './outbox-rows.ts';
import type { ConfiguredNotifier } from './settings.ts';

/** How often it looks for messages that are out of date. */
const LOOK_MS = 2_000;
/** Between two edits: Slack takes some 50 in a minute, and other targets are no faster. */
const PACE_MS = 1_500;
/** Where only the number of events has changed, a message is left alone for so long. */
const COUNT_EVERY_MS = 30_000;
/** A change that is looked for may have been committed this long after the time it bears. */
const COMMIT_MS = 60_000;
const PAUSE_MS = 300_000;

export type EditingNotifier = ConfiguredNotifier & { readonly edit: NonNullable<ConfiguredNotifier['edit']> };

/**
 * Keeps a notifier's messages as their alerts are. What is out of date is seen by comparing, not by a list of things to do: nothing can be
 * forgotten, any number of changes is one edit, and an edit that failed is made when it can be. It has a pace and failures of its own:
 * nothing new that is to be told waits for an edit.
 */
export class EditLane {
  readonly notifier: EditingNotifier;
  readonly #deps: LaneDeps;
  #since = 0;
  #notBefore = 0;
  #failures = 0;

  constructor(notifier: EditingNotifier, deps: LaneDeps) {
    this.notifier = notifier;
    this.#deps = deps;
  }

  /** Makes at most one edit. Gives the milliseconds until the next look, or `lost` when the lease is another's. */
  async step(lease: () => Lease, stop: AbortSignal): Promise<number | 'lost'> {
    const { state, now } = this.#deps;
    if (now() < this.#notBefore) return this.#notBefore - now();
    const at = now();
    const stale = await state.read((db) => mostStale(db, this.notifier.name, this.#since));
    if (stale === undefined) {
      this.#since = at - COMMIT_MS;
      return LOOK_MS;
    }
    if (!stale.changed) {
      // The others that are out of date were written later, and so have changed later: what never stops growing does not keep us looking far back.
      this.#since = Math.max(this.#since, stale.editedAt - COMMIT_MS - this.#deps.settings.send_timeout_secs * 1_000);
      if (stale.editedAt + COUNT_EVERY_MS > at) return LOOK_MS;
    }
    const delivery = await this.#edit(stale, stop);
    const written = await state.fenced(lease(), async (tx) => {
      if (delivery.verdict === 'delivered') await markEdited(tx, stale.key, stale.shown, now());
      else if (delivery.verdict === 'reject' && delivery.target !== true) {
        await closeMessage(tx, stale.key, delivery.gone === true ? 'gone' : 'fixed');
      }
      return true;
    });
    if (written === undefined) return 'lost';
    this.#pace(delivery);
    this.#tell(delivery);
    return this.#notBefore - now();
  }

  async #edit({ key, ref }: Stale, stop: AbortSignal): Promise<Delivery> {
    const { state, loadAlerts, settings, fetch, pageUrl } = this.#deps;
    const ids = await state.read((db) => alertsOf(db, key));
    const shown = ids.slice(0, SHOWN);
    const alerts = inOrder(shown, await loadAlerts(shown, false));
    const notification = { key, kind: 'opened', alerts, more: ids.length - shown.length, possibleRepeat: false, joined: [] } as const;
    return answered(settings, stop, (signal) => this.notifier.edit(ref, notification, { fetch, pageUrl, signal }));
  }

  #pace(delivery: Delivery): void {
    const { now, random } = this.#deps;
    const failed = delivery.verdict === 'retry' || (delivery.verdict === 'reject' && delivery.target === true);
    this.#failures = failed ? this.#failures + 1 : 0;
    const asked = delivery.verdict === 'retry' ? (delivery.afterMs ?? 0) : 0;
    this.#notBefore = now() + Math.max(PACE_MS, failed ? Math.max(asked, backoffMs(this.#failures, PAUSE_MS, random)) : 0);
  }

  #tell(delivery: Delivery): void {
    const { telemetry } = this.#deps;
    const notifier = this.notifier.name;
    telemetry.count('earshot_message_edits_total', { notifier, verdict: delivery.verdict });
    if (delivery.verdict !== 'delivered') telemetry.log('warn', 'a message was not brought up to date', { notifier, ...delivery });
  }
}

export const canEdit = (notifier: ConfiguredNotifier): notifier is EditingNotifier => notifier.edit !== undefined;
