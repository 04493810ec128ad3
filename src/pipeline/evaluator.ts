import type { Decoded } from '../decode/decoded.ts';
import { AUDIT_DATASET, AUDIT_SOURCE } from '../model/audit.ts';
import type { RuleHit } from '../model/detection.ts';
import { FieldSet } from '../model/field-set.ts';
import type { LiveEvent } from '../model/live-event.ts';
import type { RawRecord } from '../model/record.ts';

/** A dataset that a message claims and its sender is not bound to, and the one it was given. */
export interface Mismatch {
  readonly claimed: string;
  readonly dataset: string;
}

/** The pure stages, as the pipeline joins them. Each may be slow or wrong in a bug; none may lose an event. */
export interface Stages {
  decode(record: RawRecord): Decoded;
  normalize(record: RawRecord, decoded: Decoded): { readonly timestamp: number; readonly fields: FieldSet; readonly mismatch?: Mismatch };
  /** Adds to the fields. */
  enrich(event: { readonly fields: FieldSet; readonly receivedAt: number; readonly timestamp: number }): void;
  detect(event: {
    readonly fields: FieldSet;
    readonly text: string;
    readonly timestamp: number;
    readonly receivedAt: number;
    readonly source: string;
  }): { readonly hits: readonly RuleHit[]; readonly deferred: readonly string[] };
}

/** What became of one message, with the steps in between for those who look (`earshot try`). */
export interface Evaluated {
  readonly event: LiveEvent;
  readonly decoded?: Decoded;
  readonly mismatch?: Mismatch;
  /** A bug in a stage: the event is kept bare, and this is told. */
  readonly fault?: string;
}

/** A message through decode, normalize, enrich and detect. A stage that throws costs the event its fields, never its place. */
export function evaluate(stages: Stages, node: number, record: RawRecord): Evaluated {
  let decoded: Decoded | undefined;
  try {
    decoded = stages.decode(record);
    const { timestamp, fields, mismatch } = stages.normalize(record, decoded);
    const { seq, receivedAt, source, bytes: raw } = record;
    stages.enrich({ fields, receivedAt, timestamp });
    const { hits, deferred } = stages.detect({ fields, text: decoded.text, timestamp, receivedAt, source });
    const event: LiveEvent = { node, seq, receivedAt, timestamp, source, fields, raw, hits, deferred };
    return mismatch === undefined ? { event, decoded } : { event, decoded, mismatch };
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    return { event: bareEvent(node, record, 'pipeline_fault'), ...(decoded && { decoded }), fault };
  }
}

/** The least an event can be: its bytes as text, and a tag that says why there is no more. */
export function bareEvent(node: number, record: RawRecord, tag: string): LiveEvent {
  const { seq, receivedAt, source, bytes: raw } = record;
  const dataset = source === AUDIT_SOURCE ? AUDIT_DATASET : source;
  const fields = FieldSet.of({ 'event.dataset': dataset, 'event.kind': 'pipeline_error', message: raw.toString('utf8'), tags: [tag] });
  return { node, seq, receivedAt, timestamp: receivedAt, source, fields, raw, hits: [] };
}
