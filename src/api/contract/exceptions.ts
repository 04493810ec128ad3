import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { identifier, isoTime, noBody, nothing, time } from './fields.ts';

/** Something that rules are not to tell. */
const exception = z.object({
  id: z.string(),
  /** Ids of rules; `any`: every rule. */
  rules: z.union([z.literal('any'), z.array(z.string())]),
  /** YAML: search identifiers and a `condition`, as below `filter:` of a Sigma filter. */
  selection: z.string(),
  reason: z.string(),
  author: z.string(),
  created_at: isoTime,
  expires_at: isoTime.optional(),
  /** It holds no more for events that come in now. */
  expired: z.boolean(),
  /** Rules that run and are narrowed by it. */
  narrowed: z.array(z.object({ id: z.string(), name: z.string(), title: z.string() })),
  /** Why it does not hold, such as that its rule is gone. */
  fault: z.string().optional(),
});
export type ExceptionJson = z.output<typeof exception>;

/** Whoever may see rules may see what is excepted from them. */
export const listExceptionsEndpoint = endpoint({
  method: 'GET',
  path: '/api/exceptions',
  scopes: ['events:read', 'alerts:write', 'rules:write'],
  params: nothing,
  query: nothing,
  body: noBody,
  answer: z.object({ exceptions: z.array(exception) }),
});

/** 400 with lines and columns of the selection where it cannot be honored; 409 when there are 1,000. Only for who may see all datasets. */
export const createExceptionEndpoint = endpoint({
  method: 'POST',
  path: '/api/exceptions',
  scopes: ['rules:write'],
  params: nothing,
  query: nothing,
  body: z.strictObject({
    /** Ids or names of rules that run. */
    rules: z.union([z.literal('any'), z.array(identifier).min(1).max(100)]),
    selection: z.string().min(1).max(20_000),
    reason: z.string().trim().min(1).max(1_000),
    /** Absent: until it is deleted. */
    expires: time.optional(),
  }),
  answer: exception,
});

export const deleteExceptionEndpoint = endpoint({
  method: 'DELETE',
  path: '/api/exceptions/:id',
  scopes: ['rules:write'],
  params: z.strictObject({ id: identifier }),
  query: nothing,
  body: noBody.or(nothing),
  answer: z.object({ deleted: z.literal(true) }),
});
