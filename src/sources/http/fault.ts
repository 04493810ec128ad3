import type { ErrorCode } from '../../lib/errors.ts';

/** Why a body was not taken; nothing of it is stored then. */
export interface IngestFault {
  readonly status: 400 | 401 | 403 | 408 | 413 | 415 | 422 | 429 | 503;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly retryAfterSecs?: number;
  /** Line of the body, from 1. */
  readonly line?: number;
}

/** As the IETF's draft of `Idempotency-Key` has it: to call it a duplicate would lose what came now. */
export const keyReused: IngestFault = {
  status: 422,
  code: 'EAR_INGEST_KEY_REUSED',
  detail: 'This Idempotency-Key came before, with another body.',
};
export const tooLarge = (detail: string): IngestFault => ({ status: 413, code: 'EAR_INGEST_TOO_LARGE', detail });
export const badBody = (detail: string, line?: number): IngestFault => ({
  status: 400,
  code: 'EAR_INGEST_BODY',
  detail,
  ...(line !== undefined && { line }),
});
export const busy = (status: 429 | 503, retryAfterSecs: number, detail: string): IngestFault => ({
  status,
  code: 'EAR_INGEST_BUSY',
  detail,
  retryAfterSecs,
});
