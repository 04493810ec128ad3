import type { FieldSet } from '../../model/field-set.ts';
import type { NestedFields } from './nested-reader.ts';

/** What rules see of an event. */
export interface Judged {
  /** Nested: a JSON document judged as it came, every field of it its own, `@timestamp` and `event.original` too. */
  readonly fields: FieldSet | NestedFields;
  /** The message as text; ECS `event.original`. Keywords are searched in it. */
  readonly text: string;
  /** Milliseconds since the epoch; ECS `@timestamp`. */
  readonly timestamp: number;
  /** Milliseconds since the epoch. Absent for events that nobody received: their own time counts. */
  readonly receivedAt?: number;
  /** Name of the source in the configuration; `earshot.source`. */
  readonly source: string;
}
