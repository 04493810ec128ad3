import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { as, setUpApi } from '../../test/support/api.ts';
import { type TestState, testState } from '../../test/support/state.ts';
import type { AuditEvent } from '../model/audit.ts';

let test: TestState;
let app: FastifyInstance;
let audits: AuditEvent[];
const tokens = { viewer: '', other: '', analyst: '' };

beforeAll(async () => {
  test = await testState(() => 5);
  ({ app, audits } = setUpApi({}, {}, { tokens: test.state.tokens, savedSearches: test.state.savedSearches }));
  const made = async (name: string, scopes: readonly string[]) => (await test.state.tokens.create({ name, scopes }))?.token ?? '';
  tokens.viewer = await made('viewer', ['events:read']);
  tokens.other = await made('other', ['events:read']);
  tokens.analyst = await made('analyst', ['events:read', 'lists:write']);
});
afterAll(async () => {
  await app.close();
  await test.remove();
});

const ask = (token: string, method: 'GET' | 'POST' | 'PUT' | 'DELETE', path = '', payload?: object) =>
  app.inject({ method, url: `/api/saved-searches${path}`, headers: as(token), ...(payload && { payload }) });
const listed = async (token: string): Promise<{ name: string; own: boolean }[]> =>
  (await ask(token, 'GET')).json().searches.map(({ name, own }: { name: string; own: boolean }) => ({ name, own }));

it('a search is its maker’s, until it is for all; that needs the right to write lists', async () => {
  const { statusCode, body } = await ask(tokens.viewer, 'POST', '', { name: ' Mine ', q: 'a:b' });
  expect(statusCode).toBe(200);
  const mine = JSON.parse(body) as { id: string };
  expect(mine).toMatchObject({ name: 'Mine', from: 'now-24h', to: 'now', own: true, owner: 'viewer', shared: false });
  expect(await listed(tokens.other)).toEqual([]);
  expect((await ask(tokens.other, 'DELETE', `/${mine.id}`)).statusCode).toBe(404);
  expect((await ask(tokens.viewer, 'POST', '', { name: 'Mine', q: 'a:b' })).statusCode).toBe(409);
  expect((await ask(tokens.viewer, 'PUT', `/${mine.id}`, { name: 'Mine', q: 'a:b', shared: true })).statusCode).toBe(403);

  const shared = (await ask(tokens.analyst, 'POST', '', { name: 'Ours', q: 'c:d', shared: true })).json() as { id: string };
  expect(await listed(tokens.viewer)).toEqual([
    { name: 'Mine', own: true },
    { name: 'Ours', own: false },
  ]);
  expect((await ask(tokens.viewer, 'PUT', `/${shared.id}`, { name: 'Theirs', q: 'x:y' })).statusCode).toBe(403);
  expect((await ask(tokens.viewer, 'DELETE', `/${shared.id}`)).statusCode).toBe(403);
  expect((await ask(tokens.analyst, 'DELETE', `/${shared.id}`)).json()).toEqual({ deleted: true });
  expect(audits.map(({ action }) => action).filter((action) => action.startsWith('saved_search'))).toEqual([
    'saved_search_save',
    'saved_search_save',
    'saved_search_delete',
  ]);
});
