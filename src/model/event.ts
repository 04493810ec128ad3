import type { RuleHit } from './detection.ts';

/** A JSON value. Objects appear in fields only inside arrays, or when they are empty. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

/**
 * An event's fields by dotted ECS path: `{ 'user.name': 'alice', 'related.user': ['alice'] }`. Flat, because columns, rules and
 * search all ask by path. Not in here, because every event has them: `@timestamp`, `event.id`, `event.ingested`, `event.original`.
 */
export type Fields = Record<string, Value>;

/** A normalized event, as it is judged and stored. */
export interface Event {
  readonly node: number;
  readonly seq: number;
  /** Milliseconds since the epoch; ECS `event.ingested`. */
  readonly receivedAt: number;
  /** Milliseconds since the epoch; ECS `@timestamp`. */
  readonly timestamp: number;
  readonly source: string;
  readonly fields: Fields;
  /** The bytes as received; ECS `event.original` when they are UTF-8. */
  readonly raw: Buffer;
  hits: readonly RuleHit[];
}

/** ECS `event.id`: the node and the place in its raw log, so that a replay gives the same id. */
export const eventId = (node: number, seq: number): string => `${node}-${seq}`;
