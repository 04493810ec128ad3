import { expect, it } from 'vitest';
import { sql } from '../sql.ts';
import { eventsWhere } from './reading.ts';

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
