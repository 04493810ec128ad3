import { describe, expect, it } from 'vitest';
import type { RuleHit } from '../../model/detection.ts';
import type { Fields } from '../../model/event.ts';
import { FieldSet } from '../../model/field-set.ts';
import type { HitCounter } from './counter.ts';
import { HitPlan } from './hit-plan.ts';

const PLACE = { node: 2, seq: 7, receivedAt: 5_000 };
const USER: HitCounter = {
  identity: 'user@1',
  refs: ['a', undefined, 'b'],
  groupPaths: [[['user.name']], [], [['user.target.name', 'user.name']]],
  fieldPaths: [[], [], []],
  values: 'none',
};

const hit = (id: string): RuleHit => ({ id, version: '1', title: id, level: 'low', matches: [] });

function rows(counters: readonly HitCounter[], fields: Fields, ids: readonly string[]) {
  const ungrouped: string[] = [];
  const plan = new HitPlan(counters, (rule) => ungrouped.push(rule));
  const event = { fields: FieldSet.of(fields), text: '', timestamp: 1_000, source: 's' };
  return { rows: plan.rows(event, ids.map(hit), PLACE), ungrouped };
}

describe('rows of an event', () => {
  it('are one for each place where a rule that hit it is counted', () => {
    const found = rows([USER, { ...USER, identity: 'user@2' }], { 'user.name': 'Ada', 'user.target.name': 'bob' }, ['a', 'b', 'c']);
    const ada = { groupKey: '["ada"]', shown: '["Ada"]', t: 1_000, ref: 0, textValue: '', numberValue: 0, ...PLACE };
    const bob = { ...ada, groupKey: '["bob"]', shown: '', ref: 2 };
    expect(found.rows).toEqual([
      { counter: 'user@1', ...ada },
      { counter: 'user@2', ...ada },
      { counter: 'user@1', ...bob },
      { counter: 'user@2', ...bob },
    ]);
    expect(found.ungrouped).toEqual([]);
  });

  it('are none where a value is missing, and that is told', () => {
    expect(rows([USER], { 'host.name': 'x' }, ['a'])).toEqual({ rows: [], ungrouped: ['a'] });
    expect(rows([USER], {}, ['c'])).toEqual({ rows: [], ungrouped: [] });
    const sum: HitCounter = { ...USER, fieldPaths: [[['v']]], values: 'number' };
    expect(rows([sum], { 'user.name': 'x', v: 'much' }, ['a'])).toEqual({ rows: [], ungrouped: ['a'] });
    expect(rows([sum], { 'user.name': 'x', v: '2.5' }, ['a']).rows).toMatchObject([{ numberValue: 2.5, textValue: '' }]);
  });

  it('have the value that is counted, without regard to case', () => {
    const distinct: HitCounter = { ...USER, fieldPaths: [[['v'], ['w']]], values: 'text' };
    expect(rows([distinct], { 'user.name': 'x', v: 'FI', w: 1 }, ['a']).rows).toMatchObject([{ textValue: '["fi","1"]' }]);
  });

  it('stand for a long group by its hash, and show its beginning', () => {
    const [row] = rows([USER], { 'user.name': 'Ä'.repeat(300) }, ['a']).rows;
    expect(row?.groupKey).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(JSON.parse(row?.shown ?? '')).toEqual([`${'Ä'.repeat(199)}…`]);
    expect(rows([USER], { 'user.name': 'ä'.repeat(300) }, ['a']).rows[0]?.groupKey).toBe(row?.groupKey);
    expect(rows([USER], { 'user.name': 'x'.repeat(500) }, ['a']).rows[0]).toMatchObject({ shown: '' });
  });
});
