import { addMessage, nothingFramed, sizeOf } from '../framed.ts';
import { Pace } from './pace.ts';
import { type RelpFrame, RelpFrames } from './relp-frames.ts';
import type { ConnectionMemory } from './resent.ts';
import type { Session, SessionOptions } from './session.ts';

interface RelpSessionOptions extends SessionOptions {
  readonly memory: ConnectionMemory;
  onResent(count: number): void;
}

/** Answers in the order of the commands; one that is not ready holds back those behind it. */
interface Answer {
  text: string | undefined;
  readonly last: boolean;
}

// librelp breaks off when the version is above its own, which is 0, whatever the specification says.
const OFFERS = '200 OK\nrelp_version=0\nrelp_software=earshot\ncommands=syslog';

/**
 * RELP as librelp speaks it: `syslog` is answered `200 OK` when the message is on disk. When it cannot be stored there is no answer at
 * all and the connection is closed: librelp throws a message away that is answered 500 (src/scrsp.c), and sends again what has no answer.
 */
export class RelpSession implements Session {
  readonly pace: Pace;
  readonly #options: RelpSessionOptions;
  readonly #frames: RelpFrames;
  readonly #answers: Answer[] = [];
  #opened = false;
  #over = false;
  #acknowledged = false;
  #idle: (() => void)[] = [];

  constructor(options: RelpSessionOptions) {
    this.#options = options;
    this.#frames = new RelpFrames(options.maxMessageBytes);
    this.pace = new Pace(options.socket, options.delivery);
  }

  take(chunk: Buffer): void {
    if (this.#over) return;
    const frames: RelpFrame[] = [];
    const pushed = this.#frames.push(chunk, frames);
    let from = 0;
    while (from < frames.length && !this.#over) from = this.#answerSome(frames, from);
    if (!pushed.ok && !this.#over) this.#fail(pushed.error);
  }

  end(): void {
    this.#over = true;
    this.#answers.length = 0;
    this.#options.memory.close(this.#acknowledged);
    this.#wakeIdle();
  }

  async goodbye(): Promise<void> {
    const { socket } = this.#options;
    this.#over = true;
    socket.pause();
    while (this.#answers.length > 0 && !socket.destroyed) await new Promise<void>((resolve) => this.#idle.push(resolve));
    if (!socket.destroyed)
      await new Promise<void>((resolve) => socket.end('0 serverclose 0\n', () => resolve()).once('close', () => resolve()));
  }

  /** Takes a run of `syslog` frames, or one frame of another command; returns where the next starts. */
  #answerSome(frames: readonly RelpFrame[], from: number): number {
    const frame = frames[from];
    if (frame === undefined) return frames.length;
    if (frame.command === 'syslog' && this.#opened) {
      let to = from + 1;
      while (frames[to]?.command === 'syslog') to += 1;
      void this.#store(frames.slice(from, to));
      return to;
    }
    this.#answer(frame);
    return from + 1;
  }

  #answer({ txnr, command }: RelpFrame): void {
    if (command === 'open') {
      this.#opened = true;
      this.#ready({ text: response(txnr, OFFERS), last: false });
    } else if (command === 'close') {
      this.#over = true;
      // The hint makes clients that wait for nothing else let go.
      this.#ready({ text: `${response(txnr, '200 OK')}0 serverclose 0\n`, last: true });
    } else if (command === 'syslog') {
      this.#fail('a message came before the session was opened');
    } else if (command !== 'rsp') {
      this.#ready({ text: response(txnr, `500 unknown command ${command}`), last: false });
    }
  }

  async #store(frames: readonly RelpFrame[]): Promise<void> {
    const { delivery, origins, memory, onResent } = this.#options;
    const framed = nothingFramed();
    for (const { data, cut } of frames) if (data.length > 0) addMessage(framed, data, cut ? 'too_long' : undefined);
    const answer: Answer = { text: undefined, last: false };
    this.#answers.push(answer);

    const bytes = sizeOf(framed.messages);
    const resent = memory.countResent(framed.messages);
    if (resent > 0) onResent(resent);
    const storing = framed.messages.length === 0 ? Promise.resolve(true) : delivery.storeOnce(origins, framed);
    this.pace.took(bytes);
    const stored = await storing;
    this.pace.stored(bytes);
    if (stored) {
      memory.stored(framed.messages);
      answer.text = frames.map((frame) => `${frame.txnr} rsp 6 200 OK\n`).join('');
      this.#flush();
    } else {
      this.#fail('messages could not be stored; the sender keeps them and comes back');
    }
  }

  #ready(answer: Answer): void {
    this.#answers.push(answer);
    this.#flush();
  }

  #flush(): void {
    let text = '';
    let last = false;
    while (this.#answers[0]?.text !== undefined) {
      const answer = this.#answers.shift();
      text += answer?.text ?? '';
      last ||= answer?.last ?? false;
    }
    const { socket } = this.#options;
    if (text !== '' && socket.writable) socket.write(text, 'latin1');
    if (last) {
      this.#acknowledged = true;
      socket.end();
    }
    if (this.#answers.length === 0) this.#wakeIdle();
  }

  #fail(message: string): void {
    if (this.#options.socket.destroyed) return;
    this.#over = true;
    this.#answers.length = 0;
    this.#wakeIdle();
    this.#options.onFault(message);
    this.#options.socket.destroy();
  }

  #wakeIdle(): void {
    for (const resume of this.#idle.splice(0)) resume();
  }
}

const response = (txnr: number, data: string): string => `${txnr} rsp ${Buffer.byteLength(data)} ${data}\n`;
