import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { noBody, nothing } from './fields.ts';

/** This API as OpenAPI 3.1. */
export const openApiEndpoint = endpoint({
  method: 'GET',
  path: '/api/openapi.json',
  scopes: 'signed_in',
  params: nothing,
  query: nothing,
  body: noBody,
  answer: z.looseObject({ openapi: z.string() }),
});
