import type { AuditEvent } from '../model/audit.ts';
import type { RawRecord } from '../model/record.ts';
import type { Mismatch } from './evaluator.ts';

/** One report a minute for each sender and dataset: a peer that floods under a foreign name must not flood the audit trail too. */
const EVERY_MS = 60_000;
const MAX_SENDERS = 10_000;

/** Tells of senders that speak for a dataset they are not bound to: each such case is an event of its own. */
export class MismatchReports {
  readonly #report: (event: AuditEvent) => void;
  readonly #since = new Map<string, { at: number; count: number }>();

  constructor(report: (event: AuditEvent) => void) {
    this.#report = report;
  }

  note({ origin, source, receivedAt }: RawRecord, { claimed, dataset }: Mismatch): void {
    const sender = origin.certificate ?? origin.address ?? origin.path ?? source;
    const key = `${source} ${sender} ${claimed}`;
    const seen = this.#since.get(key);
    if (seen !== undefined && receivedAt - seen.at < EVERY_MS) {
      seen.count++;
      return;
    }
    if (this.#since.size >= MAX_SENDERS) this.#since.clear();
    this.#since.set(key, { at: receivedAt, count: 1 });
    this.#report({
      action: 'dataset_mismatch',
      category: ['configuration'],
      type: ['denied'],
      outcome: 'failure',
      ...(origin.address !== undefined && { address: origin.address }),
      message: `${sender} spoke for ${claimed}, which it is not bound to; its events are kept as ${dataset}`,
      about: { source, sender, claimed_dataset: claimed, dataset, events_before: seen?.count ?? 0 },
    });
  }
}
