import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type Framed, nothingFramed, sizeOf } from '../framed.ts';
import { Pace } from './pace.ts';
import type { Session, SessionOptions } from './session.ts';
import { TcpFrames } from './tcp-frames.ts';

/** How long a peer may take to say what it still has to say when we stop. */
const LAST_WORDS_MS = 1000;

/** Syslog over TCP or TLS: nothing is answered, so what was read is tried until it is stored. */
export class PlainSession implements Session {
  readonly pace: Pace;
  readonly #options: SessionOptions;
  readonly #frames: TcpFrames;
  #over = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#frames = new TcpFrames(options.maxMessageBytes);
    this.pace = new Pace(options.socket, options.delivery);
  }

  take(chunk: Buffer): void {
    if (this.#over) return;
    const framed = nothingFramed();
    const pushed = this.#frames.push(chunk, framed);
    this.#store(framed);
    if (pushed.ok) return;
    this.#over = true;
    this.#options.delivery.dropped('bad_frame', 1);
    this.#options.onFault(pushed.error.message);
    this.#options.socket.destroy();
  }

  end(clean: boolean): void {
    if (this.#over) return;
    this.#over = true;
    this.#store(this.#frames.end(clean));
  }

  /** Ends our half, so that the peer notices, and hears what it has on the way: plain syslog would lose it without a word. */
  async goodbye(): Promise<void> {
    const { socket } = this.#options;
    socket.end();
    const enough = new AbortController();
    const { signal } = enough;
    await Promise.race([once(socket, 'close', { signal }), delay(LAST_WORDS_MS, undefined, { signal })]).catch(() => undefined);
    enough.abort();
  }

  #store(framed: Framed): void {
    if (framed.messages.length === 0) return;
    const bytes = sizeOf(framed.messages);
    const stored = this.#options.delivery.store(this.#options.origins, framed);
    this.pace.took(bytes);
    void stored.then(() => this.pace.stored(bytes));
  }
}
