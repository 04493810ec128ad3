import type { MetricName } from '../../src/telemetry/metrics.ts';
import type { Telemetry } from '../../src/telemetry/telemetry.ts';

/** Telemetry that remembers: counters and gauges by name and labels, and what was logged. */
export class RecordingTelemetry implements Telemetry {
  readonly logs: { level: string; message: string }[] = [];
  readonly #values = new Map<string, number>();
  #watchers: { done: () => boolean; resolve: () => void }[] = [];

  count(name: MetricName, labels: Readonly<Record<string, string>>, by = 1): void {
    const key = keyOf(name, labels);
    this.#values.set(key, (this.#values.get(key) ?? 0) + by);
    this.#notify();
  }

  gauge(name: MetricName, labels: Readonly<Record<string, string>>, value: number): void {
    this.#values.set(keyOf(name, labels), value);
    this.#notify();
  }

  observe(): void {}

  log(level: 'debug' | 'info' | 'warn' | 'error', message: string): void {
    this.logs.push({ level, message });
    this.#notify();
  }

  value(name: MetricName, labels: Readonly<Record<string, string>> = {}): number {
    return this.#values.get(keyOf(name, labels)) ?? 0;
  }

  /** Resolves as soon as `done` is true; asked whenever something was told. */
  until(done: () => boolean): Promise<void> {
    if (done()) return Promise.resolve();
    return new Promise((resolve) => this.#watchers.push({ done, resolve }));
  }

  #notify(): void {
    const ready = this.#watchers.filter((watcher) => watcher.done());
    this.#watchers = this.#watchers.filter((watcher) => !ready.includes(watcher));
    for (const watcher of ready) watcher.resolve();
  }
}

const keyOf = (name: string, labels: Readonly<Record<string, string>>): string =>
  `${name}${JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))}`;
