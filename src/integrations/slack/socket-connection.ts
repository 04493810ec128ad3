import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setTimeout as sleep } from 'node:timers/promises';
import { readFrame, type SocketEnvelope } from './socket-frames.ts';

export interface ConnectionDeps {
  /** Resolves when it is kept, and gives what is to be told to Slack with the acknowledgement. Rejects when it was not. */
  hear(envelope: SocketEnvelope): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** An envelope that was not acknowledged: Slack sends it again. */
  onUnheard(error: unknown): void;
  /** Slack's hello is waited for so long. */
  readonly helloMs: number;
  /** Without a ping for so long, once there was one, the connection is taken for broken. Slack pings every few seconds. */
  readonly silenceMs: number;
}

const RETIRE_MS = 5_000;
/** Closing waits so long for envelopes that are being kept. */
const GRACE_MS = 3_000;

/** What undici, which Node's WebSocket is, tells of pings: the WebSocket API itself has no word for them. */
const PINGS = 'undici:websocket:ping';

/** One socket to Slack, from its hello to its end. */
export class SocketConnection {
  /** Why another is wanted in its place: Slack's word in a `disconnect`, or one of ours. This one goes on until it is closed. */
  readonly ending: Promise<string>;
  readonly #greeted: Promise<undefined>;
  readonly #over: Promise<void>;
  readonly #socket: WebSocket;
  readonly #deps: ConnectionDeps;
  readonly #underWay = new Set<Promise<void>>();
  #greet: () => void = () => {};
  #end: (why: string) => void = () => {};
  #silence: NodeJS.Timeout | undefined;
  #silent = false;

  private constructor(socket: WebSocket, deps: ConnectionDeps) {
    this.#socket = socket;
    this.#deps = deps;
    this.ending = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#greeted = new Promise((resolve) => {
      this.#greet = () => resolve(undefined);
    });
    this.#over = new Promise((resolve) => {
      socket.addEventListener('close', () => resolve(), { once: true });
    });
    socket.addEventListener('message', ({ data }) => this.#take(data));
    socket.addEventListener('error', () => this.#end('the socket could not be opened, or broke'));
    socket.addEventListener('close', ({ code }) => this.#closed(`closed (${code})`));
    subscribe(PINGS, this.#onPing);
  }

  /** Resolves with the connection once Slack has said hello, or with why it has not. The address is a secret: it is in no message. */
  static async open(url: string, deps: ConnectionDeps, signal: AbortSignal): Promise<SocketConnection | string> {
    const connection = new SocketConnection(new WebSocket(url), deps);
    const give = () => connection.#end('no hello in time');
    const timer = setTimeout(give, deps.helloMs).unref();
    signal.addEventListener('abort', give, { once: true });
    const why = await Promise.race([connection.#greeted, connection.ending]);
    clearTimeout(timer);
    signal.removeEventListener('abort', give);
    if (why === undefined) return connection;
    await connection.close();
    return why;
  }

  /** Whether what is sent over it may still arrive. */
  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN && !this.#silent;
  }

  /** Closes it a little after another has taken its place: something may be on its way over this one. */
  async retire(): Promise<void> {
    if (this.isOpen) await Promise.race([this.#over, sleep(RETIRE_MS, undefined, { ref: false })]);
    await this.close();
  }

  /** Closes it, once what it has brought is kept and acknowledged. */
  async close(): Promise<void> {
    await Promise.race([Promise.all(this.#underWay), sleep(GRACE_MS, undefined, { ref: false })]);
    this.#closed('done');
    this.#socket.close(1_000);
  }

  #take(data: unknown): void {
    const frame = readFrame(data);
    if (frame.kind === 'hello') this.#greet();
    if (frame.kind === 'disconnect') this.#end(frame.reason);
    if (frame.kind !== 'envelope') return;
    const underWay = this.#acknowledge(frame.envelope).finally(() => this.#underWay.delete(underWay));
    this.#underWay.add(underWay);
  }

  async #acknowledge(envelope: SocketEnvelope): Promise<void> {
    try {
      const payload = await this.#deps.hear(envelope);
      const answer = payload !== undefined && envelope.accepts_response_payload === true ? { payload } : {};
      this.#socket.send(JSON.stringify({ envelope_id: envelope.envelope_id, ...answer }));
    } catch (error) {
      this.#deps.onUnheard(error);
    }
  }

  readonly #onPing = (message: unknown): void => {
    // Older versions of Node do not say whose ping it was: then one of any socket counts.
    const whose = typeof message === 'object' && message !== null && 'websocket' in message ? message.websocket : this.#socket;
    if (whose !== this.#socket) return;
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#giveUp(), this.#deps.silenceMs).unref();
  };

  #giveUp(): void {
    this.#silent = true;
    this.#end('Slack pings no more');
  }

  #closed(why: string): void {
    unsubscribe(PINGS, this.#onPing);
    clearTimeout(this.#silence);
    this.#end(why);
  }
}
