import { z } from 'zod';
import { ENDPOINTS, type ListedEndpoint } from './contract/all.ts';
import { problem } from './contract/fields.ts';

type Json = Readonly<Record<string, unknown>>;

/** The API as OpenAPI 3.1 has it, printed from the contracts: what is checked is what is described. */
export function openApi(version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [name, listed] of Object.entries(ENDPOINTS)) {
    const { method, path } = listed.endpoint;
    const address = path.replaceAll(/:(\w+)/g, '{$1}');
    paths[address] = { ...paths[address], [method.toLowerCase()]: operation(name, listed) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Earshot', version, description: 'The API of one hub. Times are ISO 8601, faults are RFC 9457 problems with a code.' },
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A token of `earshot token create`.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'earshot_session',
          description: 'The page’s. What changes something needs the header `x-csrf-token` too, as `GET /api/session` gives it.',
        },
      },
      schemas: { Problem: schemaOf(problem) },
    },
  };
}

function operation(operationId: string, { endpoint, summary }: ListedEndpoint): Json {
  const { scopes, path, params, query, body, answer, produces = ['application/json'] } = endpoint;
  const open = scopes === 'anyone';
  // Nothing that a body may be, or an empty object for clients that must send one.
  const takesBody = endpoint.method !== 'GET' && !body.safeParse(undefined).success;
  return {
    operationId,
    summary,
    tags: [path.split('/')[path.startsWith('/api/') ? 2 : 1] ?? ''],
    security: open ? [] : [{ token: [] }, { session: [] }],
    ...(typeof scopes !== 'string' && { 'x-earshot-scopes': scopes, description: `Needs the scope ${scopes.join(' or ')}.` }),
    parameters: [...parameters('path', schemaOf(params)), ...parameters('query', schemaOf(query))],
    ...(takesBody && { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body) } } } }),
    responses: {
      200: { description: summary, content: Object.fromEntries(produces.map((type) => [type, { schema: schemaOf(answer) }])) },
      default: {
        description: 'What went wrong.',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

/** As it is on the wire: before a default is filled in or a text is read. */
function schemaOf(schema: z.ZodType): Json {
  const { $schema: _, ...printed } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return printed;
}

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null;

function parameters(place: 'path' | 'query', { properties, required }: Json): Json[] {
  const needed = Array.isArray(required) ? required : [];
  return Object.entries(isJson(properties) ? properties : {}).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path' || needed.includes(name),
    schema,
  }));
}
