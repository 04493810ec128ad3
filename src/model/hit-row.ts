/** A row of the table of hits, as far as the event says it: see `src/store/schema-hits.ts`. */
export interface HitRow {
  readonly counter: string;
  readonly groupKey: string;
  /** JSON array of the group's values as the event spells them; empty where that is the key. */
  readonly shown: string;
  /** Milliseconds since the epoch, as all times here. */
  readonly t: number;
  readonly ref: number;
  readonly textValue: string;
  readonly numberValue: number;
  readonly node: number;
  readonly seq: number;
  readonly receivedAt: number;
}
