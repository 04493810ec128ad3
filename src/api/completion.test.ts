import { describe, expect, it } from 'vitest';
import { row, setUpApi } from '../../test/support/api.ts';
import { checkQueryEndpoint, fieldValuesEndpoint, listFieldsEndpoint } from './contract/completion.ts';

const headers = { authorization: 'Bearer ear_admin' };

describe('what is proposed while one types', () => {
  it('fields of recent events first, then the rest of ECS', async () => {
    const { app, engine } = setUpApi();
    engine.rows = [row];
    const ask = async (query: string) =>
      listFieldsEndpoint.answer.parse((await app.inject({ url: `/api/fields?${query}`, headers })).json());
    const { fields, sampled } = await ask('limit=2000');
    expect(sampled).toBeGreaterThan(0);
    const { length: asked } = engine.asked;
    const names = fields.map(({ name }) => name);
    expect(fields[names.indexOf('user.name')]).toMatchObject({ type: 'keyword', count: sampled });
    expect(fields[names.indexOf('dns.question.name')]).toMatchObject({ count: 0 });
    expect(names.indexOf('user.name')).toBeLessThan(names.indexOf('agent.id'));
    expect(new Set(names).size).toBe(names.length);
    expect((await ask('prefix=NAM')).fields.map(({ name }) => name)).toContain('user.name');
    expect((await ask('prefix=zzz')).fields).toEqual([]);
    // The sample is taken once for all letters.
    expect(engine.asked).toHaveLength(asked);
  });

  it('values that begin so, and no others of the same events', async () => {
    const { app, engine, audits } = setUpApi();
    const count = { place: '0', kind: 2, count: '3', other: 0, last: '2' };
    engine.rows = [
      { value: 'Alice', ...count },
      { value: 'bob', ...count },
    ];
    const answer = await app.inject({ url: '/api/fields/values?field=related.user&prefix=al&q=host.name:web*', headers });
    expect(fieldValuesEndpoint.answer.parse(answer.json()).values).toEqual([{ value: 'Alice', count: 3 }]);
    expect(audits).toMatchObject([{ action: 'search', about: { kind: 'values', query: 'host.name:web* related.user: al' } }]);
    expect((await app.inject({ url: '/api/fields/values?field=a&q=%22', headers })).statusCode).toBe(400);
  });

  it('says where a query is wrong, or how it was understood', async () => {
    const { app, engine } = setUpApi();
    const check = async (q: string) =>
      checkQueryEndpoint.answer.parse((await app.inject({ url: `/api/query/check?${new URLSearchParams({ q })}`, headers })).json());
    expect(await check('user.name:a OR NOT (user.name:b host.name:c*)')).toEqual({
      ok: true,
      printed: 'user.name:"a" OR NOT (user.name:"b" AND host.name:c*)',
      fields: ['user.name', 'host.name'],
    });
    expect(await check('user.name:"a')).toMatchObject({ ok: false, fault: { code: 'unclosed_quote', at: 10, length: 1 } });
    expect(engine.asked).toEqual([]);
  });
});
