import type { z } from 'zod';
import type { Endpoint } from '../../src/api/contract/endpoint.ts';
import type { Problem } from '../../src/api/contract/fields.ts';

/** What the hub answered instead, or that it did not answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  readonly problem: Problem | undefined;

  constructor(status: number, problem: Problem | undefined, message: string) {
    super(message);
    this.status = status;
    this.problem = problem;
  }
}

type In<S extends z.ZodType> = z.input<S>;

/** What an endpoint takes; parts that take nothing may be left out. */
export interface Request<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  readonly params?: In<P>;
  readonly query?: In<Q>;
  readonly body?: In<B>;
  readonly signal?: AbortSignal;
}

let csrfToken = '';

/** Goes with every request that changes something: GET /api/session gives it. */
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

/** Calls an endpoint of the contract. Throws an {@link ApiError}. */
export async function call<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  endpoint: Endpoint<P, Q, B, A>,
  request: Request<P, Q, B> = {},
): Promise<z.output<A>> {
  const { method } = endpoint;
  const headers = {
    ...(request.body !== undefined && { 'content-type': 'application/json' }),
    ...(method !== 'GET' && { 'x-csrf-token': csrfToken }),
  };
  const response = await fetch(addressOf(endpoint, request), {
    method,
    headers,
    credentials: 'same-origin',
    ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
    ...(request.signal && { signal: request.signal }),
  }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, undefined, 'The hub does not answer. It may be starting, or the network is down.');
  });
  if (!response.ok) throw await failureOf(response);
  return (await response.json()) as z.output<A>;
}

/** The address of a call, for links and downloads. */
export function addressOf<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(
  { path }: { readonly path: string },
  { params, query }: Request<P, Q, B>,
): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String((params as Record<string, unknown>)[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries((query as Record<string, unknown> | undefined) ?? {}))
    if (value !== undefined && value !== '') search.set(name, String(value));
  return search.size === 0 ? filled : `${filled}?${search}`;
}

async function failureOf(response: Response): Promise<ApiError> {
  const isProblem = response.headers.get('content-type')?.includes('problem+json') === true;
  const problem = isProblem ? ((await response.json()) as Problem) : undefined;
  return new ApiError(response.status, problem, problem?.detail ?? `The hub answered ${response.status}.`);
}
