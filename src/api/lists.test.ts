import { afterEach, describe, expect, it } from 'vitest';
import { NOW, setUpApi } from '../../test/support/api.ts';
import { type TestState, testState } from '../../test/support/state.ts';
import { LookUpTables } from '../hub/look-ups/look-up-tables.ts';
import { storedLookUps } from '../hub/look-ups/stored-look-ups.ts';
import type { EnrichmentTables } from '../model/enrichment.ts';
import { settingsSchema } from '../settings.ts';
import { silent } from '../telemetry/telemetry.ts';

const opened: TestState[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.remove();
});

async function setUp() {
  const test = await testState(() => NOW);
  opened.push(test);
  const settings = settingsSchema.parse({});
  const published: EnrichmentTables[] = [];
  const lookUps = new LookUpTables({ settings: () => settings, publish: async (tables) => void published.push(tables), telemetry: silent });
  await lookUps.load(storedLookUps(test.state));
  const api = setUpApi({ trusted: true }, {}, { lookUps, lists: test.state.lists });
  const ask = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, body?: object) => {
    const answer = await api.app.inject({ method, url, ...(body && { payload: body }) });
    return { status: answer.statusCode, json: answer.json() };
  };
  return { ...api, ask, published };
}

const VPN = { name: 'vpn_ranges', kind: 'cidr', reason: 'Where our VPN comes out' };

describe('lists', () => {
  it('are made, filled, searched, emptied and deleted, and each change counts at once and leaves a trace', async () => {
    const { ask, audits, published } = await setUp();
    expect(await ask('POST', '/api/lists', VPN)).toMatchObject({ status: 200, json: { ...VPN, author: 'local', entries: 0 } });
    const add = { values: ['192.0.2.0/24', '198.51.100.7'], reason: 'Lisbon', expires: '2026-02-28' };
    expect(await ask('POST', '/api/lists/vpn_ranges/entries', add)).toMatchObject({ status: 200, json: { entries: 2, expired: 0 } });
    expect(published.at(-1)?.lists[0]?.entries.map(({ value }) => value)).toEqual(['192.0.2.0/24', '198.51.100.7']);
    const found = await ask('GET', '/api/lists/vpn_ranges?q=LISBON&limit=1');
    expect(found.json).toMatchObject({
      found: 2,
      cursor: '1',
      page: [{ value: '192.0.2.0/24', reason: 'Lisbon', author: 'local', expires_at: '2026-02-28T00:00:00.000Z', expired: false }],
    });
    expect((await ask('GET', '/api/lists/vpn_ranges?cursor=1')).json.page).toHaveLength(1);
    expect(await ask('DELETE', '/api/lists/vpn_ranges/entries?value=192.0.2.0%2F24')).toMatchObject({ json: { entries: 1 } });
    expect((await ask('DELETE', '/api/lists/vpn_ranges/entries?value=192.0.2.0%2F24')).status).toBe(404);
    expect(await ask('PUT', '/api/lists/vpn_ranges', { reason: 'Other' })).toMatchObject({ json: { reason: 'Other' } });
    expect(await ask('DELETE', '/api/lists/vpn_ranges')).toMatchObject({ json: { deleted: 'vpn_ranges' } });
    expect(published.at(-1)?.lists).toEqual([]);
    expect(audits.map(({ action }) => action)).toEqual([
      'list_create',
      'list_entries_add',
      'list_entry_remove',
      'list_change',
      'list_delete',
    ]);
    expect(audits[1]).toMatchObject({ about: { list: 'vpn_ranges', values: '192.0.2.0/24 198.51.100.7', count: 2, reason: 'Lisbon' } });
  });

  it.each([
    [{ ...VPN, name: 'VPN ranges' }, 400],
    [{ ...VPN, kind: 'text' }, 400],
    [{ ...VPN, fields: ['host.name'] }, 400],
    [{ ...VPN, reason: ' ' }, 400],
  ])('refuses %j', async (body, status) => {
    const { ask, audits } = await setUp();
    expect((await ask('POST', '/api/lists', body)).status).toBe(status);
    expect(audits).toEqual([]);
  });

  it.each([
    [{ values: ['192.0.2.1/24'], reason: 'r' }, 'write 192.0.2.0/24'],
    [{ values: ['192.0.2.1'], reason: 'r', expires: '2020-01-01' }, 'it is over already'],
    [{ values: [], reason: 'r' }, 'values'],
    [{ values: ['192.0.2.1'] }, 'reason'],
  ])('refuses entries %j, and says what to write', async (body, why) => {
    const { ask } = await setUp();
    await ask('POST', '/api/lists', VPN);
    const refused = await ask('POST', '/api/lists/vpn_ranges/entries', body);
    expect(refused.status).toBe(400);
    expect(refused.json.detail).toContain(why);
  });

  it('says what is not there, and what is there already', async () => {
    const { ask } = await setUp();
    await ask('POST', '/api/lists', VPN);
    expect((await ask('POST', '/api/lists', VPN)).status).toBe(409);
    expect((await ask('GET', '/api/lists/none')).status).toBe(404);
    expect((await ask('POST', '/api/lists/none/entries', { values: ['x'], reason: 'r' })).status).toBe(404);
  });
});
