import type { MessagePort, Transferable, Worker } from 'node:worker_threads';
import { EarshotError, type ErrorCode } from './errors.ts';

/** What one side of a thread boundary answers: methods of one argument, each awaited. */
export type Methods = { readonly [name: string]: (argument: never) => unknown };

type Argument<M extends Methods, N extends keyof M> = Parameters<M[N]>[0];
type Answer<M extends Methods, N extends keyof M> = Awaited<ReturnType<M[N]>>;

type Message =
  | { readonly id: number; readonly method: string; readonly argument: unknown }
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly fault: { readonly message: string; readonly code?: ErrorCode } };

/** Calls over a thread boundary, both ways. An {@link EarshotError} keeps its code on the way. */
export class Rpc<Theirs extends Methods> {
  readonly #port: MessagePort | Worker;
  readonly #waiting = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>();
  #next = 1;
  #closed: Error | undefined;

  constructor(port: MessagePort | Worker, ours: Methods) {
    this.#port = port;
    port.on('message', (message: Message) => {
      if ('method' in message) void this.#serve(ours, message);
      else this.#settle(message);
    });
  }

  /** Asks the other side; rejects when it faults, or when this end is closed before it answers. */
  call<N extends keyof Theirs & string>(
    method: N,
    argument: Argument<Theirs, N>,
    transfer: Transferable[] = [],
  ): Promise<Answer<Theirs, N>> {
    if (this.#closed) return Promise.reject(this.#closed);
    const id = this.#next++;
    return new Promise<Answer<Theirs, N>>((resolve, reject) => {
      // What cannot be sent throws here, and nobody waits for its answer.
      this.#port.postMessage({ id, method, argument }, transfer);
      this.#waiting.set(id, { resolve: (answer) => resolve(answer as Answer<Theirs, N>), reject });
    });
  }

  /** Tells the other side something that needs no answer. */
  tell<N extends keyof Theirs & string>(method: N, argument: Argument<Theirs, N>, transfer: Transferable[] = []): void {
    if (!this.#closed) this.#port.postMessage({ id: 0, method, argument }, transfer);
  }

  /** Fails all calls under way and all later ones: the other side is gone. */
  close(why: Error): void {
    this.#closed = why;
    for (const { reject } of this.#waiting.values()) reject(why);
    this.#waiting.clear();
  }

  async #serve(ours: Methods, { id, method, argument }: { id: number; method: string; argument: unknown }): Promise<void> {
    try {
      const serve = ours[method];
      if (serve === undefined) throw new Error(`there is no method ${method}`);
      const answer = await serve(argument as never);
      if (id !== 0) this.#port.postMessage({ id, answer });
    } catch (error) {
      if (id === 0) throw error;
      const message = error instanceof Error ? error.message : String(error);
      this.#port.postMessage({ id, fault: error instanceof EarshotError ? { message, code: error.code } : { message } });
    }
  }

  #settle(message: Exclude<Message, { method: string }>): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (waiting === undefined) return;
    if (!('fault' in message)) waiting.resolve(message.answer);
    else
      waiting.reject(
        message.fault.code === undefined ? new Error(message.fault.message) : new EarshotError(message.fault.code, message.fault.message),
      );
  }
}
