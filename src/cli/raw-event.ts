import type { Judged } from '../detect/stream/judged.ts';
import { type NestedDocument, NestedFields } from '../detect/stream/nested-reader.ts';
import { eventTime } from './event-time.ts';

/** A JSON document as rules see it when nothing is mapped; a time that it does not say is NaN. */
export const rawEvent = (document: NestedDocument): Judged => ({
  fields: new NestedFields(document),
  // Not the line as its text: keywords are not searched in names of fields.
  text: '',
  timestamp: eventTime(document['@timestamp']) ?? Number.NaN,
  source: '',
});
