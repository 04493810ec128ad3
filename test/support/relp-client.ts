import { connect, type Socket } from 'node:net';

/** A RELP sender as strict as librelp: a message is sent only when its own `rsp 200` has come. */
export class RelpClient {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  #txnr = 1;
  #received = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the connection was closed'));
      this.#waiting.clear();
    });
  }

  static async open(port: number): Promise<RelpClient> {
    const socket = connect(port, '127.0.0.1');
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const client = new RelpClient(socket);
    await client.#command('open', 'relp_version=0\nrelp_software=earshot-test\ncommands=syslog');
    return client;
  }

  /** Resolves when the receiver has acknowledged the message; rejects when it refused, or the connection ended before. */
  send(message: string): Promise<void> {
    return this.#command('syslog', message);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #command(command: string, data: string): Promise<void> {
    const txnr = this.#txnr++;
    return new Promise<void>((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new Error('the connection is closed'));
      this.#waiting.set(txnr, { resolve, reject });
      this.#socket.write(`${txnr} ${command} ${Buffer.byteLength(data)} ${data}\n`);
    });
  }

  #read(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (;;) {
      const header = /^(\d+) (\w+) (\d+)(?: |(?=\n))/.exec(this.#received.toString('latin1', 0, 64));
      if (header === null) return;
      const [whole = '', txnr, , length] = header;
      const end = whole.length + Number(length);
      if (this.#received.length < end + 1) return;
      const data = this.#received.toString('utf8', whole.length, end);
      this.#received = this.#received.subarray(end + 1);
      const waiting = this.#waiting.get(Number(txnr));
      this.#waiting.delete(Number(txnr));
      if (data.startsWith('200')) waiting?.resolve();
      else waiting?.reject(new Error(data));
    }
  }
}
