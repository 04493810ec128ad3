import type { Socket } from 'node:net';
import type { Origins } from '../framed.ts';
import type { Delivery } from './delivery.ts';
import type { Pace } from './pace.ts';

/** What every protocol is given for a connection. */
export interface SessionOptions {
  readonly socket: Socket;
  readonly origins: Origins;
  readonly delivery: Delivery;
  readonly maxMessageBytes: number;
  onFault(message: string): void;
}

/** One connection's protocol: what the listener tells it. */
export interface Session {
  take(chunk: Buffer): void;
  /** The connection is over; `clean` when the peer ended it, not a fault of the network. */
  end(clean: boolean): void;
  /** The source stops: say goodbye as the protocol has it. Resolves when the socket may be closed. */
  goodbye(): Promise<void>;
  /** While it is paused, the silence is ours: the peer must not be blamed for it. */
  readonly pace: Pick<Pace, 'paused'>;
}
