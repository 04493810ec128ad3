import type { Logger } from 'pino';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { METRICS, type MetricName } from './metrics.ts';
import type { Telemetry } from './telemetry.ts';

/** Seconds from receive to searchable: the promise is a p99 under one second. */
const BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 10, 60, 600];

type Instrument = Counter | Gauge | Histogram;

/** The main thread's telemetry: numbers for Prometheus, words for the log. */
export class MetricsRegistry implements Telemetry {
  readonly #registry = new Registry();
  readonly #instruments: Map<string, Instrument>;
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
    collectDefaultMetrics({ register: this.#registry, prefix: 'earshot_hub_' });
    this.#instruments = new Map((Object.keys(METRICS) as MetricName[]).map((name) => [name, this.#create(name)]));
  }

  count(name: MetricName, labels: Readonly<Record<string, string>>, by = 1): void {
    const instrument = this.#instruments.get(name);
    if (instrument instanceof Counter) instrument.inc({ ...labels }, by);
  }

  gauge(name: MetricName, labels: Readonly<Record<string, string>>, value: number): void {
    const instrument = this.#instruments.get(name);
    if (instrument instanceof Gauge) instrument.set({ ...labels }, value);
  }

  observe(name: MetricName, labels: Readonly<Record<string, string>>, seconds: number): void {
    const instrument = this.#instruments.get(name);
    if (instrument instanceof Histogram) instrument.observe({ ...labels }, seconds);
  }

  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, about: Readonly<Record<string, unknown>> = {}): void {
    this.#logger[level](about, message);
  }

  /** The Prometheus text form, and its content type. */
  async print(): Promise<{ readonly text: string; readonly contentType: string }> {
    return { text: await this.#registry.metrics(), contentType: this.#registry.contentType };
  }

  /** Every series of a metric with its value now. Not for histograms, whose values are many. */
  async values<N extends MetricName>(
    name: N,
  ): Promise<{ readonly name: N; readonly labels: Readonly<Record<string, string>>; readonly value: number }[]> {
    const instrument = this.#instruments.get(name);
    if (instrument === undefined) return [];
    const { values } = await instrument.get();
    return values.map(({ labels, value }) => ({
      name,
      labels: Object.fromEntries(Object.entries(labels).map(([label, text]) => [label, String(text)])),
      value,
    }));
  }

  #create(name: MetricName): Instrument {
    const metric = METRICS[name];
    const { type, help, labels } = metric;
    const options = { name, help, labelNames: [...labels], registers: [this.#registry] };
    if (type === 'counter') return new Counter(options);
    if (type === 'gauge') return new Gauge(options);
    return new Histogram({ ...options, buckets: 'buckets' in metric ? [...metric.buckets] : BUCKETS });
  }
}
