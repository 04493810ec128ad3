import { EarshotError, ERRORS, type ErrorCode } from '../lib/errors.ts';
import type { IngestFault } from '../sources/http/fault.ts';
import type { SyntaxFault } from '../store/search/node.ts';
import { EngineError } from '../store/store.ts';
import type { Problem } from './contract/fields.ts';

/** A failure to be told to the client as it stands (RFC 9457). Thrown by handlers, written by the server. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  readonly code: ErrorCode;
  readonly more: Partial<Pick<Problem, 'position' | 'faults' | 'line' | 'present'>>;
  readonly retryAfterSecs: number | undefined;

  constructor(status: number, code: ErrorCode, detail: string, more: ApiProblem['more'] = {}, retryAfterSecs?: number) {
    super(detail);
    this.status = status;
    this.code = code;
    this.more = more;
    this.retryAfterSecs = retryAfterSecs;
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  408: 'Too slow',
  409: 'Conflict',
  413: 'Too large',
  414: 'Too long',
  415: 'Unknown format',
  422: 'Cannot be done',
  429: 'Too many requests',
  431: 'Headers too large',
  503: 'Not available now',
};

/** Writes a problem document. */
export function toDocument(problem: ApiProblem, requestId: string): Problem {
  return {
    type: `urn:earshot:error:${problem.code}`,
    title: TITLES[problem.status] ?? 'Internal error',
    status: problem.status,
    detail: problem.message,
    instance: `urn:uuid:${requestId}`,
    code: problem.code,
    hint: ERRORS[problem.code],
    ...problem.more,
  };
}

export const syntaxProblem = ({ code, message, at, length }: SyntaxFault): ApiProblem =>
  new ApiProblem(400, 'EAR_SEARCH_SYNTAX', message, { position: { at, length, fault: code } });

export const inputProblem = (path: string, message: string): ApiProblem =>
  new ApiProblem(400, 'EAR_API_INPUT', `${path}: ${message}`, { faults: [{ path, message }] });

export const ingestProblem = (fault: IngestFault): ApiProblem =>
  new ApiProblem(fault.status, fault.code, fault.detail, fault.line === undefined ? {} : { line: fault.line }, fault.retryAfterSecs);

/** What passes, so that the same request may do later. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['EAR_STATE_DOWN', 'EAR_DISK_LOW', 'EAR_RAW_LOG_FULL', 'EAR_RAW_LOG_IO']);

/** What a client may know of any error. Undefined: nothing, because it is a fault of ours. */
export function problemOf(error: unknown): ApiProblem | undefined {
  if (error instanceof ApiProblem) return error;
  if (error instanceof EngineError) return engineProblem(error);
  if (error instanceof EarshotError && PASSING.has(error.code)) return new ApiProblem(503, error.code, error.message, {}, 5);
  return frameworkProblem(error);
}

function engineProblem({ fault }: EngineError): ApiProblem | undefined {
  switch (fault.code) {
    case 'down':
      return new ApiProblem(503, 'EAR_ENGINE_DOWN', 'The event engine does not answer. It is restarted by itself.', {}, 5);
    case 'busy':
    case 'disk_full':
      return new ApiProblem(503, 'EAR_ENGINE_QUERY', 'The event engine has too much to do.', {}, 2);
    case 'timeout':
      return new ApiProblem(422, 'EAR_ENGINE_QUERY', 'The search took longer than a request may. Nothing is known of what it would find.');
    case 'memory':
      return new ApiProblem(
        422,
        'EAR_ENGINE_QUERY',
        'The search took more memory than a request may. Nothing is known of what it would find.',
      );
    case 'cancelled':
      return new ApiProblem(408, 'EAR_ENGINE_QUERY', 'The search was cancelled.');
    case 'refused':
      return undefined;
  }
}

/** Fastify's own refusals: a body that is no JSON, too large, of an unknown type. */
function frameworkProblem(error: unknown): ApiProblem | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return undefined;
  const { statusCode } = error;
  return statusCode >= 400 && statusCode < 500 ? new ApiProblem(statusCode, 'EAR_API_INPUT', error.message) : undefined;
}
