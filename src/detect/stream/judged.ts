import type { FieldSet } from '../../model/field-set.ts';

/** What rules see of an event. */
export interface Judged {
  readonly fields: FieldSet;
  /** The message as text; ECS `event.original`. Keywords are searched in it. */
  readonly text: string;
  /** Milliseconds since the epoch; ECS `@timestamp`. */
  readonly timestamp: number;
  /** Name of the source in the configuration; `earshot.source`. */
  readonly source: string;
}
