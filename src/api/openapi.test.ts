import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { as, row, setUpApi } from '../../test/support/api.ts';
import { ENDPOINTS } from './contract/all.ts';
import { openApi } from './openapi.ts';

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly security: readonly object[];
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, { readonly schema: object }>> }>>;
}

const document = openApi('1.2.3');
const operations = Object.entries(document.paths as Record<string, Record<string, Operation>>).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

/** Addresses of what the fakes serve. */
const SAMPLES: Readonly<Record<string, { readonly url: string; readonly rows?: readonly object[] }>> = {
  searchEvents: { url: '/api/events' },
  getEvent: { url: '/api/events/1-7' },
  getSurroundings: { url: '/api/events/1-7/surroundings' },
  countEventsOverTime: { url: '/api/events/histogram?by=user.name', rows: [] },
  topValues: { url: '/api/events/top?field=user.name', rows: [] },
  summarizeEvents: { url: '/api/events/summary?fields=user.name,host.name', rows: [] },
  listFieldValues: { url: '/api/fields/values?field=user.name', rows: [] },
  checkQuery: { url: '/api/query/check?q=a:b' },
  listSavedSearches: { url: '/api/saved-searches' },
  listAlerts: { url: '/api/alerts' },
  getAlert: { url: '/api/alerts/a1' },
  listNotifications: { url: '/api/outbox' },
  listRules: { url: '/api/rules' },
  listLists: { url: '/api/lists' },
  getHealth: { url: '/healthz' },
  getReadiness: { url: '/readyz' },
  getOpenApi: { url: '/api/openapi.json' },
};

describe('the OpenAPI document', () => {
  it('has every endpoint once, under its name', () => {
    expect(operations.map(({ operation }) => operation.operationId).sort()).toEqual(Object.keys(ENDPOINTS).sort());
  });

  it('is whole: it is JSON, its parameters are those of its paths, and its references lead somewhere', () => {
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const named = operation.parameters.filter((parameter) => parameter.in === 'path');
      expect(named.map(({ name }) => name).sort()).toEqual(inPath.sort());
      expect(named.every(({ required }) => required)).toBe(true);
    }
    for (const [, pointer = ''] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]*)"/g)) {
      // A schema may refer to itself, within itself.
      if (!pointer.startsWith('components/')) continue;
      const found = pointer.split('/').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document);
      expect(found).toBeDefined();
    }
  });

  it('asks for a token or a session wherever the contract does', () => {
    for (const { operation } of operations) {
      const open = ENDPOINTS[operation.operationId]?.endpoint.scopes === 'anyone';
      expect(operation.security.length === 0).toBe(open);
    }
  });

  it.each(Object.entries(SAMPLES))('describes what %s answers', async (name, { url, rows = [row] }) => {
    const { app, engine } = setUpApi();
    engine.rows = [...rows];
    const answer = await app.inject({ url, headers: as('ear_admin') });
    expect(answer.statusCode).toBe(200);
    const schema = operations.find(({ operation }) => operation.operationId === name)?.operation.responses['200']?.content;
    const printed = schema?.['application/json']?.schema;
    if (printed === undefined) throw new Error(`${name} has no schema`);
    expect(z.fromJSONSchema(printed as Parameters<typeof z.fromJSONSchema>[0]).safeParse(answer.json()).error).toBeUndefined();
  });

  it('describes a problem', async () => {
    const { app } = setUpApi();
    const answer = await app.inject({ url: '/api/events?q=%22', headers: as('ear_admin') });
    const { schemas } = document.components as { schemas: { Problem: Parameters<typeof z.fromJSONSchema>[0] } };
    const problem = z.fromJSONSchema(schemas.Problem);
    expect(problem.safeParse(answer.json()).error).toBeUndefined();
    expect(problem.safeParse({ status: 'x' }).success).toBe(false);
  });
});
