import { setTimeout as delay } from 'node:timers/promises';
import { POLLED } from './integrations/index.ts';
import type { PacedFetch } from './lib/paced-fetch.ts';
import type { Intake } from './model/record.ts';
import { outsideFetch } from './outside-fetch.ts';
import type { IngestStatus } from './pipeline/ingest-contract.ts';
import type { Settings, SourceSettings } from './settings.ts';
import { startFileSource } from './sources/file/file-source.ts';
import type { RunningSource } from './sources/source.ts';
import { startSyslogSource } from './sources/syslog/syslog-source.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

export interface IngestSourcesDeps {
  readonly intake: Intake;
  readonly telemetry: Telemetry;
  loadCheckpoint(source: string): Promise<string | undefined>;
  readonly now: () => number;
}

interface Running {
  readonly type: string;
  readonly reload: (settings: SourceSettings) => Promise<void>;
  readonly source: Pick<RunningSource<never>, 'addresses' | 'fault' | 'polling' | 'refusals' | 'stop'>;
}

/** How often what could not be had is tried again: an address that comes up after the hub, a database that was away. */
const RETRY_MS = 15_000;

/** The sources of the ingest thread, kept in step with the configuration. HTTP sources are served by the API's listener. */
export class IngestSources {
  readonly #deps: IngestSourcesDeps;
  readonly #fetch: PacedFetch;
  readonly #running = new Map<string, Running>();
  readonly #faults = new Map<string, { readonly type: string; readonly fault: string }>();
  #wanted: Settings['sources'] = {};
  #turn: Promise<unknown> = Promise.resolve();
  #retrying: NodeJS.Timeout | undefined;

  constructor(deps: IngestSourcesDeps) {
    this.#deps = deps;
    this.#fetch = outsideFetch(deps.telemetry);
  }

  /** Starts, changes and stops sources to fit; returns a sentence for each that could not be. What runs well is not touched. */
  apply(wanted: Settings['sources']): Promise<string[]> {
    this.#retrying ??= setInterval(() => void this.#inTurn(() => this.#retry()), RETRY_MS).unref();
    return this.#inTurn(() => this.#apply(wanted));
  }

  async #apply(wanted: Settings['sources']): Promise<string[]> {
    this.#wanted = wanted;
    this.#faults.clear();
    for (const [name, { type }] of this.#running) if (wanted[name]?.type !== type) await this.#stop(name);
    for (const [name, settings] of Object.entries(wanted)) await this.#tryOne(name, settings);
    // Another source may have let go of the port meanwhile.
    await this.#tryFaulty();
    for (const [source, { fault }] of this.#faults)
      this.#deps.telemetry.log('error', 'a source could not be had as configured', { source, fault });
    return [...this.#faults].map(([name, { fault }]) => `sources.${name}: ${fault}`);
  }

  status(): IngestStatus['sources'] {
    const running = [...this.#running].map(([name, { type, source }]) => ({
      name,
      type,
      ...faultIn(this.#faults.get(name)?.fault ?? source.fault?.()),
      ...(source.polling !== undefined && { polling: source.polling() }),
      refusals: source.refusals?.() ?? [],
      listening: source.addresses().map(({ transport, host, port }) => `${transport}://${host.includes(':') ? `[${host}]` : host}:${port}`),
    }));
    const idle = [...this.#faults].filter(([name]) => !this.#running.has(name));
    return [...running, ...idle.map(([name, { type, fault }]) => ({ name, type, listening: [], refusals: [], fault }))];
  }

  stopAll(): Promise<void> {
    clearInterval(this.#retrying);
    return this.#inTurn(async () => {
      this.#wanted = {};
      await Promise.all([...this.#running.keys()].map((name) => this.#stop(name)));
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /** Nobody may be there to read the configuration again: until then it would be silent. */
  async #retry(): Promise<void> {
    const before = [...this.#faults.keys()];
    await this.#tryFaulty();
    for (const source of before)
      if (!this.#faults.has(source)) this.#deps.telemetry.log('info', 'a source is as configured now', { source });
  }

  async #tryFaulty(): Promise<void> {
    for (const name of [...this.#faults.keys()]) if (this.#wanted[name] !== undefined) await this.#tryOne(name, this.#wanted[name]);
  }

  async #tryOne(name: string, settings: SourceSettings): Promise<void> {
    try {
      await this.#applyOne(name, settings);
      this.#faults.delete(name);
    } catch (error) {
      this.#faults.set(name, { type: settings.type, fault: error instanceof Error ? error.message : String(error) });
    }
  }

  async #applyOne(name: string, settings: SourceSettings): Promise<void> {
    const running = this.#running.get(name);
    if (running !== undefined) return await running.reload(settings);
    const started = await this.#start(name, settings);
    if (started !== undefined) this.#running.set(name, started);
  }

  async #start(name: string, settings: SourceSettings): Promise<Running | undefined> {
    const { intake, telemetry, now } = this.#deps;
    const context = { name, intake, telemetry, now };
    if (settings.type === 'syslog') {
      const source = await startSyslogSource({ ...context, settings });
      return { type: 'syslog', source, reload: async (next) => (next.type === 'syslog' ? source.reload(next) : undefined) };
    }
    if (settings.type === 'file') {
      const source = await startFileSource({ ...context, settings, loadCheckpoint: () => this.#deps.loadCheckpoint(name) });
      return { type: 'file', source, reload: async (next) => (next.type === 'file' ? source.reload(next) : undefined) };
    }
    const polled = POLLED.find(({ type }) => type === settings.type);
    if (polled === undefined || settings.type !== polled.type) return undefined;
    const loadCheckpoint = () => this.#deps.loadCheckpoint(name);
    const source = await polled.start({ ...context, settings, loadCheckpoint, fetch: this.#fetch, sleep });
    return { type: polled.type, source, reload: async (next) => (next.type === polled.type ? source.reload(next) : undefined) };
  }

  async #stop(name: string): Promise<void> {
    await this.#running.get(name)?.source.stop();
    this.#running.delete(name);
  }
}

const faultIn = (fault: string | undefined): { readonly fault?: string } => (fault === undefined ? {} : { fault });

const sleep = (ms: number, signal: AbortSignal): Promise<void> => delay(ms, undefined, { signal }).catch(() => undefined);
