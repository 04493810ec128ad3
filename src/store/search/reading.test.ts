import { expect, it } from 'vitest';
import { sql } from '../sql.ts';
import type { EventEngine } from '../store.ts';
import { eventsWhere, readingsOf } from './reading.ts';

const SPAN = { from: 0, to: 1_000 };
const ofUser = () => sql`user_name = 'a'`;
const ofRule = () => sql`hit_rules != ''`;
const count = (from: ReturnType<typeof sql>) => sql`SELECT count() FROM ${from}`;

it('reads events that were judged again only where there are any, and where hits are named', () => {
  expect(eventsWhere(ofRule, count).text).not.toContain('rejudged');
  expect(eventsWhere(ofUser, count, SPAN)).toEqual(eventsWhere(ofUser, count));
  expect(eventsWhere(ofRule, count, SPAN).text).toContain('rejudged');
  expect(eventsWhere(ofUser, (from) => sql`SELECT rules FROM ${from}`, SPAN).text).toContain('rejudged');
});

it('reads by columns alone where each event of the stretch has all it has in them', async () => {
  const bounds = { timeoutMs: 1, maxMemoryBytes: 1, maxRows: 5 };
  const engineOf = (rows: readonly object[]): EventEngine => ({
    query: async <Row>() => rows as Row[],
    command: () => Promise.reject(new Error('not asked for')),
    insert: () => Promise.reject(new Error('not asked for')),
    up: true,
  });
  const whole = await readingsOf(engineOf([]), ofUser, bounds);
  const mixed = await readingsOf(engineOf([{ '1': 1 }]), ofUser, bounds);
  expect(eventsWhere(ofUser, count, undefined, whole).text).not.toContain('UNION ALL');
  expect(eventsWhere(ofUser, count, undefined, mixed)).toEqual(eventsWhere(ofUser, count));
});
