import { describe, expect, it } from 'vitest';
import { row, setUpApi } from '../../test/support/api.ts';
import { parseCsv } from '../formats/csv.ts';
import { EngineError } from '../store/store.ts';

const headers = { authorization: 'Bearer ear_admin' };
const HOSTILE = ['=HYPERLINK("http://192.0.2.66/")', '+1', '-1', '@x', '\tx', '\r=1', 'a,"b"\nc'];

describe('an export', () => {
  it('as CSV has a cell for each column, and none that a spreadsheet would run', async () => {
    const { app, engine, audits } = setUpApi();
    engine.rows = HOSTILE.map((user_name, i) => ({ ...row, seq: `${i + 1}`, user_name }));
    const answer = await app.inject({ url: '/api/events/export?format=csv&columns=@timestamp,user.name,=x', headers });
    expect(answer.headers['content-type']).toMatch(/^text\/csv/);
    const parsed = parseCsv(answer.body);
    const rows = parsed.ok ? parsed.value.map(({ cells }) => cells) : [];
    expect(rows[0]).toEqual(["'@timestamp", 'user.name', "'=x"]);
    const names = new Set(rows.slice(1).map(([, name]) => name));
    expect(names).toEqual(new Set(HOSTILE.map((text) => (text.startsWith('a') ? text : `'${text}`))));
    expect(audits).toMatchObject([
      { action: 'export', outcome: 'success', actor: 'ear_admin', about: { format: 'csv', rows: rows.length - 1 } },
    ]);
  });

  it('as NDJSON has whole events', async () => {
    const { app, engine } = setUpApi();
    engine.rows = [row];
    const answer = await app.inject({ url: '/api/events/export?q=user.name:alice', headers });
    const [first] = answer.body.split('\n').map((line) => (line === '' ? undefined : JSON.parse(line)));
    expect(first).toMatchObject({ user: { name: 'alice' }, event: { id: '1-7', original_base64: '/w==' } });
    expect(answer.headers['x-earshot-total']).toMatch(/^\d+$/);
  });

  it('needs its scope, and a query that can be understood', async () => {
    const { app, engine } = setUpApi();
    expect((await app.inject({ url: '/api/events/export', headers: { authorization: 'Bearer ear_reader' } })).statusCode).toBe(403);
    expect((await app.inject({ url: '/api/events/export?q=%22', headers })).statusCode).toBe(400);
    engine.fault = new EngineError({ code: 'down', message: '' });
    expect((await app.inject({ url: '/api/events/export', headers })).statusCode).toBe(503);
  });

  it('that breaks off does not look whole', async () => {
    const { app, engine, audits } = setUpApi();
    engine.rows = [row];
    const asked = engine.query.bind(engine);
    let statements = 0;
    engine.query = async (statement, bounds) => {
      statements += 1;
      if (statements > 1) engine.fault = new EngineError({ code: 'down', message: '' });
      return asked(statement, bounds);
    };
    await expect(app.inject({ url: '/api/events/export?format=csv', headers })).rejects.toThrow();
    expect(audits).toMatchObject([{ action: 'export', outcome: 'failure' }]);
  });
});
