/** How a message came in. One object serves a whole connection, so it may be compared by identity. */
export interface Origin {
  readonly transport: 'udp' | 'tcp' | 'tls' | 'relp' | 'http' | 'file' | 'internal';
  /** IP address of the peer; absent for files and Earshot's own events. */
  readonly address?: string;
  readonly port?: number;
  /** Subject common name of a verified client certificate. */
  readonly certificate?: string;
  /** Path of the file the message was read from. */
  readonly path?: string;
  /** Datasets this peer, certificate or token may speak for. Absent: any. A mismatch is an event of its own. */
  readonly datasets?: readonly string[];
  /** Name of a decoder that is fixed for this peer. Absent: the content decides. */
  readonly decoder?: string;
  /** IANA time zone of the sender, for times without one. Absent: the source's, else UTC. */
  readonly timeZone?: string;
  /** The bytes are only the beginning of what was sent: it was longer than the source takes, or the connection ended within it. */
  readonly truncated?: boolean;
}

/** One message as received, with its place in the raw log. */
export interface RawRecord {
  /** Monotonic per node, from 1; a safe integer. With the node it is the event's identity. */
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  /** Name of the source in the configuration, or its type where it has none. */
  readonly source: string;
  readonly origin: Origin;
  /** The bytes as they came, without transport framing. */
  readonly bytes: Buffer;
}

/** Messages that arrive together and are acknowledged together: all of them are kept, or none. */
export interface RawBatch {
  readonly source: string;
  readonly origin: Origin;
  readonly receivedAt: number;
  readonly messages: readonly Buffer[];
  /** Identity of the batch (Idempotency-Key, import position). A key that was seen is acknowledged and not stored again. */
  readonly key?: string;
  /** Digest of what the key came with, where the same key may come with something else. */
  readonly fingerprint?: string;
  /** Where a poll or a tail resumes once this batch is durable; JSON. */
  readonly checkpoint?: string;
}

/**
 * Takes messages in. The promise resolves when they are on disk: only then may a source acknowledge. The messages are kept as they
 * are, without a copy: their memory must not be written to again.
 */
export interface Intake {
  append(batch: RawBatch): Promise<Receipt>;
  /** False while the raw log is near its bound: stop reading, answer 503. */
  readonly open: boolean;
  /** Resolves when `open` is true again (at once if it is). */
  whenOpen(): Promise<void>;
}

export interface Receipt {
  readonly firstSeq: number;
  readonly count: number;
  /** The batch's key was seen before; nothing was stored again. */
  readonly duplicate: boolean;
  /** Of the batch that was stored with the key; absent where none was given. */
  readonly fingerprint?: string;
}

/** The key of the batch was seen before, but with something else: nothing of it is stored. */
export const isOtherBatch = ({ duplicate, fingerprint }: Receipt, batch: RawBatch): boolean =>
  duplicate && fingerprint !== undefined && batch.fingerprint !== undefined && fingerprint !== batch.fingerprint;
