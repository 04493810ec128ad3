import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { refuseForgery } from './auth/cookies.ts';
import { authenticate, bringsProof, type Caller, DeniedAudit, demand, LOCAL, NOBODY } from './caller.ts';
import type { Endpoint, Scope } from './contract/endpoint.ts';
import type { ApiDeps } from './deps.ts';
import { ApiProblem } from './problem.ts';

/** A request that was checked: who asks, and what, in the endpoint's own types. */
export interface Asked<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly caller: Caller;
  /** For headers and cookies; the answer is what the handler gives back. */
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Aborted when the client goes away before the answer. */
  readonly signal: AbortSignal;
}

/** Who may ask what. */
export class Access {
  readonly #deps: ApiDeps;
  readonly #trusted: boolean;
  readonly #denied: DeniedAudit;

  constructor(deps: ApiDeps, trusted: boolean) {
    this.#deps = deps;
    this.#trusted = trusted;
    this.#denied = new DeniedAudit(deps.onAudit, deps.now);
  }

  /** The caller, who has one of these scopes. Throws an {@link ApiProblem}, and has it audited. */
  async admit(request: FastifyRequest, scopes: readonly (Scope | `ingest:${string}`)[] | 'signed_in' | 'anyone'): Promise<Caller> {
    if (this.#trusted) return LOCAL;
    let caller: Caller | undefined;
    try {
      if (scopes === 'anyone') {
        refuseForgery(request, undefined);
        return { ...NOBODY, address: request.ip };
      }
      caller = await authenticate(request, this.#deps);
      demand(caller, scopes);
      return caller;
    } catch (error) {
      // A page asks who is signed in before anybody is: that is no attempt at anything.
      const asksWho = scopes === 'signed_in' && caller === undefined && !bringsProof(request);
      if (error instanceof ApiProblem && !asksWho) this.deny(request, error, caller);
      throw error;
    }
  }

  deny(request: FastifyRequest, problem: ApiProblem, caller?: Caller): void {
    this.#denied.denied(request, problem, caller);
  }
}

/** Mounts an endpoint: authenticates before the body is read, checks all that comes in, and answers in the contract's form. */
export function serve<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  app: FastifyInstance,
  access: Access,
  endpoint: Endpoint<P, Q, B, A>,
  answer: (asked: Asked<z.output<P>, z.output<Q>, z.output<B>>) => Promise<z.input<A>>,
): void {
  mount(app, access, endpoint, answer);
}

/** As {@link serve}, for an answer that is no JSON document: the handler writes it through `reply`. */
export function serveStream<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  app: FastifyInstance,
  access: Access,
  endpoint: Endpoint<P, Q, B, A>,
  answer: (asked: Asked<z.output<P>, z.output<Q>, z.output<B>>) => Promise<FastifyReply>,
): void {
  mount(app, access, endpoint, answer);
}

function mount<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  app: FastifyInstance,
  access: Access,
  endpoint: Endpoint<P, Q, B, A>,
  answer: (asked: Asked<z.output<P>, z.output<Q>, z.output<B>>) => Promise<unknown>,
): void {
  const callers = new WeakMap<FastifyRequest, Caller>();
  app.route({
    method: endpoint.method,
    url: endpoint.path,
    onRequest: async (request) => {
      callers.set(request, await access.admit(request, endpoint.scopes));
    },
    handler: async (request, reply) => {
      const caller = callers.get(request);
      if (caller === undefined) throw new Error('a request came to its handler without a caller');
      return answer({
        params: checked(endpoint.params, request.params, 'path'),
        query: checked(endpoint.query, request.query, 'query'),
        body: checked(endpoint.body, request.body, 'body'),
        caller,
        request,
        reply,
        signal: goneSignal(reply),
      });
    },
  });
}

function checked<S extends z.ZodType>(schema: S, value: unknown, part: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.slice(0, 20).map(({ path, message }) => ({ path: [part, ...path].join('.'), message }));
  const detail = faults.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new ApiProblem(400, 'EAR_API_INPUT', detail, { faults });
}

function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
