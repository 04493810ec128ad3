import { describe, expect, it } from 'vitest';
import type { RuleHit } from '../../model/detection.ts';
import type { Fields } from '../../model/event.ts';
import { FieldSet } from '../../model/field-set.ts';
import { readRules } from '../sigma/load.ts';
import { NestedFields } from '../stream/nested-reader.ts';
import { CountedHits } from './collect.ts';

const RULE = '5f1c0a52-7d0e-4b3e-9a57-0c8a1f5b2e11';
const CORRELATION = '5f1c0a52-7d0e-4b3e-9a57-0c8a1f5b2e12';

function correlationOf(correlation: string) {
  const rule = `title: A\nid: ${RULE}\nname: a\ntaxonomy: ecs\nlogsource: { product: linux }\ndetection: { s: { f: x }, condition: s }\n`;
  const { correlations, rejected } = readRules('a.yml', `${rule}---\ntitle: B\nid: ${CORRELATION}\ncorrelation: ${correlation}\n`);
  if (rejected.length > 0) throw new Error(JSON.stringify(rejected));
  return correlations;
}

const HIT: RuleHit = { id: RULE, version: '1', title: 'A', level: 'low', matches: [] };

function counted(correlation: string, fields: Fields | NestedFields) {
  const hits = new CountedHits(correlationOf(correlation));
  const of = fields instanceof NestedFields ? fields : FieldSet.of(fields);
  hits.add({ fields: of, text: '', timestamp: 0, source: '' }, [HIT], 7, 1000);
  return hits.found.get(CORRELATION);
}

const COUNT = '{ type: event_count, rules: [a], group-by: [user.name, host.name], timespan: 5m, condition: { gte: 1 } }';
const value = (type: string) => `{ type: ${type}, rules: [a], timespan: 5m, condition: { gte: 1, field: v } }`;

describe('what correlations count', () => {
  it('has the values of the group as they are spelled, from flat fields and nested ones', () => {
    const expected = [{ at: 1000, ref: 0, event: 7, group: ['Alice', '4'] }];
    expect(counted(COUNT, { 'user.name': 'Alice', 'host.name': 4 })).toEqual(expected);
    expect(counted(COUNT, new NestedFields({ user: { name: 'Alice' }, 'host.name': 4 }))).toEqual(expected);
  });

  it('is no event that lacks a value of the group', () => {
    expect(counted(COUNT, { 'user.name': 'alice' })).toEqual([]);
    expect(counted(COUNT, { 'user.name': 'alice', 'host.name': null })).toEqual([]);
    expect(counted(COUNT, { 'user.name': 'alice', 'host.name': [] })).toEqual([]);
    expect(counted(COUNT, { 'user.name': 'alice', 'host.name': '' })).toHaveLength(1);
  });

  it('takes an array for its elements in order', () => {
    expect(counted(COUNT, { 'user.name': ['b', 'A', 'B'], 'host.name': 'x' })?.[0]?.group).toEqual(['A, B', 'x']);
  });

  it('counts values without regard to case, and reckons with numbers and texts that spell one', () => {
    expect(counted(value('value_count'), { v: 'ÄB' })).toMatchObject([{ value: '["äb"]' }]);
    expect(counted(value('value_count'), {})).toEqual([]);
    expect(counted(value('value_sum'), { v: 2.5 })).toMatchObject([{ number: 2.5 }]);
    expect(counted(value('value_sum'), { v: '-1e3' })).toMatchObject([{ number: -1000 }]);
    for (const v of ['x', '', true, null, '0x10', 'Infinity', [1, 2]]) expect(counted(value('value_avg'), { v })).toEqual([]);
  });
});
