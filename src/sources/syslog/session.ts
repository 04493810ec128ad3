/** One connection's protocol: what the listener tells it. */
export interface Session {
  take(chunk: Buffer): void;
  /** The connection is over; `clean` when the peer ended it, not a fault of the network. */
  end(clean: boolean): void;
  /** The source stops: say goodbye as the protocol has it. Resolves when the socket may be closed. */
  goodbye(): Promise<void>;
  /** The silence is ours: the peer must not be blamed for it. */
  readonly paused: boolean;
}
