import { ChdbException, type Work, type WorkResult } from './chdb-session.ts';
import { Lane } from './lane.ts';

export type LaneName = 'insert' | 'system' | 'detect' | 'search' | 'background';

const SESSIONS: Record<LaneName, number> = { insert: 1, system: 1, detect: 2, search: 4, background: 1 };
const WAITING = {
  insert: { maxWaiting: 8, maxWaitMs: 60_000 },
  system: { maxWaiting: 64, maxWaitMs: 30_000 },
  detect: { maxWaiting: 64, maxWaitMs: 30_000 },
  search: { maxWaiting: 64, maxWaitMs: 10_000 },
  background: { maxWaiting: 8, maxWaitMs: 60_000 },
} as const;

/** After its time bound a statement gets this long to stop by itself, and twice as long once it was killed. */
const GRACE_MS = 3_000;
const KILL_AGAIN_MS = 250;
const KILL_WITHIN_MS = 5_000;
/** Sessions whose statement never came back. Each holds a thread; with more than this the process is not worth keeping. */
const MOST_LOST = 3;

/** Numbers of ordinary failures: the session is as good as before. Those without a number, or of the engine's own logic, are not. */
const isOrdinary = (error: unknown): boolean =>
  error instanceof ChdbException && error.code !== undefined && error.code !== 49 && error.code < 1000;

export class TimedOut extends Error {
  override readonly name = 'TimedOut';
}

/** What the pool needs of a session. */
export interface EngineSession {
  run(work: Work): Promise<WorkResult>;
  kill(id: string): Promise<void>;
  close(): void;
}

interface Seat {
  session: EngineSession;
}

/** All sessions of the engine, in lanes, so that searches cannot hold up inserts nor what must run every second. */
export class SessionPool {
  readonly #open: () => EngineSession;
  readonly #lanes: Record<LaneName, Lane<Seat>>;
  readonly #seats: Seat[] = [];
  #control: EngineSession;
  #controlChain: Promise<unknown> = Promise.resolve();
  #lost = 0;
  readonly #giveUp: (why: string) => void;

  /** Throws what `open` throws. `giveUp` is called when too many sessions are lost. */
  constructor(open: () => EngineSession, giveUp: (why: string) => void) {
    this.#open = open;
    this.#giveUp = giveUp;
    this.#control = open();
    const lane = (name: LaneName) => new Lane(name, this.#newSeats(SESSIONS[name]), WAITING[name]);
    this.#lanes = {
      insert: lane('insert'),
      system: lane('system'),
      detect: lane('detect'),
      search: lane('search'),
      background: lane('background'),
    };
  }

  /** Runs one statement in a lane, for at most `boundMs`; killed when `signal` aborts. Throws ChdbException, LaneBusy or {@link TimedOut}. */
  async run(name: LaneName, work: Work, boundMs: number, signal: AbortSignal): Promise<WorkResult> {
    const lane = this.#lanes[name];
    const seat = await lane.take(signal);
    const { session } = seat;
    const running = session.run(work);
    let back = false;
    try {
      const result = await this.#bounded(running, work.id, boundMs, signal);
      back = true;
      return result;
    } catch (error) {
      back = !(error instanceof TimedOut);
      if (back && !isOrdinary(error)) this.#replace(seat);
      throw error;
    } finally {
      if (!back) this.#lose(seat, running);
      lane.giveBack(seat);
    }
  }

  /** Whether the engine, not only this process, answers. */
  async ping(): Promise<void> {
    await this.#onControl((control) => control.run({ id: 'ping', text: 'SELECT 1', settings: {}, params: {}, format: 'Null' }));
  }

  close(): void {
    for (const { session } of this.#seats) session.close();
    this.#control.close();
  }

  #newSeats(count: number): Seat[] {
    const seats = Array.from({ length: count }, () => ({ session: this.#open() }));
    this.#seats.push(...seats);
    return seats;
  }

  /** Waits for a statement: kills it when it is overdue or unwanted, and gives it up as lost when it does not stop even so. */
  async #bounded(running: Promise<WorkResult>, id: string, boundMs: number, signal: AbortSignal): Promise<WorkResult> {
    const done = new AbortController();
    const { promise: lost, reject: lose } = Promise.withResolvers<never>();
    const stop = () => {
      if (done.signal.aborted) return;
      void this.#kill(id);
      // The statement may not have been registered yet when it was first killed.
      const again = setInterval(() => void this.#kill(id), KILL_AGAIN_MS);
      const end = setTimeout(() => lose(new TimedOut(`The statement ${id} did not stop when it was told to`)), 2 * GRACE_MS);
      done.signal.addEventListener('abort', () => {
        clearInterval(again);
        clearTimeout(end);
      });
    };
    const overdue = setTimeout(stop, boundMs + GRACE_MS);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      return await Promise.race([running, lost]);
    } finally {
      clearTimeout(overdue);
      signal.removeEventListener('abort', stop);
      done.abort();
    }
  }

  async #kill(id: string): Promise<void> {
    try {
      await this.#onControl((control) => control.kill(id));
    } catch {
      // What could not be killed is lost when its time is up.
    }
  }

  /** One at a time; a control statement that hangs is left behind with its session. */
  #onControl<T>(act: (control: EngineSession) => Promise<T>): Promise<T> {
    const turn = this.#controlChain.then(async () => {
      const acting = act(this.#control);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new TimedOut('The control session does not answer')), KILL_WITHIN_MS);
      });
      try {
        return await Promise.race([acting, late]);
      } catch (error) {
        if (error instanceof TimedOut) {
          this.#countLost(acting);
          this.#control = this.#open();
        }
        throw error;
      } finally {
        clearTimeout(timer);
      }
    });
    this.#controlChain = turn.catch(() => undefined);
    return turn;
  }

  #replace(seat: Seat): void {
    seat.session.close();
    seat.session = this.#open();
  }

  #lose(seat: Seat, running: Promise<unknown>): void {
    const { session } = seat;
    this.#countLost(running.finally(() => session.close()));
    seat.session = this.#open();
  }

  #countLost(running: Promise<unknown>): void {
    this.#lost++;
    running.then(
      () => this.#lost--,
      () => this.#lost--,
    );
    if (this.#lost > MOST_LOST) this.#giveUp(`${this.#lost} sessions are stuck`);
  }
}
