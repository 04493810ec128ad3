import { describe, expect, it } from 'vitest';
import type { EventView } from '../../parts/event-facts.ts';
import { cellText, DEFAULT_COLUMNS, fieldOf, fieldsOf, moved, withColumn } from './columns.ts';

const event = (fields: EventView['fields'], original = ''): EventView => ({
  id: '1-1',
  timestamp: '2026-01-31T10:00:00.000Z',
  ingested: '2026-01-31T10:00:00.000Z',
  source: 'syslog',
  fields,
  original,
  hits: [],
});
const summary = (fields: EventView['fields']) => ['what', 'who', 'target', 'from'].map((column) => cellText(event(fields), column));

describe('what an event says in one line', () => {
  it('of a vault that has a name for it and no action', () => {
    const viewed = {
      'cef.name': 'Password Viewed',
      'user.name': 'alice',
      'destination.user.name': 'app_ro',
      'destination.domain': 'db01.example.com',
      'source.ip': '192.0.2.7',
      'host.name': 'vault01',
      message: 'Password viewed',
    };
    expect(summary(viewed)).toEqual(['Password Viewed', 'alice', 'app_ro on db01.example.com', '192.0.2.7']);
  });

  it('of a host', () => {
    expect(summary({ 'event.action': 'ssh_login', 'cef.name': 'x', 'user.name': 'bob', 'host.name': 'web01' })).toEqual([
      'ssh_login',
      'bob',
      'web01',
      '',
    ]);
  });

  it('of one that has nothing but a text', () => {
    expect(cellText(event({ message: 'hello' }), 'what')).toBe('hello');
    expect(cellText(event({}, 'as it came'), 'what')).toBe('as it came');
    const hit: EventView['hits'][number] = { id: 'r', version: '1', title: 'A rule', level: 'high', matches: [] };
    expect(cellText({ ...event({ message: 'hello' }), hits: [hit] }, 'what')).toBe('A rule');
  });
});

describe('the columns', () => {
  it('have long text last, whatever is added or moved', () => {
    expect(withColumn(DEFAULT_COLUMNS, 'user.id')).toEqual(['what', 'who', 'target', 'from', 'outcome', 'user.id', 'message']);
    expect(withColumn(['message'], 'message')).toEqual(['message']);
    expect(moved(['a', 'b', 'message'], 1, 1)).toBeUndefined();
    expect(moved(['a', 'b', 'message'], 2, -1)).toBeUndefined();
    expect(moved(['a', 'b', 'message'], 0, 1)).toEqual(['b', 'a', 'message']);
    expect(moved(['a', 'b'], 0, -1)).toBeUndefined();
  });

  it('are fields where only fields will do', () => {
    expect(fieldOf('what', [event({ 'cef.name': 'x' })])).toBe('cef.name');
    expect(fieldOf('what', [])).toBe('event.action');
    expect(fieldOf('user.id', [])).toBe('user.id');
    const fields = fieldsOf(['what', 'user.name', 'who', 'message']);
    expect(fields.slice(0, 4)).toEqual(['event.action', 'cef.name', 'rule.name', 'user.name']);
    expect(fields.filter((field) => field === 'message')).toEqual(['message']);
    expect(fields.at(-1)).toBe('message');
  });
});
