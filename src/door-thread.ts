import { parentPort, workerData } from 'node:worker_threads';
import type { FastifyInstance } from 'fastify';
import { createFront } from './api/front.ts';
import type { ApiSettings } from './api/settings.ts';
import { ClickDoor } from './hub/clicks/click-door.ts';
import { ClickLines, hearOverLines } from './hub/clicks/click-lines.ts';
import { CommandDoor } from './hub/clicks/command-door.ts';
import type { DoorHostMethods, DoorMethods, Kept } from './hub/clicks/door-contract.ts';
import { followCertificates, readApiCertificates } from './hub/upkeep/api-certificates.ts';
import { Closing } from './lib/closing.ts';
import { EarshotError } from './lib/errors.ts';
import { unpackSecrets } from './lib/packed-secrets.ts';
import { Rpc } from './lib/rpc.ts';
import { Spool } from './lib/spool.ts';
import { outsideFetch } from './outside-fetch.ts';
import type { Settings } from './settings.ts';
import { parseListen } from './sources/listen.ts';
import type { NewClick } from './store/state/clicks.ts';
import { TelemetryRelay } from './telemetry/relay.ts';

/** What the main thread gives this thread at its start. */
export interface DoorInit {
  readonly api: ApiSettings;
  readonly node: number;
  /** With secrets packed. */
  readonly notifiers: unknown;
  /** Unix socket of the API that does what is not done here. */
  readonly apiSocket: string;
  /** Files of what waits for the state database, and how many bytes each may take. */
  readonly files: Readonly<Record<Kept, string>>;
  readonly mostBytes: number;
}

/**
 * The door thread: it listens for the world, and holds the lines over which targets tell. What somebody clicks or types is proved, written to a
 * file and acknowledged here, whatever the main thread is doing; that thread does what was asked for, and answers everything else.
 */
class DoorThread {
  readonly #init: DoorInit;
  readonly #hub: Rpc<DoorHostMethods>;
  readonly #telemetry: TelemetryRelay;
  readonly #ways = new Closing();
  #notifiers: Settings['notifiers'];
  #spools: Readonly<Record<Kept, Spool<NewClick>>> | undefined;

  constructor(init: DoorInit, port: NonNullable<typeof parentPort>) {
    this.#init = init;
    this.#notifiers = unpackSecrets(init.notifiers) as Settings['notifiers'];
    this.#hub = new Rpc<DoorHostMethods>(port, this.#methods());
    this.#telemetry = new TelemetryRelay({
      batch: (batch) => this.#hub.tell('telemetry', batch),
      log: (line) => this.#hub.tell('log', line),
    });
  }

  async start(): Promise<void> {
    const { files, mostBytes } = this.#init;
    this.#spools = { clicks: await Spool.open(files.clicks, mostBytes), commands: await Spool.open(files.commands, mostBytes) };
    const doors = { clicks: this.#clickDoor(this.#spools.clicks), commands: this.#commandDoor(this.#spools.commands) };
    this.#holdLines(doors);
    this.#hub.tell('listens', await this.#listen(this.#front(doors)));
  }

  #methods(): DoorMethods {
    return {
      use: (notifiers) => {
        this.#notifiers = unpackSecrets(notifiers) as Settings['notifiers'];
      },
      first: ({ kept, most }) => this.#spool(kept).first(most),
      forget: ({ kept, count }) => this.#spool(kept).forget(count),
      shut: () => this.#shut(),
      status: () => undefined,
      stop: async () => {
        await this.#shut();
        await Promise.all(Object.values(this.#spools ?? {}).map((spool) => spool.close()));
        this.#telemetry.close();
      },
    };
  }

  #spool(kept: Kept): Spool<NewClick> {
    if (this.#spools === undefined) throw new EarshotError('EAR_STATE_DOWN', 'the door thread is being started');
    return this.#spools[kept];
  }

  #shut(): Promise<void> {
    return this.#ways.closeAll((what, error) => this.#telemetry.log('error', 'could not be closed', { what, error: String(error) }));
  }

  #clickDoor(spool: Spool<NewClick>): ClickDoor {
    const keep = async (click: NewClick): Promise<void> => {
      await this.#keep(spool, click);
      this.#hub.tell('clickKept', undefined);
    };
    return new ClickDoor({ keep, notifiers: () => this.#notifiers, now: Date.now });
  }

  #commandDoor(spool: Spool<NewClick>): CommandDoor {
    const { node, api } = this.#init;
    return new CommandDoor({
      node,
      pageUrl: api.public_url,
      notifiers: () => this.#notifiers,
      keep: (command) => this.#keep(spool, command),
      run: (command) => this.#hub.call('command', command),
      acknowledged: (key, withAnswer) => this.#hub.tell('acknowledged', { key, withAnswer }),
      now: Date.now,
    });
  }

  /** In the file; where that is full or the disk refuses, in the state database. */
  #keep(spool: Spool<NewClick>, click: NewClick): Promise<void> {
    return spool.add(click).catch(() => this.#hub.call('keep', click));
  }

  #holdLines({ clicks, commands }: Doors): void {
    const telemetry = this.#telemetry;
    const lines = new ClickLines({
      settings: () => ({ notifiers: this.#notifiers }),
      hear: hearOverLines(clicks, commands, telemetry),
      onFaults: (faults) => this.#hub.tell('lineFaults', faults),
      fetch: outsideFetch(telemetry),
      telemetry,
      now: Date.now,
    });
    this.#ways.add('lines', lines, (held) => held.stop()).start();
  }

  #front({ clicks, commands }: Doors): FastifyInstance {
    const { apiSocket, api } = this.#init;
    const tls = api.tls === false ? undefined : readApiCertificates(api.tls).options;
    const front = createFront(
      {
        listens: (type) => clicks.listens(type),
        click: (type, request) => clicks.take(type, request),
        command: (type, request) => commands.take(type, request),
        onAudit: (event) => this.#hub.tell('audit', event),
        telemetry: this.#telemetry,
        now: Date.now,
      },
      { apiSocket, behindProxy: api.behind_proxy, tls },
    );
    this.#ways.add('front', front, (opened) => opened.close());
    if (api.tls !== false)
      this.#ways.add('certificates', followCertificates(front, api.tls, this.#telemetry), (following) => following.close());
    return front;
  }

  async #listen(front: FastifyInstance): Promise<string> {
    const { listen, tls } = this.#init.api;
    const parsed = parseListen(listen);
    if (!parsed.ok) throw new EarshotError('EAR_CONFIG_INVALID', `api.listen: ${parsed.error}`);
    try {
      const url = await front.listen(parsed.value);
      return tls === false ? url : url.replace(/^http:/, 'https:');
    } catch (cause) {
      const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
      throw new EarshotError('EAR_SOURCE_LISTEN', `api.listen: ${listen} cannot be listened on (${why})`, { cause });
    }
  }

  /** The main thread says it to whoever started the hub, and ends it; a later life is started anew. */
  fails(error: unknown): void {
    if (!(error instanceof EarshotError)) throw error;
    const { code, message } = error;
    this.#hub.tell('fails', { code, message });
    throw error;
  }
}

interface Doors {
  readonly clicks: ClickDoor;
  readonly commands: CommandDoor;
}

if (parentPort !== null) {
  const thread = new DoorThread(workerData as DoorInit, parentPort);
  await thread.start().catch((error: unknown) => thread.fails(error));
}
