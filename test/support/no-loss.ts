import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type SlackSimulator, startSlackSimulator } from '../simulators/slack-webhook.ts';
import { earshot, eventually, HubProcess } from './hub-process.ts';
import { checkAlerts, checkEvents, checkSlack, checkVerified, type Faults, readAlerts, readEvents } from './no-loss-checks.ts';
import { HttpSender, Importer, RelpSender, ThriceSender } from './no-loss-senders.ts';
import { seededRandom } from './seeded-random.ts';

const KILLS = ['hub', 'engine', 'hub, then import without it', 'hub while it starts', 'import'] as const;
type Kill = (typeof KILLS)[number];

/** One message in so many becomes an alert. */
const EVERY = { relp: 60, http: 70, import: 400 } as const;
const SETTLED_WITHIN_MS = 120_000;

export interface NoLossReport {
  readonly kills: number;
  readonly seed: number;
  /** Milliseconds from a kill, or the end of the import after it, until the hub was ready again. */
  readonly slowestStartMs: number;
  readonly acknowledged: Readonly<Record<'relp' | 'thrice' | 'http' | 'import', number>>;
  readonly stored: number;
  readonly alerts: number;
  readonly slackMessages: number;
  readonly faults: Faults;
  /** The hub's own log, for when something is wrong. */
  readonly log: string;
}

/** Sends by all ways that acknowledge while hub, engine and import are killed, and finds out what became of it all. */
export async function runNoLoss({ kills, seed }: { readonly kills: number; readonly seed: number }): Promise<NoLossReport> {
  const slack = await startSlackSimulator({ limited: false });
  const hub = await HubProcess.create({ notifiers: { slack: { type: 'slack_webhook', url: slack.url } } });
  const run = new Run(hub, slack, seed);
  try {
    const report = await run.go(kills);
    await hub.kill('SIGTERM');
    // What went wrong is in there; what went well need not be kept.
    if (Object.values(report.faults).every((found) => found.length === 0)) rmSync(hub.dataDir, { recursive: true, force: true });
    return report;
  } finally {
    await run.end();
    await slack.stop();
  }
}

class Run {
  readonly #hub: HubProcess;
  readonly #slack: SlackSimulator;
  readonly #seed: number;
  readonly #random: () => number;
  readonly #stop = new AbortController();
  readonly #importer: Importer;
  #mayImport = false;
  #slowestStartMs = 0;

  constructor(hub: HubProcess, slack: SlackSimulator, seed: number) {
    this.#hub = hub;
    this.#slack = slack;
    this.#seed = seed;
    this.#random = seededRandom(seed);
    this.#importer = new Importer(hub, EVERY.import);
  }

  async go(kills: number): Promise<NoLossReport> {
    await this.#start();
    const { json } = await this.#hub.post('/api/tokens', JSON.stringify({ name: 'sender', scopes: ['ingest'] }), JSON_BODY);
    const relp = new RelpSender(this.#hub.ports.relp, EVERY.relp);
    const thrice = new ThriceSender(this.#hub.ports.relp);
    const http = new HttpSender(this.#hub.ports.api, (json as { token: string }).token, EVERY.http);
    const sending = Promise.all([...[relp, thrice, http].map((sender) => sender.run(this.#stop.signal)), this.#importOnline()]);
    sending.catch(() => this.#stop.abort());
    for (const kill of this.#schedule(kills)) await this.#strike(kill);
    this.#stop.abort();
    await sending;
    await this.#settle();

    const events = await readEvents(this.#hub);
    const alerts = await readAlerts(this.#hub);
    const verify = await earshot(['verify', '--json', '--config', this.#hub.configFile]);
    const sent = { relp: relp.acknowledged, thrice: thrice.acknowledged, http: http.acknowledged, import: this.#importer.acknowledged };
    return {
      kills,
      seed: this.#seed,
      slowestStartMs: this.#slowestStartMs,
      acknowledged: { relp: sent.relp.size, thrice: sent.thrice.size, http: sent.http.size, import: sent.import.size },
      stored: events.length,
      alerts: alerts.length,
      slackMessages: this.#slack.messages.length,
      faults: {
        ...checkEvents(events, sent),
        unrecognizedKeys: http.unrecognized,
        ...checkAlerts(events, alerts),
        ...checkSlack(alerts, this.#slack.messages),
        ...checkVerified(events, `${verify.stdout}${verify.stderr}`),
      },
      log: this.#hub.log,
    };
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.#importer.kill();
    await this.#hub.kill('SIGTERM');
  }

  /** All kinds in turn, each round in another order. */
  *#schedule(kills: number): Generator<Kill> {
    for (let left = kills; left > 0; left -= KILLS.length) {
      const order = KILLS.map((kill) => ({ kill, place: this.#random() })).sort((a, b) => a.place - b.place);
      for (const { kill } of order.slice(0, left)) yield kill;
    }
  }

  async #strike(kill: Kill): Promise<void> {
    await sleep(this.#between(50, 2_500));
    if (kill === 'import') return await this.#importer.kill();
    if (kill === 'engine') return await this.#killEngine();
    await this.#stopImport();
    await this.#hub.kill('SIGKILL');
    if (kill === 'hub while it starts') await this.#killStarting();
    if (kill === 'hub, then import without it') {
      const imported = this.#importer.importOnce('offline');
      await Promise.race([imported, sleep(this.#between(500, 5_000))]);
      await this.#importer.kill();
      await imported;
    }
    await this.#start();
  }

  async #killEngine(): Promise<void> {
    const pid = this.#hub.enginePid();
    if (pid === undefined) return;
    process.kill(pid, 'SIGKILL');
    await sleep(this.#between(0, 500));
    await eventually(() => this.#hub.ready());
  }

  async #killStarting(): Promise<void> {
    const started = this.#hub.start().catch(() => undefined);
    await sleep(this.#between(200, 3_000));
    await this.#hub.kill('SIGKILL');
    await started;
  }

  async #start(): Promise<void> {
    const from = Date.now();
    await this.#hub.start();
    this.#slowestStartMs = Math.max(this.#slowestStartMs, Date.now() - from);
    this.#mayImport = true;
  }

  /** A command that finds no hub takes the folder itself, so none may begin while the hub is away. */
  async #stopImport(): Promise<void> {
    this.#mayImport = false;
    await this.#importer.kill();
  }

  async #importOnline(): Promise<void> {
    while (!this.#stop.signal.aborted || this.#importer.unfinished) {
      if (this.#mayImport) await this.#importer.importOnce('online');
      await sleep(100);
    }
  }

  /** Until all is searchable and alerted, and nothing waits in the outbox. */
  async #settle(): Promise<void> {
    await this.#hub.post('/api/control/drain', '');
    await eventually(
      async () => {
        const { json } = await this.#hub.get('/api/outbox?states=pending,sending');
        return (json as { total: number }).total === 0;
      },
      { withinMs: SETTLED_WITHIN_MS },
    );
  }

  #between(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least));
  }
}

const JSON_BODY = { 'content-type': 'application/json' } as const;
