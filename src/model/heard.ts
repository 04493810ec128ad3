/** Moments at which something that is watched for silence spoke. */
export interface Heard {
  /** Of the silence rule. */
  readonly identity: string;
  /** The values folded, as a JSON array: equal means the same. */
  readonly key: string;
  /** Names and values, as the first event spelled them. */
  readonly group: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch, of receipt; ascending unless the clock was set back. What lies closer together is left out. */
  readonly at: readonly number[];
}
