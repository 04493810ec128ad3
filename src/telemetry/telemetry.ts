import type { Labels, MetricName } from './metrics.ts';

/** What every stage may say about itself. Given by `app.ts`; in a worker thread it sends to the main thread. */
export interface Telemetry {
  count<N extends MetricName>(name: N, labels: Labels<N>, by?: number): void;
  gauge<N extends MetricName>(name: N, labels: Labels<N>, value: number): void;
  observe<N extends MetricName>(name: N, labels: Labels<N>, seconds: number): void;
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, about?: Readonly<Record<string, unknown>>): void;
}

/** Says nothing: for tests and one-shot commands. */
export const silent: Telemetry = { count() {}, gauge() {}, observe() {}, log() {} };
