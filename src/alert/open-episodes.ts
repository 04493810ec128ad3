export interface EpisodeBounds {
  readonly gapMs: number;
  readonly maxMs: number;
}

/** What decides whether a hit joins: an alert's stretch of time, which grows. */
export interface Stretch {
  readonly id: string;
  first_at: number;
  last_at: number;
}

/** Alerts that hits may join, by key, in the order of their last event; of the same time, the smaller id last. */
export class OpenEpisodes<E extends Stretch> {
  readonly #bounds: EpisodeBounds;
  readonly #byKey = new Map<string, E[]>();

  constructor(bounds: EpisodeBounds) {
    this.#bounds = bounds;
  }

  /**
   * The alert that a hit at this time joins: no further away than the gap, and not grown over its bound by it; of several, the latest.
   * Looks from the latest alert back, and no further than the gap allows: hits mostly come in the order of their time.
   */
  join(key: string, at: number): E | undefined {
    const { gapMs, maxMs } = this.#bounds;
    const alerts = this.#byKey.get(key) ?? [];
    for (let i = alerts.length - 1; i >= 0; i--) {
      const alert = alerts[i];
      if (alert === undefined || at > alert.last_at + gapMs) return undefined;
      const span = Math.max(alert.last_at, at) - Math.min(alert.first_at, at);
      if (at >= alert.first_at - gapMs && span <= maxMs) return alert;
    }
    return undefined;
  }

  file(key: string, alert: E): void {
    const alerts = this.#byKey.get(key) ?? [];
    this.#byKey.set(key, alerts);
    alerts.push(alert);
    for (let i = alerts.length - 1; i > 0 && comesBefore(alert, alerts[i - 1]); i--) swap(alerts, i, i - 1);
  }

  /** The alert has an event at this time too. */
  extend(key: string, alert: E, at: number): void {
    alert.first_at = Math.min(alert.first_at, at);
    if (at <= alert.last_at) return;
    alert.last_at = at;
    const alerts = this.#byKey.get(key) ?? [];
    for (let i = alerts.lastIndexOf(alert); i < alerts.length - 1 && comesBefore(alerts[i + 1], alert); i++) swap(alerts, i, i + 1);
  }
}

const comesBefore = (a: Stretch | undefined, b: Stretch | undefined): boolean =>
  a !== undefined && b !== undefined && (a.last_at < b.last_at || (a.last_at === b.last_at && a.id > b.id));

function swap<E>(alerts: E[], i: number, j: number): void {
  const [a, b] = [alerts[i], alerts[j]];
  if (a === undefined || b === undefined) return;
  alerts[i] = b;
  alerts[j] = a;
}
