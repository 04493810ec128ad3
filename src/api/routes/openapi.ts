import type { FastifyInstance } from 'fastify';
import { openApiEndpoint } from '../contract/openapi.ts';
import type { ApiDeps } from '../deps.ts';
import { openApi } from '../openapi.ts';
import { type Access, serve } from '../serve.ts';

export function openApiRoutes(app: FastifyInstance, access: Access, { version }: ApiDeps): void {
  let printed: ReturnType<typeof openApi> | undefined;
  serve(app, access, openApiEndpoint, async () => {
    printed ??= openApi(version);
    return { ...printed, openapi: '3.1.0' };
  });
}
