import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface TailMessage {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: unknown;
}

interface TailTarget {
  readonly socketPath?: string;
  readonly port?: number;
  readonly token?: string;
}

/** A viewer of the live tail: reads Server-Sent Events as a browser does, and can stop reading. */
export class TailReader {
  readonly messages: TailMessage[] = [];
  beats = 0;
  ended = false;
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly #request: ClientRequest;
  readonly #reply: IncomingMessage;
  #rest = '';

  private constructor(sent: ClientRequest, reply: IncomingMessage) {
    this.#request = sent;
    this.#reply = reply;
    this.status = reply.statusCode ?? 0;
    this.headers = reply.headers;
    reply.setEncoding('utf8');
    reply.on('data', (chunk: string) => this.#read(chunk));
    const end = () => {
      this.ended = true;
    };
    reply.on('end', end);
    reply.on('error', end);
  }

  static async open({ token, ...target }: TailTarget, query: string, lastEventId?: string): Promise<TailReader> {
    const headers = {
      host: 'earshot',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    };
    const path = `/api/events/tail?q=${encodeURIComponent(query)}`;
    return await new Promise((resolve, reject) => {
      const sent = request({ ...target, host: '127.0.0.1', agent: false, method: 'GET', path, headers });
      sent.on('error', reject);
      sent.on('response', (reply) => resolve(new TailReader(sent, reply)));
      sent.end();
    });
  }

  pause(): void {
    this.#reply.pause();
  }

  resume(): void {
    this.#reply.resume();
  }

  close(): void {
    this.#request.destroy();
  }

  /** The events so far. */
  get events(): { readonly id: string; readonly original: string }[] {
    return this.of<{ events: { id: string; original: string }[] }>('events').flatMap(({ events }) => events);
  }

  get skipped(): number {
    return this.of<{ skipped: number }>('gap').reduce((sum, { skipped }) => sum + skipped, 0);
  }

  of<T>(event: string): T[] {
    return this.messages.flatMap((message) => (message.event === event ? [message.data as T] : []));
  }

  /** Waits until it is so. */
  async until(check: (reader: this) => boolean, withinMs = 10_000): Promise<void> {
    for (const end = Date.now() + withinMs; !check(this); await sleep(10))
      if (Date.now() > end) throw new Error(`not within ${withinMs} ms; got ${JSON.stringify(this.messages).slice(0, 2000)}`);
  }

  #read(chunk: string): void {
    const parts = (this.#rest + chunk).split('\n\n');
    this.#rest = parts.pop() ?? '';
    for (const part of parts) {
      const lines = part.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const);
      const fields = new Map(lines);
      const data = fields.get('data');
      if (data === undefined) this.beats += 1;
      else this.messages.push({ event: fields.get('event') ?? 'message', id: fields.get('id'), data: JSON.parse(data) });
    }
  }
}
