import { createHash } from 'node:crypto';

/** Twice what real senders keep unacknowledged at most by default would be 256 (librelp's window is 128); generous senders have more. */
const REMEMBERED_MESSAGES = 512;
const REMEMBERED_BYTES = 1024 * 1024;
const MAX_PEERS = 1000;

/**
 * Recognizes what a RELP sender sends again after a broken connection: messages that are on disk, and whose acknowledgement may not
 * have arrived. They are only counted. Three equal messages sent on purpose must stay three, and nobody can tell them apart for sure.
 */
export class ResentMessages {
  readonly #byPeer = new Map<string, Map<string, number>>();

  /** A connection that starts: it knows what the peer's last one may send again. */
  connection(peer: string): ConnectionMemory {
    const expected = this.#byPeer.get(peer) ?? new Map<string, number>();
    this.#byPeer.delete(peer);
    return new ConnectionMemory(expected, (digests) => this.#keep(peer, digests));
  }

  #keep(peer: string, digests: readonly string[]): void {
    const counts = this.#byPeer.get(peer) ?? new Map<string, number>();
    for (const digest of digests) counts.set(digest, (counts.get(digest) ?? 0) + 1);
    this.#byPeer.delete(peer);
    this.#byPeer.set(peer, counts);
    const oldest = this.#byPeer.keys().next().value;
    if (this.#byPeer.size > MAX_PEERS && oldest !== undefined) this.#byPeer.delete(oldest);
  }
}

/** The last messages of one connection that reached the disk. */
export class ConnectionMemory {
  readonly #expected: Map<string, number>;
  readonly #keep: (digests: readonly string[]) => void;
  #looked = 0;
  #last: Buffer[] = [];
  #bytes = 0;
  #closed = false;

  constructor(expected: Map<string, number>, keep: (digests: readonly string[]) => void) {
    this.#expected = expected;
    this.#keep = keep;
  }

  /** How many of these were stored before. Resends come first on a connection, so later messages are not even hashed. */
  countResent(messages: readonly Buffer[]): number {
    let resent = 0;
    for (const message of messages) {
      if (this.#expected.size === 0 || this.#looked >= REMEMBERED_MESSAGES) break;
      this.#looked += 1;
      const key = digest(message);
      const times = this.#expected.get(key) ?? 0;
      if (times === 0) continue;
      resent += 1;
      if (times === 1) this.#expected.delete(key);
      else this.#expected.set(key, times - 1);
    }
    return resent;
  }

  stored(messages: readonly Buffer[]): void {
    if (this.#closed) {
      this.#keep(messages.map(digest));
      return;
    }
    for (const message of messages) {
      this.#last.push(message);
      this.#bytes += message.length;
    }
    let drop = 0;
    while (this.#last.length - drop > REMEMBERED_MESSAGES || (this.#bytes > REMEMBERED_BYTES && drop < this.#last.length)) {
      this.#bytes -= this.#last[drop]?.length ?? 0;
      drop += 1;
    }
    if (drop > 0) this.#last.splice(0, drop);
  }

  /** The connection ended. `acknowledged`: the peer said goodbye, so it has all answers and sends nothing again. */
  close(acknowledged: boolean): void {
    this.#closed = true;
    if (!acknowledged && this.#last.length > 0) this.#keep(this.#last.map(digest));
    this.#last = [];
  }
}

const digest = (message: Buffer): string => createHash('sha256').update(message).digest('base64');
