import { EarshotError, type ErrorCode } from '../../lib/errors.ts';
import { KeptThread, type ThreadTimes } from '../../lib/kept-thread.ts';
import { packSecrets } from '../../lib/packed-secrets.ts';
import type { Settings } from '../../settings.ts';
import { replayTelemetry } from '../../telemetry/relay.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { WaitingClicks } from './click-keeping.ts';
import type { LineFault } from './click-lines.ts';
import type { DoorHostMethods, DoorMethods, Kept } from './door-contract.ts';

export interface DoorHandleDeps {
  /** The thread's module. */
  readonly entry: URL;
  /** What it receives as `workerData` beside the notifiers; `listen`: as the configuration says, or where it has listened before. */
  init(listen: string): object;
  readonly listen: string;
  readonly notifiers: Settings['notifiers'];
  readonly answers: Pick<DoorHostMethods, 'clickKept' | 'keep' | 'command' | 'acknowledged' | 'audit'>;
  readonly telemetry: Telemetry;
  readonly times?: Partial<ThreadTimes>;
}

/** Bound of the thread's young generation, in MiB: what it holds at a time is a few clicks. */
const YOUNG_MB = 8;

/** The door thread as the main thread sees it. When it ends or hangs it is started anew, at the same address and on the same files. */
export class DoorHandle {
  readonly #deps: DoorHandleDeps;
  readonly #thread: KeptThread<DoorMethods>;
  #notifiers: unknown;
  #lineFaults: readonly LineFault[] = [];
  #url: string | undefined;
  #fault: EarshotError | undefined;

  constructor(deps: DoorHandleDeps) {
    this.#deps = deps;
    this.#notifiers = packSecrets(deps.notifiers);
    const { entry, times, telemetry } = deps;
    this.#thread = new KeptThread<DoorMethods>({
      ...{ entry, times, youngMb: YOUNG_MB, answers: this.#hostMethods() },
      init: () => ({ ...deps.init(this.#listen()), notifiers: this.#notifiers }),
      gone: (why) => new EarshotError('EAR_STATE_DOWN', `the door thread is not there${why === undefined ? '' : `: ${why}`}`),
      onEnded: (error, retryMs) =>
        telemetry.log('error', 'the door thread ended and is started anew; the page does not answer meanwhile', {
          error,
          retry_ms: retryMs,
        }),
      onHung: (afterMs) => telemetry.log('error', 'the door thread hangs; it is ended', { seconds: afterMs / 1000 }),
    });
  }

  /** Resolves with the URL at which it listens. Throws an {@link EarshotError} when it cannot. */
  async start(): Promise<string> {
    try {
      await this.#thread.start();
    } catch (error) {
      throw this.#fault ?? error;
    }
    return this.#url ?? '';
  }

  get lineFaults(): readonly LineFault[] {
    return this.#lineFaults;
  }

  /** What was acknowledged and waits for the database. Rejects while the thread is being started anew. */
  waiting(kept: Kept): WaitingClicks {
    return {
      first: (most) => this.#thread.call('first', { kept, most }),
      forget: (count) => this.#thread.call('forget', { kept, count }),
    };
  }

  use(notifiers: Settings['notifiers']): void {
    this.#notifiers = packSecrets(notifiers);
    this.#thread.tell('use', this.#notifiers);
  }

  /** Nothing comes in any more. */
  async shut(): Promise<void> {
    if (this.#url !== undefined) await this.#thread.call('shut', undefined);
  }

  stop(): Promise<void> {
    return this.#thread.stop();
  }

  /** As the configuration says: the URL names one address of those it may mean. Only a port that was left to the system is kept. */
  #listen(): string {
    const { listen } = this.#deps;
    return this.#url === undefined ? listen : listen.replace(/:0+$/, `:${new URL(this.#url).port}`);
  }

  #hostMethods(): DoorHostMethods {
    const { answers, telemetry } = this.#deps;
    const { clickKept, keep, command, acknowledged, audit } = answers;
    return {
      ...{ clickKept, keep, command, acknowledged, audit },
      listens: (url) => {
        this.#url = url;
        this.#thread.ready();
      },
      fails: ({ code, message }) => {
        this.#fault = new EarshotError(code as ErrorCode, message);
      },
      lineFaults: (faults) => {
        this.#lineFaults = faults;
      },
      telemetry: (batch) => replayTelemetry(batch, telemetry),
      log: ({ level, message, about }) => telemetry.log(level, message, about),
    };
  }
}
