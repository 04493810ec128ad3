import { describe, expect, it } from 'vitest';
import { as, setUpApi } from '../../test/support/api.ts';
import { person } from '../../test/support/person.ts';
import { NO_TABLES } from '../model/enrichment.ts';
import { PersonNames } from '../model/person.ts';
import { parseQuery } from '../store/search/parse.ts';
import type { LookUps } from './deps.ts';

const PEOPLE = [
  person('u1', {
    displayName: 'Alice Smith',
    names: ['W012J3F', 'shared'],
    emails: ['asmith@example.com'],
    manager: 'bob',
    department: 'Finance',
  }),
  person('u2', { displayName: 'Bob Jones', names: ['bob', 'shared'], active: false }),
  person('u3', { displayName: 'Carol', manager: 'BOB', privileged: true }),
];

function setUp() {
  const names = new PersonNames(PEOPLE, ['example.com']);
  const lookUps: LookUps = { tables: { ...NO_TABLES, people: PEOPLE }, names, faults: [], refresh: async () => undefined };
  const api = setUpApi({}, {}, { lookUps });
  const get = async (path: string) => {
    const { statusCode, body } = await api.app.inject({ method: 'GET', url: path, headers: as('ear_reader') });
    return { status: statusCode, json: JSON.parse(body) };
  };
  return { ...api, get };
}

describe('people', () => {
  it('are found by any name, title or group, and by what is special of them', async () => {
    const { get } = setUp();
    const ids = async (query: string) => (await get(`/api/people?${query}`)).json.people.map(({ id }: { id: string }) => id);
    expect(await ids('')).toEqual(['u1', 'u2', 'u3']);
    expect(await ids('q=w012')).toEqual(['u1']);
    expect(await ids('q=finance')).toEqual(['u1']);
    expect(await ids('only=leaving')).toEqual(['u2']);
    expect(await ids('only=privileged')).toEqual(['u3']);
    const { json } = await get('/api/people?limit=2');
    expect(json).toMatchObject({ found: 3, total: 3, cursor: '2', conflicts: [{ name: 'shared', persons: ['u1', 'u2'] }] });
    expect(await ids('limit=2&cursor=2')).toEqual(['u3']);
  });

  it('are one by any of their names, without the ones that others claim', async () => {
    const { get } = setUp();
    for (const id of ['u1', 'W012J3F', 'name:asmith', 'ASMITH@example.com']) {
      const { json } = await get(`/api/people/${encodeURIComponent(id)}`);
      expect(json).toMatchObject({ title: 'Alice Smith', person: { id: 'u1' }, manager: { id: 'u2', display_name: 'Bob Jones' } });
      expect(json.names).toEqual(expect.arrayContaining(['asmith', 'asmith@example.com', 'w012j3f']));
      expect(json.names).not.toContain('shared');
      expect(json.query).toContain('related.user:"asmith"');
    }
    const { json } = await get('/api/people/u2');
    expect(json.reports.map(({ id }: { id: string }) => id)).toEqual(['u1', 'u3']);
  });

  it('may be a name that no directory knows, if that is what is asked for', async () => {
    const { get } = setUp();
    expect((await get('/api/people/name%3Amallory')).json).toMatchObject({
      title: 'mallory',
      query: expect.stringContaining('related.user:"mallory"'),
    });
    expect((await get('/api/people/name%3Amallory')).json).not.toHaveProperty('person');
    expect((await get('/api/people/mallory')).status).toBe(404);
    expect((await get('/api/people/name%3A')).status).toBe(404);
  });

  it('have searches that the query language takes, however many names they have', async () => {
    const many = person('u9', { names: Array.from({ length: 50 }, (_, i) => `a-rather-long-account-name-${i}@example.com`) });
    const names = new PersonNames([many], ['example.com', 'EXAMPLE']);
    const lookUps: LookUps = { tables: { ...NO_TABLES, people: [many] }, names, faults: [], refresh: async () => undefined };
    const { app } = setUpApi({}, {}, { lookUps });
    const { query, acting_query } = (await app.inject({ method: 'GET', url: '/api/people/u9', headers: as('ear_reader') })).json();
    for (const text of [query, acting_query]) {
      expect(parseQuery(`(${text}) AND source.ip:"192.0.2.1"`)).toMatchObject({ ok: true });
      expect(text.length).toBeGreaterThan(1_000);
    }
  });

  it('cannot be looked at without a trace', async () => {
    const { get, audits, engine } = setUp();
    engine.rows = [];
    await get('/api/people?q=ali');
    await get('/api/people/u1');
    await get('/api/people/u1/activity');
    await get('/api/people/u1/sessions');
    expect(audits.map(({ action, actor }) => [action, actor])).toEqual([
      ['person_search', 'ear_reader'],
      ['person_view', 'ear_reader'],
      ['search', 'ear_reader'],
      ['search', 'ear_reader'],
    ]);
    expect(audits[1]?.about).toEqual({ person: 'u1', name: 'Alice Smith' });
  });

  it('have a time zone, or none', async () => {
    const { get, engine } = setUp();
    engine.rows = [];
    expect((await get('/api/people/u1/activity?time_zone=Europe/Lisbon')).status).toBe(200);
    expect((await get('/api/people/u1/activity?time_zone=Mars/North')).status).toBe(400);
  });
});
