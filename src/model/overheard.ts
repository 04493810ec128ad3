/** An event in which words were heard that somebody listens for: as much of it as they are told. */
export interface HeardEvent {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly dataset: string;
  readonly user?: string;
  readonly action?: string;
  readonly host?: string;
  /** The beginning of the message. */
  readonly text: string;
}

/** The events of a block that have the same words in them, and are of the same dataset. */
export interface Overheard {
  /** As `phraseOf` writes them. */
  readonly phrases: readonly string[];
  readonly dataset: string;
  readonly count: number;
  /** The first few. */
  readonly events: readonly HeardEvent[];
}
