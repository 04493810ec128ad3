import type { Telemetry } from './telemetry.ts';

/** One second of what a worker thread has to say, summed. */
export interface TelemetryBatch {
  readonly counts: readonly (readonly [name: string, labels: string, value: number])[];
  readonly gauges: readonly (readonly [name: string, labels: string, value: number])[];
  readonly observations: readonly (readonly [name: string, labels: string, seconds: number])[];
}

export type LogLine = {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly about?: Readonly<Record<string, unknown>>;
};

/** A worker thread's telemetry: sums numbers and hands them over each second; log lines go at once. */
export class TelemetryRelay implements Telemetry {
  readonly #counts = new Map<string, number>();
  readonly #gauges = new Map<string, number>();
  #observations: [string, string, number][] = [];
  readonly #send: { batch(batch: TelemetryBatch): void; log(line: LogLine): void };
  readonly #timer: NodeJS.Timeout;

  constructor(send: { batch(batch: TelemetryBatch): void; log(line: LogLine): void }) {
    this.#send = send;
    this.#timer = setInterval(() => this.flush(), 1000).unref();
  }

  count(name: string, labels: Readonly<Record<string, string>>, by = 1): void {
    const key = keyOf(name, labels);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + by);
  }

  gauge(name: string, labels: Readonly<Record<string, string>>, value: number): void {
    this.#gauges.set(keyOf(name, labels), value);
  }

  observe(name: string, labels: Readonly<Record<string, string>>, seconds: number): void {
    this.#observations.push([name, JSON.stringify(labels), seconds]);
  }

  log(level: LogLine['level'], message: string, about?: Readonly<Record<string, unknown>>): void {
    this.#send.log({ level, message, ...(about && { about }) });
  }

  flush(): void {
    const batch = { counts: drain(this.#counts), gauges: drain(this.#gauges), observations: this.#observations };
    this.#observations = [];
    if (batch.counts.length + batch.gauges.length + batch.observations.length > 0) this.#send.batch(batch);
  }

  close(): void {
    clearInterval(this.#timer);
    this.flush();
  }
}

/** Says in the main thread what a relay collected. */
export function replayTelemetry(batch: TelemetryBatch, registry: Telemetry): void {
  const known = registry as unknown as Record<'count' | 'gauge' | 'observe', (name: string, labels: unknown, value: number) => void>;
  for (const [name, labels, value] of batch.counts) known.count.call(registry, name, JSON.parse(labels), value);
  for (const [name, labels, value] of batch.gauges) known.gauge.call(registry, name, JSON.parse(labels), value);
  for (const [name, labels, value] of batch.observations) known.observe.call(registry, name, JSON.parse(labels), value);
}

const keyOf = (name: string, labels: object) => `${name} ${JSON.stringify(labels)}`;

function drain(sums: Map<string, number>): [string, string, number][] {
  const all = [...sums].map(([key, value]): [string, string, number] => {
    const blank = key.indexOf(' ');
    return [key.slice(0, blank), key.slice(blank + 1), value];
  });
  sums.clear();
  return all;
}
